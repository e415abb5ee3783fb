#pragma once

#include <lua.hpp>
#include <span>
#include <string>
#include <string_view>

#include "bindings/guard.h"
#include "bindings/lua_handle.h"
#include "bindings/lua_value.h"
#include "bindings/quantity.h"
#include "bindings/secret_box.h"
#include "bindings/text_builder.h"

// What steps see, library by library: one file api_<library>.cpp each, with a table of its
// functions, and one list of all (api.cpp). A library's functions take their arguments from the
// stack, call StepContext and push the answer; they decide nothing. Every one of them is registered
// as guarded<F>, so it may throw drydock::Error.
//
//   int fs_read(lua_State* state) {                          // fs.read(path)
//       execute::StepContext& context = reading(state, "fs.read");
//       push_text(state, context.files().read(text_argument(state, 1, "path")));
//       return 1;
//   }
namespace drydock::bindings {

// A global name: in which states it is seen, and the guarded function that pushes its value when a
// script first uses it (a state costs nothing for what its script does not name).
struct Global {
    std::string_view name;
    int modes = 0;  // of Mode, or-ed
    lua_CFunction open = nullptr;
    bool keep = true;  // false: pushed anew at each use
};
// All globals, sorted by name.
[[nodiscard]] std::span<const Global> all_globals();

inline constexpr int kEverywhere = static_cast<int>(Mode::Step) |
                                   static_cast<int>(Mode::Expression) |
                                   static_cast<int>(Mode::Module);
// Steps, and modules, whose functions are run later in steps.
inline constexpr int kInSteps = static_cast<int>(Mode::Step) | static_cast<int>(Mode::Module);

// The libraries. Each pushes its table or function.
int open_backup(lua_State* state);
int open_check(lua_State* state);
int open_command(lua_State* state);
int open_connections(lua_State* state);
int open_crypto(lua_State* state);
int open_duration(lua_State* state);
int open_fail(lua_State* state);
int open_fs(lua_State* state);
int open_http(lua_State* state);
int open_json(lua_State* state);
int open_log(lua_State* state);
int open_migrate(lua_State* state);
int open_null(lua_State* state);
int open_once(lua_State* state);
int open_print(lua_State* state);
int open_progress(lua_State* state);
int open_schema(lua_State* state);
int open_size(lua_State* state);
int open_time(lua_State* state);
// Names of the run (api_names.cpp).
int open_index(lua_State* state);
int open_item(lua_State* state);
int open_output(lua_State* state);
int open_params(lua_State* state);
int open_recorded(lua_State* state);
int open_run(lua_State* state);
int open_secrets(lua_State* state);
int open_steps(lua_State* state);

// Registers `functions` (ended by {nullptr, nullptr}) in a new table and leaves it on the stack.
void push_library(lua_State* state, const luaL_Reg* functions);

// The context, after StepContext::allow_read(primitive).
[[nodiscard]] execute::StepContext& reading(lua_State* state, std::string_view primitive);

// Arguments. `name` is for messages ("path"); all throw Error{Lua} for a wrong type.
[[nodiscard]] std::string text_argument(lua_State* state, int index, std::string_view name);
[[nodiscard]] std::int64_t integer_argument(lua_State* state, int index, std::string_view name);
// A text, or a secret with its text revealed: only for places on the list of where secrets may go.
struct RevealedText {
    std::string text = {};
    bool secret = false;
    std::string secret_name = {};
};
[[nodiscard]] RevealedText revealed_argument(lua_State* state, int index, std::string_view name);
// The same value with the text of its secrets; the name of the first in `name`, if asked for.
[[nodiscard]] Value revealed(const Value& value, std::string* name = nullptr);
// A duration, a size or a timestamp; a number (seconds, bytes) or a text ("50ms", "1GiB") is read
// as one.
[[nodiscard]] Duration duration_argument(lua_State* state, int index, std::string_view name);
[[nodiscard]] Size size_argument(lua_State* state, int index, std::string_view name);
[[nodiscard]] Timestamp timestamp_argument(lua_State* state, int index, std::string_view name);

// The fields of an options table at `table`, taken one by one; finish() refuses what nobody took,
// with the nearest known name.
class Options final {
  public:
    // `call` is for messages: "command". A missing table (nil) has no fields.
    Options(lua_State* state, int table, std::string_view call);

    // Pushes the field; false and nothing pushed when it is absent.
    bool push(std::string_view field);
    [[nodiscard]] std::string text(std::string_view field, std::string_view otherwise);
    [[nodiscard]] std::int64_t integer(std::string_view field, std::int64_t otherwise);
    [[nodiscard]] bool boolean(std::string_view field, bool otherwise);
    // Refuses unknown text keys; list items are left to the caller.
    void finish();
    [[nodiscard]] lua_State* state() const { return state_; }

  private:
    lua_State* state_;
    int table_;
    std::string call_;
    std::vector<std::string> known_;
};

}  // namespace drydock::bindings
