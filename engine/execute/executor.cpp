#include "engine/execute/executor.h"

#include <algorithm>
#include <utility>

#include "engine/check.h"
#include "engine/config/redaction.h"
#include "engine/run/ids.h"
#include "engine/seam.h"

namespace drydock::execute {
namespace {

using plan::Move;

constexpr int kExitWaiting = 3;
constexpr int kExitUnknown = 4;
constexpr int kExitFailed = 1;
constexpr int kExitUndone = 7;
constexpr int kExitCancelled = 6;
// How long a wait in this process looks away from the wall clock and from requests.
constexpr Microseconds kLookEvery{1'000'000};

int exit_of(run::RunStatus outcome, std::string_view why) {
    switch (outcome) {
        case run::RunStatus::Failed: return kExitFailed;
        case run::RunStatus::Cancelled: return kExitCancelled;
        case run::RunStatus::Undone: return why == "failure" ? kExitUndone : 0;
        default: return 0;
    }
}

}  // namespace

Executor::Executor(Parts parts)
    : parts_(std::move(parts)), shop_(parts_.shop), settler_(shop_), waits_(shop_) {}

RunFinished Executor::run() {
    for (;;) {
        drain_requests();
        if (auto finished = stop_if_asked()) return *finished;
        if (auto finished = perform(parts_.plan.next(shop_.state))) return *finished;
    }
}

void Executor::drain_requests() {
    if (!parts_.has_requests.exchange(false)) return;
    for (const journal::Request& request : parts_.journal.requests(shop_.writer.claim().n())) {
        const Ask ask = from_request(request);
        // One that no longer fits is taken away without an event: the asker sees that it is gone.
        if (!objection(ask, request.actor, shop_.state, shop_.bundle, parts_.roles))
            grant(ask, request.actor, request.id, shop_);
        shop_.writer.finish_request(request.id);
    }
    shop_.writer.commit();
    shop_.cancel.cancel_obeyed();
}

std::optional<RunFinished> Executor::stop_if_asked() {
    if (shop_.cancel.reason() == StopReason::AtSafePoint ||
        shop_.cancel.reason() == StopReason::Interrupt) {
        return suspend(run::SuspendWhy::Interrupt, {}, kExitWaiting);
    }
    // A half-done undo is never left half by itself: the operator says what next.
    const bool undoing = shop_.state.phase() == run::Phase::Undo && !shop_.state.undo_given_up();
    if (undoing && shop_.state.cancel_requested()) {
        return suspend(run::SuspendWhy::Operator, {}, kExitFailed);
    }
    return std::nullopt;
}

std::optional<RunFinished> Executor::perform(const Move& move) {
    switch (move.kind) {
        case Move::Kind::Consider: return consider(move);
        case Move::Kind::Start: return start(move);
        case Move::Kind::FinishGroup: finish_group(move); break;
        case Move::Kind::CheckWait: return check_wait(move);
        case Move::Kind::AwaitRetry: return await_retry(move);
        case Move::Kind::SkipUndone:
            shop_.writer.add(run::StepSkipped{.why = run::SkipWhy::NothingDone},
                             {.scope = move.scope});
            break;
        case Move::Kind::BeginUndo: begin_undo("failure"); break;
        case Move::Kind::BeginFinal: begin_final(move.outcome); break;
        case Move::Kind::Suspend:
            return suspend(run::SuspendWhy::Operator, move.scope,
                           move.unknown ? kExitUnknown : kExitFailed);
        case Move::Kind::End: return end(move.outcome);
    }
    return std::nullopt;
}

// `when` decides once, before the first attempt. What follows is recorded in the scope, so that the
// next question to the plan answers itself.
std::optional<RunFinished> Executor::consider(const Move& move) {
    const RunNames names = parts_.names.for_scope(move.scope);
    const runbook::Step& step = *move.step;
    try {
        const Evaluation evaluation(shop_.runner, names, shop_.folders);
        if (step.when && !evaluation.condition(*step.when)) {
            shop_.writer.add(run::StepSkipped{.why = run::SkipWhy::When}, {.scope = move.scope});
            return std::nullopt;
        }
        const bool waits = std::holds_alternative<runbook::Gate>(step.body) ||
                           std::holds_alternative<runbook::Wait>(step.body);
        if (waits) {
            waits_.open(step, move.scope, names);
            return std::nullopt;
        }
        if (step.foreach) {
            open_group(move, names);
            return std::nullopt;
        }
    } catch (const Error& error) {
        if (error.code() == ErrorCode::Journal) throw;
        fail_before_start(move, error);
        return std::nullopt;
    }
    return start(move);
}

void Executor::open_group(const Move& move, const RunNames& names) {
    const Evaluation evaluation(shop_.runner, names, shop_.folders);
    Value list = evaluation.value(*move.step->foreach, runbook::Type::List, "foreach");
    if (list.contains_secret())
        throw Error(ErrorCode::Document, "foreach: the list holds a secret",
                    "name the secret in the body instead");
    shop_.writer.add(run::StepStarted{}, {.scope = move.scope,
                                          .attempt = attempt_of(move.scope) + 1,
                                          .body = {{"list", std::move(list)}}});
}

void Executor::finish_group(const Move& move) {
    const run::ScopeState* group = shop_.state.find(move.scope);
    run::StepFinished finished{.outcome = move.failed ? run::StepOutcome::Failed
                                                      : run::StepOutcome::Succeeded};
    Value::Map body;
    if (move.failed) {
        const run::ScopeParts parts = run::split_scope(move.scope);
        for (std::size_t i = 1; i <= group->group->list.size(); ++i) {
            const auto* item = shop_.state.find(
                run::make_item_scope(parts.phase, parts.step, static_cast<std::int64_t>(i)));
            if (item == nullptr || item->error.is_null()) continue;
            body = {{"error", item->error}};
        }
    }
    shop_.writer.add(std::move(finished),
                     {.scope = move.scope, .attempt = group->attempt, .body = std::move(body)});
}

std::optional<RunFinished> Executor::check_wait(const Move& move) {
    const RunNames names = parts_.names.for_scope(move.scope);
    switch (waits_.look(*move.step, move.scope, names)) {
        case Waits::Now::Settled: return std::nullopt;
        case Waits::Now::People:
            return suspend(run::SuspendWhy::Approval, move.scope, kExitWaiting,
                           shop_.state.find(move.scope)->wait->due);
        case Waits::Now::Timer: break;
    }
    const std::int64_t due = shop_.state.find(move.scope)->wait->due;
    if (parts_.detach) return suspend(run::SuspendWhy::Timer, move.scope, kExitWaiting, due);
    shop_.writer.commit();
    wait_until(due, std::nullopt);
    return std::nullopt;
}

std::optional<RunFinished> Executor::await_retry(const Move& move) {
    const run::ScopeState* scope = shop_.state.find(move.scope);
    const std::int64_t now = shop_.clock.wall().micros;
    if (now >= scope->due || shop_.state.cancel_requested()) {
        return start(move);
    }
    if (parts_.detach && scope->delay_us > 10'000'000)
        return suspend(run::SuspendWhy::Timer, move.scope, kExitWaiting, scope->due);
    shop_.writer.commit();
    // The clock may have been set back since: never longer than the pause itself.
    wait_until(scope->due, Microseconds(scope->delay_us));
    if (shop_.clock.wall().micros < scope->due && !shop_.cancel.stop_now() &&
        !parts_.has_requests && shop_.cancel.reason() == StopReason::None) {
        return start(move);
    }
    return std::nullopt;
}

void Executor::wait_until(std::int64_t due, std::optional<Microseconds> at_most) {
    const Microseconds began = shop_.clock.boot();
    for (;;) {
        const Microseconds rest(due - shop_.clock.wall().micros);
        const Microseconds boot = shop_.clock.boot();
        if (rest.count() <= 0 || (at_most && boot - began >= *at_most)) return;
        if (shop_.cancel.reason() != StopReason::None || parts_.has_requests) return;
        Microseconds slice = std::min(rest, kLookEvery);
        if (at_most) slice = std::min(slice, *at_most - (boot - began));
        shop_.clock.sleep_until(boot + slice, shop_.cancel);
    }
}

void Executor::begin_undo(const std::string& why) {
    Value::List scopes;
    for (const std::string& scope : parts_.plan.undo_list(shop_.state)) scopes.emplace_back(scope);
    shop_.writer.add(run::PhaseBegan{.phase = run::Phase::Undo,
                                     .episode = shop_.state.episode() + 1,
                                     .why = why,
                                     .outcome = run::RunStatus::Undone},
                     {.body = {{"scopes", std::move(scopes)}}});
}

void Executor::begin_final(run::RunStatus outcome) {
    std::string why = "done";
    if (outcome == run::RunStatus::Failed) why = "failure";
    if (outcome == run::RunStatus::Cancelled) why = "cancel";
    if (outcome == run::RunStatus::Undone) why = shop_.state.phase_began().why;
    if (auto* run = shop_.run_value.find<Value::Map>()) (*run)["status"] = run::name_of(outcome);
    shop_.writer.add(run::PhaseBegan{.phase = run::Phase::Final,
                                     .episode = shop_.state.episode() + 1,
                                     .why = why,
                                     .outcome = outcome});
}

RunFinished Executor::suspend(run::SuspendWhy why, const std::string& scope, int exit,
                              std::int64_t due) {
    shop_.writer.add(run::RunSuspended{.why = why, .due = due});
    shop_.writer.commit();
    kill_point("suspend.committed");
    shop_.writer.release();
    return {run::RunStatus::Suspended, std::string(run::name_of(why)), scope, exit};
}

RunFinished Executor::end(run::RunStatus outcome) {
    Value::Map outputs = evaluate_outputs();
    const int exit = exit_of(outcome, shop_.state.phase_began().why);
    Value::Map body;
    if (!outputs.empty()) body.emplace("outputs", std::move(outputs));
    shop_.writer.add(run::RunEnded{.outcome = outcome, .exit = exit}, {.body = std::move(body)});
    shop_.writer.commit();
    kill_point("end.committed");
    // One that failed may be taken up again where it stands, unless its finally steps are done.
    const bool for_good =
        outcome != run::RunStatus::Failed || !shop_.bundle.runbook.finally.empty();
    if (for_good) {
        for (const std::string& trouble : shop_.targets.forget_tokens())
            shop_.observer.log_line("end", LogLevel::Warn, shop_.redactor.redact(trouble));
    }
    shop_.writer.release();
    return {outcome, {}, {}, exit};
}

Value::Map Executor::evaluate_outputs() {
    Value::Map outputs;
    const Evaluation evaluation(shop_.runner, parts_.names, shop_.folders);
    for (const auto& [name, node] : shop_.bundle.runbook.outputs) {
        Value value;
        try {
            value = evaluation.value(node, nullptr, "outputs." + name);
        } catch (const Error& error) {
            // A run that stopped half way has not all of them; that is not another failure.
            shop_.observer.log_line("outputs", LogLevel::Warn,
                                    shop_.redactor.redact(name + ": " + error.message()));
        }
        if (value.contains_secret()) value = Value();
        outputs.emplace(name, std::move(value));
    }
    return outputs;
}

std::int64_t Executor::attempt_of(const std::string& scope) const {
    const run::ScopeState* state = shop_.state.find(scope);
    return state == nullptr ? 0 : state->attempt;
}

}  // namespace drydock::execute
