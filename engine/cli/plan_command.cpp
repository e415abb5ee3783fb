#include <algorithm>
#include <set>

#include "engine/cli/commands.h"
#include "engine/cli/console.h"
#include "engine/cli/find_runbook.h"
#include "engine/cli/no_observer.h"
#include "engine/execute/param_names.h"
#include "engine/cli/step_words.h"
#include "engine/cli/text.h"
#include "engine/plan/plan.h"
#include "engine/runbook/effect.h"

namespace drydock::cli {
namespace {

// One step as the plan shows it.
struct PlannedStep {
    std::size_t number = 0;
    const runbook::Step* step = nullptr;
    bool finally = false;
    std::string what, changes, if_killed, undo, why;
};

// Looks at each step for what can be told before anything runs.
class Planner final {
  public:
    Planner(Assembly& assembly, const execute::StartOptions& options,
            const execute::Preview& preview)
        : assembly_(assembly),
          bundle_(options.bundle),
          params_(options.params),
          preview_(preview),
          plan_(options.bundle) {}

    std::vector<PlannedStep> steps() {
        std::vector<PlannedStep> planned;
        std::size_t number = 0;
        for (const runbook::Step& step : bundle_.runbook.steps)
            planned.push_back(look_at(step, ++number, false));
        for (const runbook::Step& step : bundle_.runbook.finally)
            planned.push_back(look_at(step, ++number, true));
        return planned;
    }

  private:
    PlannedStep look_at(const runbook::Step& step, std::size_t number, bool finally) {
        PlannedStep planned;
        planned.number = number;
        planned.step = &step;
        planned.finally = finally;
        planned.what = deed_of(step, params_);
        if (step.foreach) planned.what += " (for each of " + words_of(*step.foreach, params_) + ")";
        const runbook::Effect effect = preview_.effects.at(step.id);
        planned.changes = changes(step, effect);
        planned.if_killed = if_killed(step, effect);
        planned.undo = effect == runbook::Effect::Read || !plan_.has_undo(step) ? "–" : "yes";
        planned.why = why(step, finally);
        return planned;
    }

    std::string changes(const runbook::Step& step, runbook::Effect effect) {
        if (effect == runbook::Effect::Read) return "–";
        std::set<std::string> names;
        if (const auto* call = std::get_if<runbook::ActionCall>(&step.body)) {
            for (const auto& [name, node] : call->with) {
                const auto* scalar = std::get_if<runbook::Node::Scalar>(&node.held);
                if (scalar != nullptr && is_connection(scalar->text)) names.insert(scalar->text);
            }
        }
        bool outside = effect == runbook::Effect::Unsafe && names.empty();
        if (const auto* lua = std::get_if<runbook::LuaBody>(&step.body))
            outside = lua_changes(*lua, names);
        std::string text;
        for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
        if (outside) text += text.empty() ? "outside" : " outside";
        return text.empty() ? "outside" : text;
    }

    // Whether it can change anything besides connections, whose names go to `names`.
    bool lua_changes(const runbook::LuaBody& lua, std::set<std::string>& names) {
        const auto facts = assembly_.inspector().chunk(lua.text);
        const auto* known = std::get_if<runbook::ScriptFacts>(&facts);
        if (known == nullptr) return true;
        bool outside = false;
        for (const runbook::WritingName& writing :
             runbook::writing_names(*known, bundle_.runbook)) {
            const auto& path = writing.name.path;
            if (path.size() > 1 && path[0] == "connections" && is_connection(path[1]))
                names.insert(path[1]);
            else outside = true;
        }
        return outside;
    }

    [[nodiscard]] bool is_connection(std::string_view name) const {
        return std::ranges::any_of(bundle_.runbook.connections,
                                   [&](const auto& one) { return one.first == name; });
    }

    [[nodiscard]] std::string if_killed(const runbook::Step& step, runbook::Effect effect) const {
        if (std::holds_alternative<runbook::Gate>(step.body) ||
            std::holds_alternative<runbook::Wait>(step.body))
            return "waits on";
        if (effect == runbook::Effect::Read) return "again";
        if (effect == runbook::Effect::Transaction) return "receipt";
        const auto* call = std::get_if<runbook::ActionCall>(&step.body);
        const runbook::Action* action =
            call == nullptr ? nullptr : bundle_.find_action(call->action);
        if (step.idempotent || (action != nullptr && action->idempotent)) return "again";
        if (step.probe || (action != nullptr && action->has_probe)) return "probe";
        return "asks";
    }

    [[nodiscard]] std::string why(const runbook::Step& step, bool finally) const {
        if (!step.when) return finally ? "always, however the run ends" : "it has no when:";
        const std::string& text = step.when->text;
        const bool later = std::ranges::any_of(
            std::vector<std::string_view>{"steps", "run.", "item", "index"},
            [&](std::string_view name) { return text.find(name) != std::string::npos; });
        if (later) return "decided when it comes: " + text;
        try {
            const Value holds = assembly_.runner().evaluate(
                *step.when, execute::ParamNames(params_.as<Value::Map>()), false);
            return (holds == Value(true)    ? "true now: "
                    : holds == Value(false) ? "skipped, false now: "
                                            : "wrong, neither true nor false: ") +
                   text;
        } catch (const Error& error) {
            return "cannot be told: " + error.message();
        }
    }

    Assembly& assembly_;
    const runbook::Bundle& bundle_;
    const Value& params_;
    const execute::Preview& preview_;
    plan::Plan plan_;
};

void print(Output& output, const execute::StartOptions& options, const execute::Preview& preview,
           const std::vector<PlannedStep>& steps, bool explain) {
    std::string head = "plan " + output.styled(Style::Bold, preview.digest.substr(0, 12)) + "…  " +
                       options.bundle.runbook.name;
    if (!options.settings.environment.empty()) head += "  " + options.settings.environment;
    output.line(head);
    for (const auto& [name, value] : options.params.as<Value::Map>())
        output.line("  param   " + name + " = " + fitted(to_text(value), 200));
    for (const std::string& target : preview.targets) output.line("  target  " + target);
    for (const std::string& lock : preview.locks) output.line("  lock    " + lock);
    for (const std::string& remark : preview.remarks) output.line("  note    " + remark);
    if (options.settings.window) {
        const runbook::Window& window = *options.settings.window;
        output.line("  window  opens " + window.opens + ", lasts " +
                    words_of(window.lasts, options.params) + ", " + window.timezone);
    }
    Table table{
        .head = {"#", "step", "what", "changes", "if killed", "undo"}, .rows = {}, .flexible = 2};
    for (const PlannedStep& step : steps) {
        table.rows.push_back({std::to_string(step.number) + (step.finally ? "f" : ""),
                              step.step->id, step.what, step.changes, step.if_killed, step.undo});
    }
    const std::vector<std::string> lines = lines_of(table, output.width());
    output.line(output.styled(Style::Dim, lines.front()));
    for (std::size_t i = 0; i < steps.size(); ++i) {
        output.line(lines[i + 1]);
        if (explain)
            output.line(
                output.styled(Style::Dim, "     " + fitted(steps[i].why, output.width() - 5)));
    }
    output.line("full digest, for --require-plan:");
    output.line("  " + preview.digest);
}

void print_json(Output& output, const execute::StartOptions& options,
                const execute::Preview& preview, const std::vector<PlannedStep>& steps) {
    Value::List list;
    for (const PlannedStep& step : steps) {
        list.emplace_back(
            Value::Map{{"number", static_cast<std::int64_t>(step.number)},
                       {"id", step.step->id},
                       {"finally", step.finally},
                       {"what", step.what},
                       {"effect", runbook::effect_name(preview.effects.at(step.step->id))},
                       {"changes", step.changes},
                       {"if_killed", step.if_killed},
                       {"undo", step.undo == "yes"},
                       {"why", step.why}});
    }
    output.json_line(
        Value::Map{{"plan", preview.digest},
                   {"runbook", options.bundle.runbook.name},
                   {"environment", options.settings.environment},
                   {"params", options.params},
                   {"targets", Value::List(preview.targets.begin(), preview.targets.end())},
                   {"locks", Value::List(preview.locks.begin(), preview.locks.end())},
                   {"notes", Value::List(preview.remarks.begin(), preview.remarks.end())},
                   {"steps", std::move(list)}});
}

}  // namespace

int plan_command(Assembly& assembly, const Arguments& arguments) {
    const execute::StartOptions options = start_options(assembly, arguments);
    NoObserver observer;
    const execute::Preview preview = execute::preview(assembly.looking_engine(observer), options);
    const std::vector<PlannedStep> steps = Planner(assembly, options, preview).steps();
    if (assembly.output().json()) print_json(assembly.output(), options, preview, steps);
    else print(assembly.output(), options, preview, steps, arguments.explain);
    return 0;
}

}  // namespace drydock::cli
