#include "bindings/script_call.h"

#include "bindings/guard.h"
#include "bindings/sandbox.h"

namespace drydock::bindings {
namespace {

int do_work(lua_State* state) {
    const auto& work =
        *static_cast<const std::function<void(lua_State*)>*>(lua_touserdata(state, 1));
    lua_settop(state, 0);
    install_sandbox(state);
    work(state);
    return 0;
}

int append_piece(lua_State*, const void* bytes, std::size_t size, void* out) {
    static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), size);
    return 0;
}

}  // namespace

void run_in_sandbox(Host& host, bool place_always, const std::function<void(lua_State*)>& work) {
    const LuaHandle handle(host);
    lua_State* state = handle.get();
    // Neither of the two pushes can fail: they take no memory.
    lua_pushcfunction(state, guarded<do_work>);
    lua_pushlightuserdata(state, const_cast<std::function<void(lua_State*)>*>(&work));
    if (lua_pcall(state, 1, 0, 0) == LUA_OK) return;
    if (host.ended()) throw_ending(state);
    Error error = error_at(state, -1, false);
    if (place_always || error.code() == ErrorCode::Lua) error = error_at(state, -1, true);
    throw error;
}

std::string expression_chunk(std::string_view expression) {
    // A line break ends a comment at the end of the expression. Only where there may be one: the
    // last operation would count as of the line of the bracket.
    const bool comment = expression.find("--") != std::string_view::npos;
    return "return (" + std::string(expression) + (comment ? "\n)" : ")");
}

std::string dump_function(lua_State* state) {
    std::string dump;
    lua_dump(state, append_piece, &dump, 0);
    return dump;
}

}  // namespace drydock::bindings
