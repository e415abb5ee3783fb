#include "bindings/lua_handle.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <new>

#include "bindings/guard.h"
#include "engine/check.h"

namespace drydock::bindings {
namespace {

// Every so many instructions the hook looks whether the attempt must end. From 100 up the price of
// a count hook does not depend on the count.
constexpr int kHookInterval = 1000;
// One instruction may call a stock function that walks through a whole text (utf8.len, a
// comparison, a number that begins with blanks): while a state holds texts or tables that large,
// the hook looks after a few instructions already.
constexpr std::size_t kMuchMemory = 8 << 20;
constexpr int kNarrowHookInterval = 20;
// A loop that makes one large string after another does little in instructions and much in time:
// after so many bytes in large blocks the next instruction polls.
constexpr std::size_t kLargeBlock = 64 << 10;
constexpr std::size_t kLargePerPoll = 32 << 20;
// What one poll() of C++ code costs where instructions are bounded.
constexpr std::int64_t kInstructionsPerPoll = 100;

void on_count(lua_State* state, lua_Debug*);

bool has_room(const Host& host, std::size_t bytes) {
    return bytes <= host.memory_limit - std::min(host.used, host.memory_limit);
}

void count_used(Host& host, std::size_t bytes) {
    const bool was_much = host.used > kMuchMemory;
    host.used += bytes;
    const bool now_much = !was_much && host.used > kMuchMemory;
    if (now_much && host.state != nullptr) lua_sethook(host.state, on_count, LUA_MASKCOUNT, 1);
}

bool is_small(std::size_t bytes) { return bytes <= BlockPool::kLargest; }

void* take(Host& host, std::size_t bytes) {
    if (is_small(bytes)) {
        if (void* block = host.pool->take(bytes); block != nullptr) return block;
        if (!has_room(host, BlockPool::kPage)) return nullptr;
        if (!host.pool->grow(bytes)) {
            host.machine_is_out = true;
            return nullptr;
        }
        count_used(host, BlockPool::kPage);
        return host.pool->take(bytes);
    }
    if (!has_room(host, bytes)) return nullptr;
    void* block = std::malloc(bytes);
    host.machine_is_out |= block == nullptr;
    if (block != nullptr) count_used(host, bytes);
    return block;
}

void give(Host& host, void* block, std::size_t bytes) {
    if (is_small(bytes)) {
        if (host.pool->give(block)) host.used -= BlockPool::kPage;
        return;
    }
    std::free(block);
    host.used -= bytes;
}

void* resize_large(Host& host, void* block, std::size_t old_size, std::size_t new_size) {
    if (new_size > old_size && !has_room(host, new_size - old_size)) return nullptr;
    void* fresh = std::realloc(block, new_size);
    if (fresh == nullptr) {
        host.machine_is_out = true;
        return nullptr;
    }
    host.used -= old_size;
    count_used(host, new_size);
    return fresh;
}

void* resize(Host& host, void* block, std::size_t old_size, std::size_t new_size) {
    const bool small = is_small(old_size) && is_small(new_size);
    if (small && BlockPool::alike(old_size, new_size)) return block;
    if (!is_small(old_size) && !is_small(new_size))
        return resize_large(host, block, old_size, new_size);
    void* fresh = take(host, new_size);
    if (fresh == nullptr) return nullptr;
    std::memcpy(fresh, block, std::min(old_size, new_size));
    give(host, block, old_size);
    return fresh;
}

// lua_Alloc. Without a block `old_size` says what it shall be for.
void* allocate(void* user, void* block, std::size_t old_size, std::size_t new_size) {
    Host& host = *static_cast<Host*>(user);
    if (new_size == 0) {
        if (block != nullptr) give(host, block, old_size);
        return nullptr;
    }
    void* fresh =
        block == nullptr ? take(host, new_size) : resize(host, block, old_size, new_size);
    if (fresh != nullptr && new_size >= kLargeBlock) {
        host.large_since_poll += new_size;
        // Setting a hook is the one thing that Lua allows at any moment, even from a signal.
        if (host.large_since_poll >= kLargePerPoll && host.state != nullptr) {
            lua_sethook(host.state, on_count, LUA_MASKCOUNT, 1);
        }
    }
    return fresh;
}

int check_and_count(lua_State* state) {
    Host& host = host_of(state);
    host.check_stop();
    if (host.bounded) {
        host.instructions -= lua_gethookcount(state);
        if (host.instructions < 0) host.ending = BudgetSpent{};
    }
    return 0;
}

void on_count(lua_State* state, lua_Debug*) {
    Host& host = host_of(state);
    host.large_since_poll = 0;
    if (!host.ended()) run_guarded(state, check_and_count);
    if (host.ended()) {
        // Count 1: a loop around pcall gets no further than its next instruction.
        lua_sethook(state, on_count, LUA_MASKCOUNT, 1);
        raise_ending(state);
    }
    const int interval = host.used > kMuchMemory ? kNarrowHookInterval : kHookInterval;
    if (lua_gethookcount(state) != interval) lua_sethook(state, on_count, LUA_MASKCOUNT, interval);
}

int on_panic(lua_State*) {
    CHECK(!"a Lua error outside of a protected call");
    return 0;
}

}  // namespace

void Host::check_stop() {
    if (context == nullptr) return;
    context->check_stop();
    if (context->clock().boot() >= context->deadline()) {
        throw execute::Stopped{StopReason::Deadline};
    }
}

void Host::poll() {
    check_stop();
    if (!bounded) return;
    instructions -= kInstructionsPerPoll;
    if (instructions < 0) {
        ending = BudgetSpent{};
        throw_ending(state);
    }
}

void Host::worked(std::size_t bytes) {
    large_since_poll += bytes;
    if (large_since_poll < kLargePerPoll) return;
    large_since_poll = 0;
    poll();
}

void Host::charge(std::size_t bytes) {
    if (used + bytes > memory_limit) {
        throw Error(ErrorCode::Lua, "not enough memory",
                    "a step may use " + to_text(Size{static_cast<std::int64_t>(memory_limit)}) +
                        "; work in smaller pieces");
    }
    used += bytes;
}

execute::StepContext& context_of(lua_State* state) {
    const Host& host = host_of(state);
    if (host.context == nullptr) {
        throw Error(ErrorCode::Lua, "nothing may be done here",
                    host.mode == Mode::Expression ? "expressions only read; do this in a step"
                                                  : "do this inside the function of an action");
    }
    return *host.context;
}

// A text that has no path yet is counted by "line 3".
std::string text_with_places(const Host& host, std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const char mark = text[at];
        std::size_t end = at + 2;
        while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) != 0) ++end;
        const bool place = (mark == kBodyChunk[1] || mark == kModuleChunk[1]) &&
                           at + 1 < text.size() && text[at + 1] == ':' && end > at + 2 &&
                           end < text.size() && end < at + 12;
        if (!place) {
            out += mark;
            ++at;
            continue;
        }
        const bool body = mark == kBodyChunk[1];
        const long line =
            std::strtol(std::string(text.substr(at + 2, end - at - 2)).c_str(), nullptr, 10);
        const std::string& path = body ? host.body_path : host.module_path;
        out += path.empty() ? "line " : path + ":";
        out += std::to_string(line + (body ? host.body_line_offset : 0));
        at = end;
    }
    return out;
}

LuaHandle::LuaHandle(Host& host) : state_(lua_newstate(allocate, &host)) {
    if (state_ == nullptr) throw std::bad_alloc();
    host.state = state_.get();
    *static_cast<Host**>(lua_getextraspace(host.state)) = &host;
    lua_atpanic(host.state, on_panic);
    lua_sethook(host.state, on_count, LUA_MASKCOUNT, kHookInterval);
}

}  // namespace drydock::bindings
