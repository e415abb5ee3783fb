#include "engine/cases/coverage.h"

#include <algorithm>

#include "engine/plan/plan.h"
#include "engine/run/ids.h"

namespace drydock::cases {
namespace {

constexpr const char* kRuns = "runs";

bool has_probe(const runbook::Step& step, const runbook::Bundle& bundle) {
    if (step.probe) return true;
    const auto* call = std::get_if<runbook::ActionCall>(&step.body);
    const runbook::Action* action = call == nullptr ? nullptr : bundle.find_action(call->action);
    return action != nullptr && action->has_probe;
}

std::string answer_name(runbook::OnFailure answer) {
    switch (answer) {
        case runbook::OnFailure::Stop: return "on_failure: stop";
        case runbook::OnFailure::Undo: return "on_failure: undo";
        case runbook::OnFailure::End: return "on_failure: end";
        case runbook::OnFailure::Continue: break;
    }
    return "on_failure: continue";
}

}  // namespace

Coverage::Coverage(const runbook::Bundle& bundle) : bundle_(bundle) {
    for (const auto* list : {&bundle.runbook.steps, &bundle.runbook.finally}) {
        for (const runbook::Step& step : *list) add_step(step);
    }
    branches_.push_back({"", answer_name(bundle.runbook.on_failure), {}});
}

void Coverage::add_step(const runbook::Step& step) {
    const auto add = [&](const std::string& what) {
        branches_.push_back({step.id, what, step.place});
    };
    add(kRuns);
    if (step.when) {
        add("when true");
        add("when false");
    }
    if (std::holds_alternative<runbook::Gate>(step.body)) {
        add("approved");
        add("rejected");
        if (step.timeout) add("expired");
    }
    if (has_probe(step, bundle_)) add("probe");
    if (step.on_failure) add(answer_name(*step.on_failure));
    const bool in_do = std::ranges::any_of(
        bundle_.runbook.steps, [&](const runbook::Step& one) { return one.id == step.id; });
    if (in_do && plan::Plan(bundle_).has_undo(step)) add("undo");
}

void Coverage::count(const std::string& step, const std::string& what) {
    for (Branch& branch : branches_) {
        if (branch.step == step && branch.what == what) ++branch.times;
    }
}

void Coverage::add(const std::vector<run::Event>& events) {
    for (const run::Event& event : events) add_event(event);
}

void Coverage::add_event(const run::Event& event) {
    const std::string whole = answer_name(bundle_.runbook.on_failure);
    if (const auto* phase = std::get_if<run::PhaseBegan>(&event.payload)) {
        const bool undoes = phase->phase == run::Phase::Undo && phase->why == "failure";
        const bool ends = phase->phase == run::Phase::Final && phase->why == "failure";
        if (undoes && bundle_.runbook.on_failure == runbook::OnFailure::Undo) count("", whole);
        if (ends && bundle_.runbook.on_failure == runbook::OnFailure::End) count("", whole);
        return;
    }
    if (const auto* suspended = std::get_if<run::RunSuspended>(&event.payload)) {
        if (suspended->why == run::SuspendWhy::Operator &&
            bundle_.runbook.on_failure == runbook::OnFailure::Stop)
            count("", whole);
        return;
    }
    if (event.scope.empty()) return;
    const run::ScopeParts parts = run::split_scope(event.scope);
    const bool undo = parts.phase == "undo";
    if (std::holds_alternative<run::StepStarted>(event.payload) ||
        std::holds_alternative<run::WaitBegan>(event.payload)) {
        if (!undo) count(parts.step, "when true");
        count(parts.step, undo ? "undo" : kRuns);
    } else if (const auto* skipped = std::get_if<run::StepSkipped>(&event.payload)) {
        if (skipped->why == run::SkipWhy::When) count(parts.step, "when false");
    } else if (const auto* answered = std::get_if<run::WaitAnswered>(&event.payload)) {
        if (answered->verdict == run::WaitVerdict::Approve) count(parts.step, "approved");
        if (answered->verdict == run::WaitVerdict::Reject) count(parts.step, "rejected");
        if (answered->verdict == run::WaitVerdict::Expired) count(parts.step, "expired");
    } else if (const auto* settled = std::get_if<run::StepSettled>(&event.payload)) {
        if (settled->by == run::SettledBy::Probe) count(parts.step, "probe");
    } else if (const auto* finished = std::get_if<run::StepFinished>(&event.payload)) {
        if (finished->outcome != run::StepOutcome::Failed || undo) return;
        for (Branch& branch : branches_) {
            if (branch.step == parts.step && branch.what.starts_with("on_failure")) ++branch.times;
        }
    }
}

Coverage::Counts Coverage::steps() const {
    Counts counts;
    for (const Branch& branch : branches_) {
        if (branch.what != kRuns) continue;
        ++counts.all;
        if (branch.times > 0) ++counts.taken;
    }
    return counts;
}

Coverage::Counts Coverage::ways() const {
    Counts counts;
    for (const Branch& branch : branches_) {
        if (branch.what == kRuns) continue;
        ++counts.all;
        if (branch.times > 0) ++counts.taken;
    }
    return counts;
}

}  // namespace drydock::cases
