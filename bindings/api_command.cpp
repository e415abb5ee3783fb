#include <algorithm>

#include "bindings/api.h"

// command{program, argument, …, cwd =, env =, input =, expect =, reads =}: a program, never a
// shell.
namespace drydock::bindings {
namespace {

std::vector<std::string> argv_of(lua_State* state, int table) {
    std::vector<std::string> argv;
    for (lua_Integer i = 1; lua_rawgeti(state, table, i) != LUA_TNIL; ++i) {
        if (view_secret(state, -1)) {
            throw Error(ErrorCode::Lua, "a secret may not be an argument of a program",
                        "every user of the machine sees arguments; give it as env or input");
        }
        argv.push_back(text_argument(state, -1, "argument " + std::to_string(i) + " of command"));
        lua_pop(state, 1);
    }
    lua_pop(state, 1);
    if (argv.empty())
        throw Error(ErrorCode::Lua, "command needs a program", "command{\"make\", \"test\"}");
    return argv;
}

void read_environment(Options& options, lua_State* state, execute::CommandRequest& request) {
    if (!options.push("env")) return;
    const Value value = to_value(state, lua_gettop(state), "command: env");
    lua_pop(state, 1);
    const auto* variables = value.find<Value::Map>();
    const auto* none = value.find<Value::List>();
    if (variables == nullptr && (none == nullptr || !none->empty())) {
        throw Error(ErrorCode::Lua, "command: env must be a table of names");
    }
    if (variables == nullptr) return;
    for (const auto& [name, content] : *variables) {
        if (content.holds<Value::List>() || content.holds<Value::Map>()) {
            throw Error(ErrorCode::Lua, "command: env." + name + " must be a text");
        }
        request.environment.emplace_back(
            name, content.holds<Secret>() ? content : Value(to_text(content)));
    }
}

void read_input(Options& options, lua_State* state, execute::CommandRequest& request) {
    if (!options.push("input")) return;
    const RevealedText input = revealed_argument(state, -1, "command: input");
    lua_pop(state, 1);
    request.input = input.secret ? Value(Secret(input.secret_name, input.text)) : Value(input.text);
}

void read_expect(Options& options, lua_State* state, execute::CommandRequest& request) {
    if (!options.push("expect")) return;
    const bool any =
        lua_type(state, -1) == LUA_TSTRING && std::string_view(lua_tostring(state, -1)) == "any";
    if (any) {
        request.any_exit = true;
    } else {
        request.expect = integer_argument(state, -1, "command: expect");
    }
    lua_pop(state, 1);
}

int command(lua_State* state) {
    luaL_checktype(state, 1, LUA_TTABLE);
    lua_settop(state, 1);
    execute::StepContext& context = context_of(state);
    execute::CommandRequest request;
    request.argv = argv_of(state, 1);
    Options options(state, 1, "command");
    request.directory = options.text("cwd", "");
    request.reads = options.boolean("reads", false);
    read_environment(options, state, request);
    read_input(options, state, request);
    read_expect(options, state, request);
    options.finish();
    const execute::CommandAnswer answer = context.command(request);
    lua_createtable(state, 0, 3);
    lua_pushinteger(state, answer.exit);
    lua_setfield(state, -2, "exit");
    push_text(state, answer.output);
    lua_setfield(state, -2, "output");
    push_text(state, answer.error);
    lua_setfield(state, -2, "error");
    return 1;
}

}  // namespace

int open_command(lua_State* state) {
    lua_pushcfunction(state, guarded<command>);
    return 1;
}

}  // namespace drydock::bindings
