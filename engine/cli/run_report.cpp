#include "engine/cli/run_report.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "engine/cli/find_runbook.h"
#include "engine/cli/step_words.h"
#include "engine/execute/launch.h"
#include "engine/plan/plan.h"
#include "engine/run/ids.h"

namespace drydock::cli {
namespace {

std::string text_in(const Value& map, std::string_view key) {
    const Value* found = map.member(key);
    return found == nullptr || found->is_null() ? std::string() : to_text(*found);
}

std::string upper(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](unsigned char letter) {
        return static_cast<char>(std::toupper(letter));
    });
    return out;
}

// Collects the report; the members follow one another as the block that is printed does.
class Reporter final {
  public:
    explicit Reporter(const ReportInput& input)
        : state_(input.state),
          bundle_(input.bundle),
          plan_(input.bundle),
          params_(execute::recorded_params(input.state)) {
        report_.owner = input.owner;
        report_.now = input.now;
    }

    RunReport make() {
        add_run();
        add_standing();
        add_effects();
        add_gate();
        add_next();
        add_steps();
        return std::move(report_);
    }

  private:
    [[nodiscard]] bool suspended(run::SuspendWhy why) const {
        return state_.status() == run::RunStatus::Suspended && state_.suspended_why() == why;
    }

    void add_run() {
        report_.run = state_.run();
        report_.runbook = state_.created().runbook;
        report_.environment = state_.created().environment;
        report_.starter = text_in(Value(state_.created_body()), "starter");
        report_.status = run::name_of(state_.status());
        report_.created = state_.created_time();
        report_.since = state_.time();
        // An undo takes up a run that has ended: until it ends again it has not.
        if (run::is_final(state_.status())) report_.ended = state_.ended_time();
        report_.exit = state_.exit();
        report_.outputs = state_.outputs();
        report_.headline = upper(report_.status);
        if (run::is_final(state_.status())) return;
        if (state_.status() != run::RunStatus::Suspended) {
            report_.headline = report_.owner ? "RUNNING" : "INTERRUPTED";
            return;
        }
        report_.why = run::name_of(state_.suspended_why());
        report_.due = state_.suspended_due();
        report_.headline = suspended(run::SuspendWhy::Operator)    ? "STOPPED"
                           : suspended(run::SuspendWhy::Interrupt) ? "INTERRUPTED"
                                                                   : "WAITING";
    }

    [[nodiscard]] std::string failed_scope() const {
        for (const auto* steps : {&bundle_.runbook.steps, &bundle_.runbook.finally}) {
            for (const runbook::Step& step : *steps) {
                if (plan_.on_failure(step) == runbook::OnFailure::Continue &&
                    steps == &bundle_.runbook.steps)
                    continue;
                std::string scope = run::make_scope(
                    steps == &bundle_.runbook.steps ? "do" : state_.phase_prefix(), step.id);
                const run::ScopeState* known = state_.find(scope);
                if (known != nullptr && known->status == run::StepStatus::Failed) return scope;
            }
        }
        return {};
    }

    [[nodiscard]] std::string standing_scope() {
        if (run::is_final(state_.status()))
            return state_.status() == run::RunStatus::Failed ? failed_scope() : std::string();
        if (!state_.running().empty()) return state_.running();
        if (auto unknown = state_.unknown(); !unknown.empty()) return unknown;
        if (auto gate = execute::open_gate(state_, bundle_)) return *gate;
        return plan_.next(state_).scope;
    }

    void add_standing() {
        scope_ = standing_scope();
        if (scope_.empty()) return;
        report_.at = scope_words(scope_);
        const StepPosition position = find_step(bundle_.runbook, run::split_scope(scope_).step);
        if (position.step == nullptr) return;
        report_.number = position.number;
        report_.total = position.total;
        report_.place = shown_path(bundle_.path, bundle_.runbook.name) + ":" +
                        std::to_string(position.step->place.line);
        const run::ScopeState* known = state_.find(scope_);
        if (known != nullptr && !known->error.is_null()) {
            report_.error = text_in(known->error, "message");
            report_.hint = text_in(known->error, "hint");
        }
        const bool needs_people = suspended(run::SuspendWhy::Operator) ||
                                  suspended(run::SuspendWhy::Approval) ||
                                  state_.status() == run::RunStatus::Failed;
        if (!needs_people) return;
        if (position.step->help) report_.help = words_of(*position.step->help, params_);
        add_contact(*position.step);
    }

    void add_contact(const runbook::Step& step) {
        const auto& contacts = bundle_.runbook.contacts;
        const auto named =
            std::ranges::find(contacts, step.contact, [](const auto& one) { return one.first; });
        const auto chosen = named == contacts.end() ? contacts.begin() : named;
        if (chosen == contacts.end()) return;
        for (const std::string* part :
             {&chosen->second.name, &chosen->second.mail, &chosen->second.phone}) {
            if (!part->empty()) report_.contact += (report_.contact.empty() ? "" : ", ") + *part;
        }
    }

    void add_effects() {
        for (const runbook::Step& step : bundle_.runbook.steps) {
            const run::ScopeState* known = state_.find(run::make_scope("do", step.id));
            if (known == nullptr || known->status == run::StepStatus::Undone) continue;
            if (stands(*known, step.id)) report_.in_effect.push_back(step.id);
        }
        if (state_.status() != run::RunStatus::Cancelled || !state_.undo_began()) return;
        for (const std::string& scope : plan::not_undone(state_))
            report_.given_up.push_back(scope_words(scope));
    }

    // Of a list its items did something, not the scope that groups them.
    [[nodiscard]] bool stands(const run::ScopeState& known, const std::string& step) const {
        if (known.group == nullptr) return !known.did_nothing();
        for (std::size_t i = 1; i <= known.group->list.size(); ++i) {
            const auto* item =
                state_.find(run::make_item_scope("do", step, static_cast<std::int64_t>(i)));
            if (item == nullptr || item->status == run::StepStatus::Undone) continue;
            if (!item->did_nothing()) return true;
        }
        return false;
    }

    void add_gate() {
        if (scope_.empty() || run::is_final(state_.status())) return;
        const run::ScopeState* known = state_.find(scope_);
        if (known == nullptr || known->wait == nullptr || known->status != run::StepStatus::Waiting)
            return;
        if (report_.due == 0) report_.due = known->wait->due;
        if (known->wait->what != run::WaitWhat::Approval) return;
        RunReport::Gate gate{.prompt = text_in(known->wait->shown, "prompt"),
                             .by = text_in(known->wait->shown, "by"),
                             .need = known->wait->need,
                             .approved = {},
                             .items = {},
                             .form = {}};
        for (const run::Answer& answer : known->wait->answers) {
            if (answer.verdict == run::WaitVerdict::Approve)
                gate.approved.push_back(execute::user_of(answer.actor));
            if (answer.verdict == run::WaitVerdict::Reject) rejected_ = true;
        }
        const Value shown(known->wait->shown);
        if (const Value* items = shown.member("items");
            items != nullptr && items->holds<Value::List>()) {
            for (const Value& item : items->as<Value::List>()) gate.items.push_back(item_of(item));
        }
        if (const Value* form = shown.member("form");
            form != nullptr && form->holds<Value::Map>()) {
            for (const auto& [name, description] : form->as<Value::Map>())
                gate.form.emplace_back(name, to_text(description));
        }
        report_.gate = std::move(gate);
    }

    static RunReport::GateItem item_of(const Value& item) {
        RunReport::GateItem made{
            .text = text_in(item, "text"), .said = text_in(item, "said"), .holds = {}};
        if (const Value* n = item.member("n"); n != nullptr && n->holds<std::int64_t>())
            made.n = n->as<std::int64_t>();
        if (const Value* holds = item.member("holds"); holds != nullptr)
            made.holds = *holds == Value(true);
        return made;
    }

    void next(const std::string& verb, const std::string& more = {}) {
        report_.next.push_back("drydock " + verb + " " + run::short_id(state_.run()) + more);
    }

    void add_next() {
        if (run::is_final(state_.status())) {
            const bool reopens = state_.status() == run::RunStatus::Failed &&
                                 bundle_.runbook.finally.empty() && !scope_.empty();
            if (reopens) next("resume", " --retry " + run::split_scope(scope_).step);
            if (state_.status() != run::RunStatus::Undone && plan_.can_undo(state_)) next("undo");
            return;
        }
        if (report_.headline == "RUNNING") {
            next("logs", " --follow");
            next("cancel");
            return;
        }
        if (suspended(run::SuspendWhy::Approval) && report_.gate && !rejected_ &&
            static_cast<std::int64_t>(report_.gate->approved.size()) < report_.gate->need) {
            next("approve");
            next("reject");
        } else if (!state_.unknown().empty()) {
            next_for_unknown(state_.unknown());
        } else {
            next("resume");
        }
        const bool undoable = !state_.undo_began() && plan_.can_undo(state_);
        if (undoable && state_.unknown().empty()) next("undo");
        if (state_.phase() != run::Phase::Final) next("cancel");
    }

    // After a crash loop it is known that nothing is in doubt: what is asked for is a look.
    void next_for_unknown(const std::string& scope) {
        const std::string step = run::split_scope(scope).step;
        const run::ScopeState* known = state_.find(scope);
        if (known != nullptr && text_in(known->error, "code") == "crash_loop") {
            next("resume", " --retry " + step);
            return;
        }
        next("resume", " --applied " + step);
        next("resume", " --not-applied " + step);
    }

    void add_steps() {
        add_steps_of(bundle_.runbook.steps, "do");
        if (state_.phase() == run::Phase::Final)
            add_steps_of(bundle_.runbook.finally, state_.phase_prefix());
    }

    // A list that was undone is undone when no item of it stands; its own scope only groups them.
    [[nodiscard]] run::StepStatus status_of(const run::ScopeState& known, const std::string& phase,
                                            const std::string& step) const {
        if (known.group == nullptr) return known.status;
        bool undone = false;
        for (std::size_t i = 1; i <= known.group->list.size(); ++i) {
            const auto* item =
                state_.find(run::make_item_scope(phase, step, static_cast<std::int64_t>(i)));
            if (item == nullptr) continue;
            if (item->status == run::StepStatus::Succeeded) return known.status;
            undone = undone || item->status == run::StepStatus::Undone;
        }
        return undone ? run::StepStatus::Undone : known.status;
    }

    void add_steps_of(const std::vector<runbook::Step>& steps, const std::string& phase) {
        for (const runbook::Step& step : steps) {
            RunReport::Step line{
                .id = step.id, .title = title_of(step, params_), .status = "pending"};
            if (const run::ScopeState* known = state_.find(run::make_scope(phase, step.id))) {
                line.status = run::name_of(status_of(*known, phase, step.id));
                line.started = known->started;
                line.finished = known->finished;
                line.attempts = known->attempt;
            }
            report_.steps.push_back(std::move(line));
        }
    }

    const run::RunState& state_;
    const runbook::Bundle& bundle_;
    plan::Plan plan_;
    Value params_;
    std::string scope_;
    bool rejected_ = false;
    RunReport report_;
};

}  // namespace

RunReport report_on(const ReportInput& input) { return Reporter(input).make(); }

}  // namespace drydock::cli
