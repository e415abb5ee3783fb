#pragma once

#include <cstddef>
#include <cstdint>
#include <lua.hpp>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "bindings/block_pool.h"
#include "engine/clock.h"
#include "engine/error.h"
#include "engine/execute/names.h"
#include "engine/execute/step_context.h"
#include "engine/sql/step_session.h"

namespace drydock::bindings {

// What the Lua of a state is for; decides which globals it sees.
enum class Mode : std::uint8_t { Step = 1, Expression = 2, Module = 4 };

// The instructions that a state may use are spent. Like a stop, no script can catch it.
struct BudgetSpent {};
using Ending = std::variant<std::monostate, execute::Stopped, sql::AlreadyApplied, BudgetSpent>;

// Everything that C++ knows of one Lua state, reached from each C function by host_of(). Lives as
// long as its LuaHandle, on one thread.
struct Host {
    Mode mode = Mode::Step;
    execute::StepContext* context = nullptr;  // null: no primitive may be used
    const execute::Names* names = nullptr;
    Clock* clock = nullptr;
    bool secrets = false;             // whether `secrets` may be named
    const Value* output = nullptr;    // probe and undo: what the step returned
    const Value* recorded = nullptr;  // probe and undo: what once() kept

    std::size_t memory_limit = std::size_t{256} << 20;
    std::int64_t instructions = 0;  // how many are left; only where `bounded`
    bool bounded = false;

    // How texts are called in messages: chunks are compiled under one-byte names, so that their
    // places can be found in any message, however long the path is (see text_with_places).
    std::string body_path;
    int body_line_offset = 0;  // added to a line of the body's text
    std::string module_path;

    // Set once and never taken back: from then on every pcall passes the stop on.
    Ending ending;
    [[nodiscard]] bool ended() const { return ending.index() != 0; }

    // The Lua error that is on its way through C++ frames, so that it arrives as the object that
    // was raised: the object is in the registry under &carried.
    std::optional<std::string> carried;
    std::optional<Error> caught;  // what the guard is about to raise

    // Kept by the allocator and by C++ buffers that a script makes grow.
    std::size_t used = 0;
    std::unique_ptr<BlockPool> pool = std::make_unique<BlockPool>();  // of the allocator
    std::size_t large_since_poll = 0;
    bool machine_is_out = false;  // the limit left room, and the machine had none to give
    lua_State* state = nullptr;

    // Metatables of our userdata, to tell them from any other; null until first used.
    const void* quantity_meta = nullptr;
    const void* secret_meta = nullptr;
    const void* connection_meta = nullptr;

    // Throws Stopped when the attempt must end.
    void check_stop();
    // What takes long in C++ calls it every few ten thousand steps: check_stop(), and a piece of
    // the instructions is spent where they are bounded.
    void poll();
    // Counts bytes that a C++ function went through, and polls after many.
    void worked(std::size_t bytes);
    // Counts bytes that a C++ buffer holds on behalf of the script. Throws Error{Lua} above the
    // limit.
    void charge(std::size_t bytes);
    void release(std::size_t bytes) noexcept { used -= bytes; }
};

[[nodiscard]] inline Host& host_of(lua_State* state) {
    return **static_cast<Host**>(lua_getextraspace(state));
}
// The context, or Error{Lua} where primitives may not be used (expressions, top level of a module).
[[nodiscard]] execute::StepContext& context_of(lua_State* state);

inline constexpr const char* kBodyChunk = "=\x01";
inline constexpr const char* kModuleChunk = "=\x02";
// `text` with the places in it as people know them: "\x01:3:" becomes "weekly.yaml:17:".
[[nodiscard]] std::string text_with_places(const Host& host, std::string_view text);

// A Lua state with nothing in it: allocator with a limit, count hook, no library. `host` must
// outlive it. Throws std::bad_alloc.
class LuaHandle final {
  public:
    explicit LuaHandle(Host& host);
    [[nodiscard]] lua_State* get() const { return state_.get(); }

  private:
    struct Close {
        void operator()(lua_State* state) const { lua_close(state); }
    };
    std::unique_ptr<lua_State, Close> state_;
};

}  // namespace drydock::bindings
