#include "engine/plan/plan.h"

#include <algorithm>
#include <utility>

#include "engine/check.h"
#include "engine/run/ids.h"

namespace drydock::plan {
namespace {

using run::Phase;
using run::RunStatus;
using run::StepStatus;
using runbook::OnFailure;

bool is_wait(const runbook::Step& step) {
    return std::holds_alternative<runbook::Gate>(step.body) ||
           std::holds_alternative<runbook::Wait>(step.body);
}

Move suspend(const runbook::Step& step, std::string scope, bool unknown) {
    Move move{.kind = Move::Kind::Suspend, .step = &step, .scope = std::move(scope)};
    move.unknown = unknown;
    return move;
}

Move begin_final(RunStatus outcome) {
    Move move{.kind = Move::Kind::BeginFinal};
    move.outcome = outcome;
    return move;
}

bool failed(const run::ScopeState* state) {
    return state != nullptr &&
           (state->status == StepStatus::Failed || state->status == StepStatus::Cancelled);
}

std::string undo_scope(const std::string& scope) {
    return "undo/" + scope.substr(3);
}

// Skipped by the operator, when nobody could tell what it had done.
bool skipped_in_doubt(const run::ScopeState* undo) {
    if (undo == nullptr || undo->status != StepStatus::Skipped) return false;
    const Value* code = undo->error.member("code");
    return code != nullptr && *code == Value("unknown");
}

}  // namespace

std::vector<std::string> not_undone(const run::RunState& state) {
    std::vector<std::string> left;
    for (const std::string& scope : state.undo_list()) {
        const run::ScopeState* done = state.find(scope);
        const run::ScopeState* undo = state.find(undo_scope(scope));
        if (done == nullptr || done->status == StepStatus::Undone) continue;
        const bool skipped = undo != nullptr && undo->status == StepStatus::Skipped;
        if (!skipped || !done->did_nothing()) left.push_back(scope);
    }
    return left;
}

std::vector<std::string> undos_to_repeat(const run::RunState& state) {
    std::vector<std::string> again;
    for (const std::string& scope : not_undone(state)) {
        const run::ScopeState* undo = state.find(undo_scope(scope));
        const bool tried = failed(undo) || (undo != nullptr && undo->status == StepStatus::Skipped);
        if (tried && !skipped_in_doubt(undo)) again.push_back(undo_scope(scope));
    }
    return again;
}

Plan::Plan(const runbook::Bundle& bundle) : bundle_(bundle) {}

Move Plan::next(const run::RunState& state) {
    follow_phase(state);
    std::optional<Move> move;
    switch (state.phase()) {
        case Phase::Do: move = next_do(state); break;
        case Phase::Undo: move = next_undo(state); break;
        case Phase::Final: move = next_final(state); break;
    }
    CHECK(move.has_value());
    return *std::move(move);
}

// A new phase is walked from its beginning.
void Plan::follow_phase(const run::RunState& state) {
    if (phase_ == state.phase() && episode_ == state.episode()) return;
    phase_ = state.phase();
    episode_ = state.episode();
    cursor_ = 0;
    item_cursor_ = 0;
}

std::optional<Move> Plan::next_do(const run::RunState& state) {
    const auto& steps = bundle_.runbook.steps;
    if (state.cancel_requested()) return after_cancel(state);
    for (; cursor_ < steps.size(); ++cursor_, item_cursor_ = 0) {
        const runbook::Step& step = steps[cursor_];
        std::string scope = run::make_scope("do", step.id);
        if (failed(state.find(scope))) {
            if (on_failure(step) == OnFailure::Continue) continue;
            return after_failure(step, scope);
        }
        if (auto move = in_scope(state, step, std::move(scope), 0)) return move;
    }
    return begin_final(RunStatus::Succeeded);
}

// A cancel starts nothing new; what is unknown must be decided all the same.
Move Plan::after_cancel(const run::RunState& state) const {
    const std::string unknown = state.unknown();
    if (!unknown.empty()) return suspend(*find_step(run::split_scope(unknown).step), unknown, true);
    return begin_final(RunStatus::Cancelled);
}

Move Plan::after_failure(const runbook::Step& step, const std::string& scope) const {
    switch (on_failure(step)) {
        case OnFailure::End: return begin_final(RunStatus::Failed);
        case OnFailure::Undo: return {.kind = Move::Kind::BeginUndo, .step = &step, .scope = scope};
        case OnFailure::Stop:
        case OnFailure::Continue: break;
    }
    return suspend(step, scope, false);
}

std::optional<Move> Plan::next_undo(const run::RunState& state) {
    const auto& list = state.undo_list();
    if (state.undo_given_up() && !not_undone(state).empty()) return after_cancel(state);
    for (; cursor_ < list.size(); ++cursor_) {
        const run::ScopeParts parts = run::split_scope(list[cursor_]);
        const runbook::Step* step = find_step(parts.step);
        CHECK(step != nullptr);
        std::string scope = undo_scope(list[cursor_]);
        const run::ScopeState* undo = state.find(scope);
        if (failed(undo)) return suspend(*step, scope, false);
        const run::ScopeState* done = state.find(list[cursor_]);
        if (undo == nullptr && failed(done) && done->did_nothing()) {
            return Move{
                .kind = Move::Kind::SkipUndone, .step = step, .scope = scope, .index = parts.index};
        }
        if (auto move = in_scope(state, *step, scope, parts.index)) {
            // An undo has no `when` of its own and is no group.
            if (move->kind == Move::Kind::Consider) move->kind = Move::Kind::Start;
            return move;
        }
    }
    // "Undone" must not stand over a step whose undo was skipped.
    return begin_final(not_undone(state).empty() ? RunStatus::Undone : RunStatus::Cancelled);
}

std::optional<Move> Plan::next_final(const run::RunState& state) {
    const auto& steps = bundle_.runbook.finally;
    for (; cursor_ < steps.size(); ++cursor_, item_cursor_ = 0) {
        std::string scope = run::make_scope(state.phase_prefix(), steps[cursor_].id);
        if (failed(state.find(scope))) continue;  // each is tried, whatever the others did
        if (auto move = in_scope(state, steps[cursor_], std::move(scope), 0)) return move;
    }
    Move end{.kind = Move::Kind::End};
    end.outcome = state.phase_began().outcome;
    for (const runbook::Step& step : steps) {
        if (end.outcome != RunStatus::Succeeded || step.on_failure == OnFailure::Continue) continue;
        if (failed(state.find(run::make_scope(state.phase_prefix(), step.id))))
            end.outcome = RunStatus::Failed;
    }
    return end;
}

std::optional<Move> Plan::in_scope(const run::RunState& state, const runbook::Step& step,
                                   std::string scope, std::int64_t index) {
    const run::ScopeState* known = state.find(scope);
    Move move{.kind = Move::Kind::Start, .step = &step, .scope = scope, .index = index};
    if (known == nullptr) {
        move.kind = index > 0 ? Move::Kind::Start : Move::Kind::Consider;
        return move;
    }
    switch (known->status) {
        case StepStatus::Pending:
            if (known->group != nullptr) return in_group(state, step, scope, *known);
            if (is_wait(step)) move.kind = Move::Kind::Consider;
            return move;
        case StepStatus::Running:
            if (known->group != nullptr) return in_group(state, step, scope, *known);
            CHECK(known->interrupted);  // cut, and found safe to start again
            return move;
        case StepStatus::Waiting:
            move.kind = known->due > 0 ? Move::Kind::AwaitRetry : Move::Kind::CheckWait;
            return move;
        case StepStatus::Unknown: return suspend(step, std::move(scope), true);
        case StepStatus::Succeeded:
        case StepStatus::Skipped:
        case StepStatus::Failed:
        case StepStatus::Cancelled:
        case StepStatus::Undone: break;
    }
    return std::nullopt;
}

std::optional<Move> Plan::in_group(const run::RunState& state, const runbook::Step& step,
                                   const std::string& scope, const run::ScopeState& group) {
    const auto count = static_cast<std::int64_t>(group.group->list.size());
    const std::string_view phase = std::string_view(scope).substr(0, scope.find('/'));
    for (; item_cursor_ < count; ++item_cursor_) {
        const std::string item = run::make_item_scope(phase, step.id, item_cursor_ + 1);
        if (failed(state.find(item))) {
            Move move{.kind = Move::Kind::FinishGroup, .step = &step, .scope = scope};
            move.failed = true;
            return move;
        }
        if (auto move = in_scope(state, step, item, item_cursor_ + 1)) return move;
    }
    return Move{.kind = Move::Kind::FinishGroup, .step = &step, .scope = scope};
}

std::vector<std::string> Plan::undo_list(const run::RunState& state) const {
    std::vector<std::string> list;
    for (std::string& scope : state.started_scopes()) {
        const runbook::Step* step = find_step(run::split_scope(scope).step);
        const run::ScopeState* known = state.find(scope);
        const bool did = known->status == StepStatus::Succeeded || failed(known);
        if (known->group == nullptr && did && step != nullptr && has_undo(*step)) {
            list.push_back(std::move(scope));
        }
    }
    return list;
}

bool Plan::can_undo(const run::RunState& state) const {
    return std::ranges::any_of(undo_list(state), [&state](const std::string& scope) {
        return !skipped_in_doubt(state.find(undo_scope(scope)));
    });
}

const runbook::Step* Plan::find_step(std::string_view id) const {
    for (const auto* steps : {&bundle_.runbook.steps, &bundle_.runbook.finally}) {
        for (const runbook::Step& step : *steps) {
            if (step.id == id) return &step;
        }
    }
    return nullptr;
}

bool Plan::has_undo(const runbook::Step& step) const {
    if (step.undo_none) return false;
    if (step.undo) return true;
    const auto* call = std::get_if<runbook::ActionCall>(&step.body);
    const runbook::Action* action = call == nullptr ? nullptr : bundle_.find_action(call->action);
    return action != nullptr && action->has_undo;
}

OnFailure Plan::on_failure(const runbook::Step& step) const {
    return step.on_failure.value_or(bundle_.runbook.on_failure);
}

}  // namespace drydock::plan
