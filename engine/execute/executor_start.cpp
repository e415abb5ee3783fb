// The part of the executor that starts attempts and records how they end.

#include <algorithm>
#include <utility>

#include "engine/check.h"
#include "engine/config/redaction.h"
#include "engine/execute/executor.h"
#include "engine/run/ids.h"
#include "engine/seam.h"

namespace drydock::execute {
namespace {

using plan::Move;

constexpr Microseconds kDefaultTimeout{30LL * 60 * 1'000'000};
constexpr int kExitWaiting = 3;
constexpr int kExitRefused = 5;

BodyCall::Part part_of(const std::string& scope) {
    return scope.starts_with("undo/") ? BodyCall::Part::Undo : BodyCall::Part::Run;
}

const char* effect_name(runbook::Effect effect) {
    switch (effect) {
        case runbook::Effect::Read: return "read";
        case runbook::Effect::Transaction: return "transaction";
        case runbook::Effect::Unsafe: break;
    }
    return "unsafe";
}

}  // namespace

std::optional<RunFinished> Executor::start(const Move& move) {
    const RunNames names = parts_.names.for_scope(move.scope);
    Prepared prepared;
    try {
        prepared = prepare(move, names);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::Journal) throw;
        fail_before_start(move, error);
        return std::nullopt;
    }
    if (auto finished = hold_for_window(move, prepared)) return finished;
    if (auto finished = take_locks(move)) return finished;
    run_prepared(move, std::move(prepared), names);
    return std::nullopt;
}

Executor::Prepared Executor::prepare(const Move& move, const RunNames& names) const {
    const Evaluation evaluation(shop_.runner, names, shop_.folders);
    const runbook::Step& step = *move.step;
    const BodyCall::Part part = part_of(move.scope);
    std::optional<BodyCall> call = body_call(shop_.bundle, step, part);
    CHECK(call.has_value());
    Prepared prepared{.call = *std::move(call)};
    prepared.timeout = evaluation.duration(step.timeout, kDefaultTimeout, "timeout");
    if (step.retry) prepared.retry = evaluation.retry(*step.retry);
    if (part == BodyCall::Part::Undo) {
        const run::ScopeState* done = shop_.state.find("do/" + move.scope.substr(5));
        prepared.call.output = done->status == run::StepStatus::Succeeded ? done->output : Value();
        prepared.call.recorded = Value(done->recorded);
        if (prepared.call.action != nullptr)
            prepared.call.with = undo_with(move, prepared.call, evaluation);
        return prepared;
    }
    const auto effect = shop_.effects.find(step.id);
    if (effect != shop_.effects.end()) prepared.effect = effect->second;
    if (prepared.call.action != nullptr) {
        prepared.call.with =
            evaluation.with(std::get<runbook::ActionCall>(step.body), *prepared.call.action);
        prepared.returns = &prepared.call.action->returns;
    } else {
        prepared.returns = step.returns.empty() ? nullptr : &step.returns;
    }
    return prepared;
}

// An action is undone with the parameters that it was done with; only where a secret stood, which
// is not recorded, they are evaluated again. A step's own undo has parameters of its own.
Value Executor::undo_with(const Move& move, const BodyCall& call,
                          const Evaluation& evaluation) const {
    if (move.step->undo)
        return evaluation.with(std::get<runbook::ActionCall>(*move.step->undo), *call.action);
    const run::ScopeState* done = shop_.state.find("do/" + move.scope.substr(5));
    const Value recorded(done->with);
    if (!recorded.contains_secret() && !done->with.empty()) return recorded;
    return evaluation.with(std::get<runbook::ActionCall>(move.step->body), *call.action);
}

// What a step will take is what it took in earlier runs; without any it may take all its time.
std::optional<RunFinished> Executor::hold_for_window(const Move& move, Prepared& prepared) {
    const bool changes = prepared.effect > runbook::Effect::Read;
    if (shop_.state.phase() != run::Phase::Do || !changes || !parts_.window_opens)
        return std::nullopt;
    const std::optional<Timestamp> opens = parts_.window_opens();
    if (opens) return suspend(run::SuspendWhy::Window, move.scope, kExitWaiting, opens->micros);
    const std::optional<Timestamp> closes = parts_.window_closes();
    if (!closes) return std::nullopt;
    const Microseconds left(closes->micros - shop_.clock.wall().micros);
    const std::optional<Microseconds> usual =
        parts_.history == nullptr ? std::nullopt : parts_.history->p95(move.scope);
    const Microseconds needs = std::min(usual.value_or(prepared.timeout), prepared.timeout);
    if (needs <= left) {
        prepared.timeout = std::min(prepared.timeout, left);
        return std::nullopt;
    }
    shop_.observer.log_line(
        move.scope, LogLevel::Warn,
        "the window has " + to_text(Value(Duration{left})) + " left; this step " +
            (usual ? "took up to " + to_text(Value(Duration{needs})) + " in earlier runs"
                   : "may take its timeout of " + to_text(Value(Duration{needs}))));
    return suspend(run::SuspendWhy::Window, move.scope, kExitWaiting);
}

// All locks at once, before the first step that is not a gate or a wait; the run keeps them through
// every suspension, because half-done work is what they protect.
std::optional<RunFinished> Executor::take_locks(const Move& move) {
    if (locked_) return std::nullopt;
    locked_ = true;
    std::vector<std::string> names = shop_.targets.lock_names();
    names.insert(names.end(), shop_.extra_locks.begin(), shop_.extra_locks.end());
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    if (names.empty()) return std::nullopt;
    try {
        shop_.writer.lock(names);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Refused) throw;
        shop_.observer.log_line(move.scope, LogLevel::Error, error.message());
        return suspend(run::SuspendWhy::Lock, move.scope, kExitRefused);
    }
    return std::nullopt;
}

void Executor::run_prepared(const Move& move, Prepared prepared, const RunNames& names) {
    const std::int64_t attempt = attempt_of(move.scope) + 1;
    Value::Map body;
    if (const auto* with = prepared.call.with.find<Value::Map>(); with != nullptr && !with->empty())
        body.emplace("with", *with);
    shop_.writer.add(run::StepStarted{.effect = effect_name(prepared.effect),
                                      .deadline_ms = prepared.timeout.count() / 1000},
                     {.scope = move.scope, .attempt = attempt, .body = std::move(body)});
    shop_.writer.commit();  // nothing is done before this is on disk
    kill_point("step.started");

    const Microseconds deadline = shop_.clock.boot() + prepared.timeout;
    shop_.cancel.begin_attempt();
    if (parts_.watcher != nullptr) parts_.watcher->set_deadline(deadline);
    AttemptContext context(
        shop_,
        {.scope = move.scope,
         .attempt = attempt,
         .bound = prepared.effect,
         .deadline = deadline,
         .action = prepared.call.action},
        names);
    const AttemptEnd end = run_attempt(shop_, context, prepared.call, prepared.returns);
    if (parts_.watcher != nullptr) parts_.watcher->set_deadline(std::nullopt);
    finish_attempt(move, prepared, end, names);
    shop_.cancel.begin_attempt();
}

void Executor::finish_attempt(const Move& move, const Prepared& prepared, const AttemptEnd& end,
                              const RunNames& names) {
    const run::ScopeState* scope = shop_.state.find(move.scope);
    if (const auto* returned = std::get_if<AttemptEnd::Returned>(&end.how)) {
        Value::Map body;
        if (!returned->output.is_null()) body.emplace("output", returned->output);
        if (!end.receipts.empty()) body.emplace("receipts", end.receipts);
        shop_.writer.add(run::StepFinished{.log = end.log.digest, .log_bytes = end.log.bytes},
                         {.scope = move.scope, .attempt = scope->attempt, .body = std::move(body)});
        return;
    }
    Settler::Case one{.step = move.step,
                      .scope = move.scope,
                      .names = &names,
                      .crash = false,
                      .log = end.log,
                      .receipts = end.receipts};
    one.look_for_receipt =
        end.commit_in_doubt || std::holds_alternative<sql::AlreadyApplied>(end.how);
    if (const auto* stopped = std::get_if<Stopped>(&end.how)) {
        finish_stopped(move, end, stopped->reason, std::move(one));
        return;
    }
    if (const auto* raised = std::get_if<AttemptEnd::Raised>(&end.how)) {
        one.error = raised->error;
        one.retry_pause = retry_pause(move, prepared, raised->error.code());
    }
    settler_.settle(one);  // AlreadyApplied finds its receipt there
}

void Executor::finish_stopped(const Move& move, const AttemptEnd& end, StopReason reason,
                              Settler::Case one) {
    const run::ScopeState* scope = shop_.state.find(move.scope);
    if (reason == StopReason::AtSafePoint || reason == StopReason::Interrupt) {
        // The run stays; whoever resumes it settles this attempt as after a crash.
        shop_.writer.add(run::StepInterrupted{.uncovered = scope->uncovered(),
                                              .progress = settler_.progress_of(move.scope),
                                              .log = end.log.digest,
                                              .log_bytes = end.log.bytes},
                         {.scope = move.scope, .attempt = scope->attempt});
        return;
    }
    if (reason == StopReason::Cancel) {
        one.error = Error(ErrorCode::Interrupted, "cancelled");
        one.must_end = true;
    } else {
        const bool closed = shop_.state.phase() == run::Phase::Do && parts_.window_opens &&
                            parts_.window_opens().has_value();
        one.error = closed ? Error(ErrorCode::Timeout, "the window closed before it ended",
                                   "it took longer than in earlier runs; drydock logs shows where")
                           : Error(ErrorCode::Timeout, "took longer than its timeout",
                                   "give the step a larger timeout:, or less to do");
        const Prepared prepared = prepare(move, parts_.names.for_scope(move.scope));
        one.retry_pause = retry_pause(move, prepared, ErrorCode::Timeout);
    }
    // The probe has time of its own, and the finally steps are not meant by the cancel.
    shop_.cancel.begin_attempt();
    shop_.cancel.cancel_obeyed();
    settler_.settle(one);
}

std::optional<Microseconds> Executor::retry_pause(const Move& move, const Prepared& prepared,
                                                  ErrorCode code) const {
    if (!prepared.retry || !plan::may_retry(code)) return std::nullopt;
    const run::ScopeState* scope = shop_.state.find(move.scope);
    const std::int64_t now = shop_.clock.wall().micros;
    const Microseconds since(scope->failures == 0 ? 0 : now - scope->first_failure);
    return plan::next_pause(*prepared.retry, scope->failures + 1, since);
}

// What could not even be evaluated: the step has started and failed in one commit.
void Executor::fail_before_start(const Move& move, const Error& error) {
    const std::int64_t attempt = attempt_of(move.scope) + 1;
    shop_.writer.add(run::StepStarted{.effect = "read"}, {.scope = move.scope, .attempt = attempt});
    shop_.writer.add(run::StepFinished{.outcome = run::StepOutcome::Failed},
                     {.scope = move.scope,
                      .attempt = attempt,
                      .body = {{"error", error_value(error, shop_.redactor)}}});
}

}  // namespace drydock::execute
