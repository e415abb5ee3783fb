#include "bindings/lua_runner.h"

#include "bindings/guard.h"
#include "bindings/lua_value.h"
#include "bindings/sandbox.h"
#include "bindings/script_call.h"
#include "bindings/with_value.h"
#include "engine/check.h"

namespace drydock::bindings {
namespace {

using execute::BodyCall;
using execute::ProbeAnswer;

constexpr std::size_t kMaxCompiledModules = 64;

const char* function_name(BodyCall::Part part) {
    switch (part) {
        case BodyCall::Part::Run: return "run";
        case BodyCall::Part::Probe: return "probe";
        case BodyCall::Part::Undo: return "undo";
    }
    return "run";
}

Host host_for(const BodyCall& call, execute::StepContext& context, const RunnerLimits& limits) {
    Host host;
    host.memory_limit = limits.step_memory_bytes;
    host.clock = &context.clock();
    host.secrets = true;
    if (call.lua != nullptr) {
        host.body_path = call.file;
        host.body_line_offset = static_cast<int>(call.lua->place.line) - 1;
    } else {
        host.module_path =
            call.module->path == "(shipped)" ? call.module->name + ".lua" : call.module->path;
    }
    if (call.part != BodyCall::Part::Run) {
        host.output = &call.output;
        host.recorded = &call.recorded;
    }
    return host;
}

// Pushes the function of the action, by running its module without any primitive.
void push_action(lua_State* state, const BodyCall& call, const std::string& compiled) {
    const int loaded = luaL_loadbufferx(state, compiled.data(), compiled.size(), kModuleChunk, "b");
    if (loaded != LUA_OK) throw error_at(state, -1, false);
    lua_call(state, 0, 1);
    if (lua_type(state, -1) == LUA_TTABLE) lua_getfield(state, -1, call.action->name.c_str());
    if (lua_type(state, -1) == LUA_TTABLE) lua_getfield(state, -1, function_name(call.part));
    if (lua_type(state, -1) != LUA_TFUNCTION) {
        throw Error(ErrorCode::Lua,
                    "the module " + call.module->name + " gave no " + function_name(call.part) +
                        " for " + call.action->name + " this time",
                    "a module returns the same actions each time it is loaded");
    }
}

// Runs the body or the action's function; leaves `results` values on top of the stack.
void call_script(lua_State* state, const BodyCall& call, execute::StepContext& context,
                 const std::string* compiled, int results) {
    Host& host = host_of(state);
    int arguments = 0;
    if (call.lua != nullptr) {
        compile(state, call.lua->text, kBodyChunk);
    } else {
        push_action(state, call, *compiled);
        push_with(state, call.with, call.action->params);
        arguments = 1;
        if (call.part == BodyCall::Part::Undo) {
            push_value(state, call.output);
            ++arguments;
        }
        if (call.part != BodyCall::Part::Run) {
            push_value(state, call.recorded.is_null() ? Value(Value::Map{}) : call.recorded);
            ++arguments;
        }
    }
    host.context = &context;
    host.names = &context.names();
    lua_call(state, arguments, results);
}

// What a step returns is a map; `{}` cannot say which it is, so its declaration does.
Value as_output(Value output, const BodyCall& call) {
    const Value empty_list = Value::List{};
    if (output == empty_list) return Value::Map{};
    auto* fields = output.find<Value::Map>();
    if (fields == nullptr || call.action == nullptr) return output;
    for (const auto& [name, declared] : call.action->returns) {
        const auto found = fields->find(name);
        if (found != fields->end() && declared.type == runbook::Type::Map &&
            found->second == empty_list) {
            found->second = Value::Map{};
        }
    }
    return output;
}

Value read_output(lua_State* state, int index, const BodyCall& call) {
    Value output = to_value(state, index, "the output");
    if (output.contains_secret()) {
        throw Error(ErrorCode::Lua, "a secret may not be in the output of a step",
                    "outputs are recorded and shown");
    }
    return as_output(std::move(output), call);
}

ProbeAnswer read_answer(lua_State* state, const BodyCall& call) {
    ProbeAnswer answer;
    const int first = lua_gettop(state) - 1;
    const int type = lua_type(state, first);
    std::string_view word;
    if (type == LUA_TSTRING) word = lua_tostring(state, first);
    if ((type == LUA_TBOOLEAN && lua_toboolean(state, first) != 0) || word == "applied") {
        answer.verdict = ProbeAnswer::Verdict::Applied;
        answer.output = read_output(state, first + 1, call);
    } else if (type == LUA_TBOOLEAN || word == "not_applied") {
        answer.verdict = ProbeAnswer::Verdict::NotApplied;
    } else if (type != LUA_TNIL && word != "unknown") {
        throw Error(ErrorCode::Lua, "a probe answers true, false or nil",
                    "true: it was done; nil: it cannot tell");
    }
    return answer;
}

}  // namespace

std::string_view lua_release() { return LUA_RELEASE; }

LuaRunner::LuaRunner(Clock& clock, RunnerLimits limits) : clock_(clock), limits_(limits) {}

const std::string& LuaRunner::compiled(const std::string& text) {
    const auto found = compiled_.find(text);
    if (found != compiled_.end()) return found->second;
    if (compiled_.size() >= kMaxCompiledModules) compiled_.clear();
    Host host;
    host.mode = Mode::Module;
    std::string bytes;
    run_in_sandbox(host, false, [&](lua_State* state) {
        compile(state, text, kModuleChunk);
        bytes = dump_function(state);
    });
    return compiled_.emplace(text, std::move(bytes)).first->second;
}

Value LuaRunner::run(const BodyCall& call, execute::StepContext& context) {
    CHECK((call.lua != nullptr) != (call.module != nullptr && call.action != nullptr));
    Host host = host_for(call, context, limits_);
    const std::string* bytes = call.lua == nullptr ? &compiled(call.module->text) : nullptr;
    Value output;
    run_in_sandbox(host, call.lua != nullptr, [&](lua_State* state) {
        call_script(state, call, context, bytes, 1);
        output = read_output(state, -1, call);
    });
    return output;
}

ProbeAnswer LuaRunner::probe(const BodyCall& call, execute::StepContext& context) {
    CHECK((call.lua != nullptr) != (call.module != nullptr && call.action != nullptr));
    Host host = host_for(call, context, limits_);
    const std::string* bytes = call.lua == nullptr ? &compiled(call.module->text) : nullptr;
    ProbeAnswer answer;
    run_in_sandbox(host, call.lua != nullptr, [&](lua_State* state) {
        call_script(state, call, context, bytes, 2);
        answer = read_answer(state, call);
    });
    return answer;
}

Value LuaRunner::evaluate(const runbook::Expression& expression, const execute::Names& names,
                          bool secrets) {
    Host host;
    host.mode = Mode::Expression;
    host.memory_limit = limits_.expression_memory_bytes;
    host.bounded = true;
    host.instructions = limits_.expression_instructions;
    host.names = &names;
    host.secrets = secrets;
    host.clock = &clock_;
    host.body_line_offset =
        expression.place.line == 0 ? 0 : static_cast<int>(expression.place.line) - 1;
    Value value;
    run_in_sandbox(host, true, [&](lua_State* state) {
        compile(state, expression_chunk(expression.text), kBodyChunk);
        lua_call(state, 0, 1);
        value = to_value(state, -1, "the value of `" + expression.text + "`");
    });
    return value;
}

}  // namespace drydock::bindings
