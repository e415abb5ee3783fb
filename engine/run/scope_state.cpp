#include "engine/run/scope_state.h"

#include <algorithm>
#include <utility>

#include "engine/error.h"

namespace drydock::run {
namespace {

Value body_value(const Event& event, std::string_view key) {
    const auto found = event.body.find(key);
    return found == event.body.end() ? Value() : found->second;
}

std::string body_text(const Value::Map& map, std::string_view key) {
    const auto found = map.find(key);
    const auto* text = found == map.end() ? nullptr : found->second.find<std::string>();
    return text == nullptr ? std::string() : *text;
}

void apply_started(ScopeState& scope, const Event& event) {
    if (scope.started_seq == 0) {
        scope.started_seq = event.seq;
        scope.started = event.time;
    }
    scope.status = StepStatus::Running;
    scope.interrupted = false;
    scope.attempt = event.attempt;
    scope.attempt_seq = event.seq;
    scope.due = 0;
    scope.effects.clear();
    if (const Value with = body_value(event, "with"); with.holds<Value::Map>()) {
        scope.with = with.as<Value::Map>();
    }
    if (const Value list = body_value(event, "list"); list.holds<Value::List>()) {
        scope.group = std::make_unique<GroupState>(GroupState{list.as<Value::List>()});
    }
}

void apply_interrupted(ScopeState& scope, const StepInterrupted& payload) {
    scope.interrupted = true;
    const bool moved = payload.progress != scope.progress && scope.progress >= 0;
    scope.interruptions = moved ? 1 : scope.interruptions + 1;
    scope.progress = payload.progress;
}

void apply_began(ScopeState& scope, const Event& event, const EffectBegan& payload) {
    scope.began_effect = true;
    EffectState effect{.n = payload.n, .primitive = payload.primitive};
    if (payload.primitive == "exec_alone") {
        effect.connection = body_text(event.body, "subject");
        const Value arguments = body_value(event, "arguments");
        const auto* named = arguments.find<Value::Map>();
        if (named != nullptr && !named->contains("there_before")) {
            effect.statement = body_text(*named, "sql");
            scope.began_alone.emplace(effect.connection, effect.statement);
        }
    }
    scope.effects.push_back(std::move(effect));
}

void apply_recorded(ScopeState& scope, const Event& event, const ValueRecorded& payload) {
    const std::string key = body_text(event.body, "key");
    if (payload.oversize) {
        scope.oversize.push_back(key);
    } else {
        scope.recorded[key] = body_value(event, "value");
    }
    for (EffectState& effect : scope.effects) {
        if (std::ranges::find(payload.covers, effect.n) != payload.covers.end())
            effect.covered = true;
    }
}

void add_receipts(ScopeState& scope, const Event& event) {
    const Value listed = body_value(event, "receipts");
    const auto* list = listed.find<Value::List>();
    if (list == nullptr) return;
    for (const Value& item : *list) {
        const auto* map = item.find<Value::Map>();
        if (map == nullptr) continue;
        const Value* rows = item.member("rows");
        const auto* count = rows == nullptr ? nullptr : rows->find<std::int64_t>();
        scope.receipts.push_back(
            {body_text(*map, "connection"), body_text(*map, "key"), count == nullptr ? 0 : *count});
    }
}

void apply_finished(ScopeState& scope, const Event& event, const StepFinished& payload) {
    add_receipts(scope, event);
    scope.interrupted = false;
    scope.finished = event.time;
    scope.output = body_value(event, "output");
    scope.error = body_value(event, "error");
    switch (payload.outcome) {
        case StepOutcome::Succeeded: scope.status = StepStatus::Succeeded; break;
        case StepOutcome::Failed: scope.status = StepStatus::Failed; break;
        case StepOutcome::Cancelled: scope.status = StepStatus::Cancelled; break;
        case StepOutcome::Unknown: scope.status = StepStatus::Unknown; break;
        case StepOutcome::Retry:
            scope.status = StepStatus::Waiting;
            if (scope.failures == 0) scope.first_failure = event.time;
            ++scope.failures;
            scope.due = payload.due;
            scope.delay_us = payload.delay_us;
            break;
    }
}

void apply_settled(ScopeState& scope, const Event& event, const StepSettled& payload) {
    scope.interrupted = false;
    switch (payload.verdict) {
        case Verdict::Applied:
            add_receipts(scope, event);
            scope.status = StepStatus::Succeeded;
            scope.finished = event.time;
            scope.output = body_value(event, "output");
            scope.error = Value();
            break;
        case Verdict::Skip:
            scope.status = StepStatus::Skipped;
            scope.finished = event.time;
            break;
        case Verdict::NotApplied:
        case Verdict::Retry:
            scope.status = StepStatus::Pending;
            scope.error = Value();
            if (payload.by != SettledBy::Operator) break;
            // A person has looked: counting begins anew.
            scope.failures = 0;
            scope.interruptions = 0;
            break;
    }
}

void apply_wait(ScopeState& scope, const Event& event, const WaitBegan& payload,
                std::string_view leaf) {
    if (scope.started == 0) scope.started = event.time;
    if (payload.what != WaitWhat::Operator) {
        scope.status = StepStatus::Waiting;
        scope.attempt = event.attempt;
    }
    scope.wait = std::make_unique<WaitState>();
    scope.wait->what = payload.what;
    scope.wait->leaf = leaf;
    scope.wait->due = payload.due;
    scope.wait->need = payload.need;
    scope.wait->shown = event.body;
}

void apply_answer(ScopeState& scope, const Event& event, const WaitAnswered& payload) {
    if (scope.wait == nullptr || scope.wait->leaf != payload.leaf) {
        throw Error(ErrorCode::Integrity,
                    "an answer in the journal names a wait that is not there");
    }
    scope.wait->answers.push_back({event.actor, payload.verdict, event.time, event.body});
}

void end_effect(ScopeState& scope, const EffectEnded& payload) {
    for (EffectState& effect : scope.effects) {
        if (effect.n != payload.n) continue;
        effect.ended = true;
        effect.result = payload.result;
    }
}

}  // namespace

std::int64_t ScopeState::uncovered() const {
    return std::ranges::count_if(effects,
                                 [](const EffectState& effect) { return !effect.covered; });
}

bool ScopeState::has_doubtful_effect() const {
    return std::ranges::any_of(effects,
                               [](const EffectState& effect) { return effect.doubtful(); });
}

void ScopeState::apply(const Event& event, std::string_view leaf) {
    struct Visitor {
        ScopeState& scope;
        const Event& event;
        std::string_view leaf;

        void operator()(const StepStarted&) { apply_started(scope, event); }
        void operator()(const StepInterrupted& payload) { apply_interrupted(scope, payload); }
        void operator()(const StepSkipped&) {
            scope.status = StepStatus::Skipped;
            scope.finished = event.time;
        }
        void operator()(const EffectBegan& payload) {
            apply_began(scope, event, payload);
        }
        void operator()(const EffectEnded& payload) { end_effect(scope, payload); }
        void operator()(const ValueRecorded& payload) { apply_recorded(scope, event, payload); }
        void operator()(const StepFinished& payload) { apply_finished(scope, event, payload); }
        void operator()(const StepSettled& payload) { apply_settled(scope, event, payload); }
        void operator()(const WaitBegan& payload) { apply_wait(scope, event, payload, leaf); }
        void operator()(const WaitAnswered& payload) { apply_answer(scope, event, payload); }
        // The events of the run as a whole do not reach a scope.
        void operator()(const RunCreated&) {}
        void operator()(const RunClaimed&) {}
        void operator()(const TargetBound&) {}
        void operator()(const CancelRequested&) {}
        void operator()(const PhaseBegan&) {}
        void operator()(const RunSuspended&) {}
        void operator()(const RunEnded&) {}
    };
    std::visit(Visitor{*this, event, leaf}, event.payload);
}

}  // namespace drydock::run
