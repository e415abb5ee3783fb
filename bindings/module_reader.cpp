#include "bindings/module_reader.h"

#include <algorithm>
#include <charconv>

#include "bindings/api.h"
#include "bindings/sandbox.h"
#include "bindings/script_call.h"
#include "engine/runbook/declaration.h"
#include "engine/runbook/diagnostic.h"

namespace drydock::bindings {
namespace {

using runbook::Action;
using runbook::ScriptProblem;

constexpr std::int64_t kInstructions = 1'000'000;
constexpr std::size_t kMemory = std::size_t{64} << 20;

// Reads one action from the table on top of the stack.
class ActionReader final {
  public:
    ActionReader(lua_State* state, std::string name, std::vector<ScriptProblem>& problems)
        : state_(state), table_(lua_gettop(state)), problems_(problems) {
        action_.name = std::move(name);
    }

    Action read() {
        if (lua_type(state_, table_) != LUA_TTABLE) {
            add("action " + action_.name + " must be a table",
                "name = {params = {…}, effect = …, run = function(with) … end}");
            return action_;
        }
        find_line();
        if (!has_function("run"))
            add("action " + action_.name + " has no `run`", "run = function(with) … end");
        action_.has_probe = has_function("probe");
        action_.has_undo = has_function("undo");
        action_.summary = text("summary");
        action_.params = declarations("params", runbook::DeclarationUse::ActionParam);
        action_.returns = declarations("returns", runbook::DeclarationUse::Result);
        read_effect();
        read_needs();
        refuse_unknown_keys();
        return action_;
    }

  private:
    void add(std::string message, std::string hint = {}) {
        problems_.push_back({std::move(message), line_, std::move(hint)});
    }

    // The line of the action is where its `run` begins; no other is known once the file has run.
    void find_line() {
        if (push("run") && lua_isfunction(state_, -1)) {
            lua_Debug where{};
            lua_pushvalue(state_, -1);
            lua_getinfo(state_, ">S", &where);
            line_ = where.linedefined;
        }
        lua_settop(state_, table_);
    }

    // Pushes the field, nil when it is absent.
    bool push(const char* key) {
        known_.emplace_back(key);
        lua_pushstring(state_, key);
        return lua_rawget(state_, table_) != LUA_TNIL;
    }

    bool has_function(const char* key) {
        const bool there = push(key);
        if (there && !lua_isfunction(state_, -1))
            add("`" + std::string(key) + "` of " + action_.name + " must be a function");
        lua_settop(state_, table_);
        return there;
    }

    std::string text(const char* key) {
        std::string found;
        if (push(key)) {
            if (lua_type(state_, -1) == LUA_TSTRING) {
                found = text_argument(state_, -1, key);
            } else {
                add("`" + std::string(key) + "` of " + action_.name + " must be a text");
            }
        }
        lua_settop(state_, table_);
        return found;
    }

    // `{}` is an empty list to Lua; where a map is declared it means the empty map.
    static void make_maps(Value& value, bool is_map) {
        if (is_map && value == Value(Value::List{})) value = Value::Map{};
        auto* members = value.find<Value::Map>();
        if (members == nullptr) return;
        const Value* type = value.member("type");
        const bool declares_map = type != nullptr && *type == Value("map");
        for (auto& [key, member] : *members) {
            make_maps(member, key == "fields" || (key == "default" && declares_map));
        }
    }

    runbook::Declarations declarations(const char* key, runbook::DeclarationUse use) {
        runbook::Declarations found;
        const std::string what = std::string(key) + " of " + action_.name;
        if (push(key)) {
            Value value = to_value(state_, -1, what);
            make_maps(value, true);
            auto read = runbook::declarations_from_value(value, what, use);
            if (auto* good = std::get_if<runbook::Declarations>(&read)) {
                found = std::move(*good);
            } else {
                for (ScriptProblem& problem : std::get<std::vector<ScriptProblem>>(read)) {
                    if (problem.line == 0) problem.line = line_;
                    problems_.push_back(std::move(problem));
                }
            }
        }
        lua_settop(state_, table_);
        return found;
    }

    void read_effect() {
        const std::string effect = text("effect");
        if (effect == "read") {
            action_.effect = runbook::Effect::Read;
        } else if (effect == "transaction") {
            action_.effect = runbook::Effect::Transaction;
        } else if (effect == "unsafe") {
            action_.effect = runbook::Effect::Unsafe;
        } else {
            add(effect.empty() ? "action " + action_.name + " has no `effect`"
                               : "`effect` of " + action_.name + " is no `" + effect + "`",
                "it is \"read\", \"transaction\" or \"unsafe\"");
        }
        action_.idempotent = flag("idempotent");
        action_.undo_idempotent = flag("undo_idempotent") || action_.idempotent;
        if (action_.undo_idempotent && !action_.idempotent && !action_.has_undo)
            add("action " + action_.name + " has no undo that could be idempotent");
    }

    bool flag(const char* key) {
        if (push(key) && lua_type(state_, -1) != LUA_TBOOLEAN)
            add("`" + std::string(key) + "` of " + action_.name + " must be true or false");
        const bool set = lua_toboolean(state_, -1) != 0;
        lua_settop(state_, table_);
        return set;
    }

    void read_needs() {
        if (push("needs")) {
            const Value needs = to_value(state_, -1, "needs of " + action_.name);
            if (const Value* postgres = needs.member("postgres"))
                action_.needs_postgres = to_text(*postgres);
            if (const Value* commands = needs.member("commands")) {
                const auto* list = commands->find<Value::List>();
                if (list == nullptr)
                    add("`needs.commands` of " + action_.name + " must be a list of programs");
                for (const Value& command : list == nullptr ? Value::List{} : *list) {
                    action_.needs_commands.push_back(to_text(command));
                }
            }
        }
        lua_settop(state_, table_);
    }

    void refuse_unknown_keys() {
        lua_pushnil(state_);
        while (lua_next(state_, table_) != 0) {
            lua_pop(state_, 1);
            const std::string key =
                lua_type(state_, -1) == LUA_TSTRING ? lua_tostring(state_, -1) : "1";
            if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
            const std::string near = runbook::did_you_mean(key, known_);
            add("action " + action_.name + " has an unknown key `" + key + "`",
                near.empty() ? "it takes summary, params, returns, needs, effect, idempotent, run, "
                               "probe, undo, undo_idempotent"
                             : "did you mean `" + near + "`?");
        }
        lua_settop(state_, table_);
    }

    lua_State* state_;
    int table_;
    std::vector<ScriptProblem>& problems_;
    Action action_;
    int line_ = 0;
    std::vector<std::string> known_;
};

bool is_action_name(std::string_view name) {
    return !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
               std::string_view::npos;
}

// Reads all actions of the table on top of the stack.
void read_actions(lua_State* state, runbook::Module& module, std::vector<ScriptProblem>& problems) {
    const int table = lua_gettop(state);
    if (lua_type(state, table) != LUA_TTABLE) {
        problems.push_back({"a module returns a table of its actions", 0,
                            "return {name = {run = function(with) … end}}"});
        return;
    }
    lua_pushnil(state);
    while (lua_next(state, table) != 0) {
        const std::string name = lua_type(state, -2) == LUA_TSTRING ? lua_tostring(state, -2) : "";
        if (is_action_name(name)) {
            module.actions.emplace(name, ActionReader(state, name, problems).read());
        } else {
            problems.push_back(
                {"`" + name + "` is no name of an action", 0, "small letters, digits and _"});
        }
        lua_settop(state, table + 1);
    }
    if (module.actions.empty() && problems.empty()) {
        problems.push_back(
            {"the module returns no action", 0, "return {name = {run = function(with) … end}}"});
    }
}

}  // namespace

ScriptProblem problem_of(const Error& error) {
    ScriptProblem problem{error.message(), 0, error.hint()};
    constexpr std::string_view kLine = "line ";
    const std::string_view text = error.message();
    if (!text.starts_with(kLine)) return problem;
    const char* begin = text.data() + kLine.size();
    const auto [end, failed] = std::from_chars(begin, text.data() + text.size(), problem.line);
    if (failed != std::errc{} ||
        !std::string_view(end, text.data() + text.size()).starts_with(": "))
        return problem;
    problem.message = std::string(end + 2, text.data() + text.size());
    return problem;
}

std::variant<runbook::Module, std::vector<ScriptProblem>> read_module(std::string_view name,
                                                                      std::string_view text) {
    Host host;
    host.mode = Mode::Module;
    host.memory_limit = kMemory;
    host.bounded = true;
    host.instructions = kInstructions;
    host.clock = &system_clock();
    runbook::Module module;
    module.name = name;
    module.text = text;
    std::vector<ScriptProblem> problems;
    try {
        run_in_sandbox(host, false, [&](lua_State* state) {
            compile(state, text, kModuleChunk);
            lua_call(state, 0, 1);
            read_actions(state, module, problems);
        });
    } catch (const Error& error) {
        problems.push_back(problem_of(error));
    }
    if (!problems.empty()) return problems;
    return module;
}

}  // namespace drydock::bindings
