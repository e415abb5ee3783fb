#include "engine/rehearse/selection.h"

#include <algorithm>
#include <array>
#include <optional>

#include "engine/runbook/effect.h"
#include "engine/runbook/template.h"

namespace drydock::rehearse {
namespace {

using runbook::Effect;
using Path = std::vector<std::string>;

// What looks at more than databases, also where it changes nothing.
constexpr std::array<std::string_view, 5> kOutside{"fs", "backup", "command", "http", "migrate"};

// The names that a piece of a runbook uses: paths of globals with their constant fields.
class Used final {
  public:
    explicit Used(runbook::ScriptInspector& inspector) : inspector_(inspector) {}

    void expression(const runbook::Expression& expression) {
        add(inspector_.expression(expression.text));
    }
    void node(const runbook::Node& node) {
        runbook::for_each_expression(node, [this](const auto& one) { expression(one); });
    }
    void call(const runbook::ActionCall& call) {
        for (const auto& [name, value] : call.with) {
            node(value);
            // The name of a connection stands there as a text.
            if (const auto* scalar = std::get_if<runbook::Node::Scalar>(&value.held))
                paths_.push_back({"connections", scalar->text});
        }
    }
    void body(const runbook::Body& body) {
        if (const auto* one = std::get_if<runbook::ActionCall>(&body)) call(*one);
        if (const auto* lua = std::get_if<runbook::LuaBody>(&body))
            add(inspector_.chunk(lua->text));
    }
    void body(const runbook::SideBody& body) {
        if (const auto* one = std::get_if<runbook::ActionCall>(&body))
            call(*one);
        else
            add(inspector_.chunk(std::get<runbook::LuaBody>(body).text));
    }
    [[nodiscard]] const std::vector<Path>& paths() const { return paths_; }

  private:
    void add(const std::variant<runbook::ScriptFacts, runbook::ScriptProblem>& inspected) {
        const auto* facts = std::get_if<runbook::ScriptFacts>(&inspected);
        if (facts == nullptr) return;
        for (const auto* names : {&facts->reads, &facts->calls}) {
            for (const auto& name : *names) paths_.push_back(name.path);
        }
    }

    runbook::ScriptInspector& inspector_;
    std::vector<Path> paths_;
};

bool has_path_parameter(const runbook::Action& action) {
    return std::ranges::any_of(
        action.params, [](const auto& param) { return param.second.type == runbook::Type::Path; });
}

class Selector final {
  public:
    Selector(const runbook::Bundle& bundle, const std::map<std::string, std::string>& copies,
             const std::map<std::string, std::string>& missing, runbook::ScriptInspector& inspector)
        : bundle_(bundle), copies_(copies), missing_(missing), inspector_(inspector) {}

    Selection select() {
        Selection selection{.bundle = bundle_, .steps = {}, .undos = {}};
        runbook::Runbook& chosen = selection.bundle.runbook;
        chosen.steps = taken(bundle_.runbook.steps, selection);
        chosen.finally = taken(bundle_.runbook.finally, selection);
        chosen.connections.clear();
        for (const auto& [name, connection] : bundle_.runbook.connections) {
            if (const auto copy = copies_.find(name); copy != copies_.end())
                chosen.connections.emplace_back(name, led_to(connection, copy->second));
        }
        chosen.files.clear();
        chosen.commands.clear();
        chosen.locks.clear();
        chosen.outputs.clear();
        chosen.window.reset();
        chosen.on_failure = runbook::OnFailure::Stop;
        return selection;
    }

  private:
    std::vector<runbook::Step> taken(const std::vector<runbook::Step>& steps,
                                     Selection& selection) {
        std::vector<runbook::Step> chosen;
        for (const runbook::Step& step : steps) {
            if (const auto why = why_not(step)) {
                left_out_.insert(step.id);
                selection.steps.push_back({step.id, *why});
                continue;
            }
            chosen.push_back(without_waiting(step));
            take_undo(chosen.back(), selection);
        }
        return chosen;
    }

    std::optional<std::string> why_not(const runbook::Step& step) {
        if (std::holds_alternative<runbook::Gate>(step.body)) return "a person answers it";
        if (std::holds_alternative<runbook::Wait>(step.body)) return "it only waits";
        if (runbook::effect_of(step, bundle_, inspector_) == Effect::Unsafe)
            return "it acts outside of transactions";
        Used used(inspector_);
        used.body(step.body);
        if (step.when) used.expression(*step.when);
        if (step.foreach) used.node(*step.foreach);
        if (step.timeout) used.node(*step.timeout);
        if (auto why = why_not(used)) return why;
        const auto* call = std::get_if<runbook::ActionCall>(&step.body);
        const runbook::Action* action =
            call == nullptr ? nullptr : bundle_.find_action(call->action);
        if (action != nullptr && call->action.starts_with("http.")) return "it asks a server";
        if (action != nullptr && has_path_parameter(*action)) return "it looks at files";
        return std::nullopt;
    }

    std::optional<std::string> why_not(const Used& used) const {
        for (const Path& path : used.paths()) {
            if (std::ranges::find(kOutside, path.front()) != kOutside.end())
                return "it looks at more than databases (" + path.front() + ")";
            if (path.size() < 2) continue;
            if (path.front() == "steps" && left_out_.contains(path[1])) {
                std::string name = "needs steps." + path[1];
                if (path.size() > 2) name += "." + path[2];
                return name;
            }
            if (path.front() != "connections") continue;
            if (const auto why = missing_.find(path[1]); why != missing_.end())
                return "connection " + path[1] + ": " + why->second;
        }
        return std::nullopt;
    }

    // Nobody else uses a copy: what is busy there stays busy.
    static runbook::Step without_waiting(const runbook::Step& step) {
        runbook::Step chosen = step;
        chosen.retry.reset();
        if (chosen.on_failure != runbook::OnFailure::Continue) chosen.on_failure.reset();
        return chosen;
    }

    void take_undo(runbook::Step& step, Selection& selection) {
        if (!step.undo || step.undo_none) return;
        Used used(inspector_);
        used.body(*step.undo);
        std::optional<std::string> why = why_not(used);
        if (runbook::effect_of(*step.undo, bundle_, inspector_) == Effect::Unsafe)
            why = "it acts outside of transactions";
        if (!why) return;
        selection.undos.push_back({step.id, *why});
        step.undo.reset();
        step.undo_none = true;
    }

    static runbook::Connection led_to(const runbook::Connection& connection,
                                      const std::string& copy) {
        runbook::Connection chosen = connection;
        for (auto& [key, node] : chosen.settings) {
            if (key == "sqlite") node = {.held = runbook::Node::Scalar{copy, false}, .place = {}};
        }
        return chosen;
    }

    const runbook::Bundle& bundle_;
    const std::map<std::string, std::string>& copies_;
    const std::map<std::string, std::string>& missing_;
    runbook::ScriptInspector& inspector_;
    std::set<std::string, std::less<>> left_out_;
};

}  // namespace

Selection select(const runbook::Bundle& bundle, const std::map<std::string, std::string>& copies,
                 const std::map<std::string, std::string>& missing,
                 runbook::ScriptInspector& inspector) {
    return Selector(bundle, copies, missing, inspector).select();
}

}  // namespace drydock::rehearse
