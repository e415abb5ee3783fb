#include <algorithm>

#include "bindings/api.h"
#include "bindings/connection_object.h"

// command{program, argument, …, cwd =, env =, input =, login =, expect =, reads =}: a program,
// never a shell.
namespace drydock::bindings {
namespace {

// What a program receives ends at its first zero byte: the rest would be lost without a word.
std::string for_program(std::string text, const std::string& name) {
    if (text.find('\0') != std::string::npos)
        throw Error(ErrorCode::Lua, "command: " + name + " holds a zero byte");
    return text;
}

std::vector<std::string> argv_of(lua_State* state, int table) {
    std::vector<std::string> argv;
    for (lua_Integer i = 1; lua_rawgeti(state, table, i) != LUA_TNIL; ++i) {
        if (view_secret(state, -1)) {
            throw Error(ErrorCode::Lua, "a secret may not be an argument of a program",
                        "every user of the machine sees arguments; give it as env or input");
        }
        const std::string name = "argument " + std::to_string(i);
        argv.push_back(for_program(text_argument(state, -1, name + " of command"), name));
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
        if (name.empty() || name.find('=') != std::string::npos)
            throw Error(ErrorCode::Lua, "command: env has a name that is empty or holds a =");
        const std::string called = "env." + for_program(name, "the name of a variable");
        const auto* secret = content.find<Secret>();
        std::string text = for_program(secret != nullptr ? secret->reveal() : to_text(content),
                                       called);
        request.environment.emplace_back(name, secret != nullptr ? content : Value(text));
    }
}

void read_input(Options& options, lua_State* state, execute::CommandRequest& request) {
    if (!options.push("input")) return;
    const RevealedText input = revealed_argument(state, -1, "command: input");
    lua_pop(state, 1);
    request.input = input.secret ? Value(Secret(input.secret_name, input.text)) : Value(input.text);
}

void read_login(Options& options, lua_State* state, execute::CommandRequest& request) {
    if (!options.push("login")) return;
    request.login = is_connection(state, -1) ? connection_name(state, -1)
                                             : text_argument(state, -1, "command: login");
    lua_pop(state, 1);
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
    read_login(options, state, request);
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
