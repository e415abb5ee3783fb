#include "engine/execute/settle.h"

#include <algorithm>
#include <utility>

#include "engine/check.h"
#include "engine/config/redaction.h"
#include "engine/json/json.h"
#include "engine/redis/step_session.h"
#include "engine/run/ids.h"
#include "engine/seam.h"
#include "engine/sql/alone_statement.h"

namespace drydock::execute {
namespace {

constexpr Microseconds kProbeTimeout{120'000'000};
constexpr std::int64_t kCrashLoop = 3;

bool is_idempotent(const runbook::Bundle& bundle, const runbook::Step& step, bool undoing) {
    // An undo is settled like the step itself; its own word is the action's.
    if (step.idempotent && !undoing) return true;
    const auto* uses = std::get_if<runbook::ActionCall>(&step.body);
    if (undoing && step.undo) uses = std::get_if<runbook::ActionCall>(&*step.undo);
    const runbook::Action* action = uses == nullptr ? nullptr : bundle.find_action(uses->action);
    if (action == nullptr) return false;
    // An action that a step names as its undo is called as a whole.
    return undoing && !step.undo ? action->undo_idempotent : action->idempotent;
}

// Whether a new attempt settles all effects that a crash left in doubt by itself: their statements
// are of those whose outcome the catalog tells (sql/alone_statement.h).
bool settles_by_catalog(const runbook::Bundle& bundle, const run::ScopeState& state, bool crash) {
    const auto known = [&](const run::EffectState& effect) {
        const bool open = crash ? !effect.covered : effect.doubtful();
        if (!open) return true;
        const auto& connections = bundle.runbook.connections;
        const auto found = std::ranges::find(
            connections, effect.connection, [](const auto& declared) { return declared.first; });
        if (effect.statement.empty() || found == connections.end()) return false;
        const bool file = found->second.kind == runbook::Connection::Kind::Sqlite;
        const auto statement = sql::alone_statement(
            effect.statement, file ? sql::Dialect::Sqlite : sql::Dialect::Postgres);
        return statement.kind != sql::AloneStatement::Kind::Other;
    };
    return std::ranges::all_of(state.effects, known);
}

Value output_of(const sql::Receipt& receipt) {
    return receipt.result ? json::parse_typed(*receipt.result) : Value();
}

}  // namespace

Value error_value(const Error& error, const config::Redactor& redactor) {
    Value::Map map{{"kind", error_name(error.code())},
                   {"message", json::to_utf8(redactor.redact(error.message()))}};
    if (!error.code_text().empty())
        map.emplace("code", json::to_utf8(redactor.redact(error.code_text())));
    if (!error.hint().empty()) map.emplace("hint", json::to_utf8(redactor.redact(error.hint())));
    return map;
}

Settler::Settler(Workshop& shop) : shop_(shop) {}

void Settler::settle(const Case& one) {
    std::optional<Found> found;
    if (one.look_for_receipt) found = find_receipt(one.scope);
    plan::AttemptFacts facts = facts_of(one);
    facts.receipt = found.has_value();
    plan::AttemptAction action = plan::decide_attempt(facts);
    Value probed;
    if (action == plan::AttemptAction::AskProbe) {
        const ProbeAnswer answer = ask_probe(one);
        probed = answer.output;
        switch (answer.verdict) {
            case ProbeAnswer::Verdict::Applied: facts.probe = plan::ProbeFinding::Applied; break;
            case ProbeAnswer::Verdict::NotApplied:
                facts.probe = plan::ProbeFinding::NotApplied;
                break;
            case ProbeAnswer::Verdict::CannotTell:
                facts.probe = plan::ProbeFinding::CannotTell;
                break;
        }
        action = plan::decide_attempt(facts);
    }
    write(one, action, found, probed);
}

std::optional<Settler::Found> Settler::find_receipt(const std::string& scope) {
    for (const auto& [connection, target] : shop_.state.targets()) {
        // A step has no receipt there as a whole: repeated, it finds its tokens one by one.
        if (shop_.targets.is_redis(connection)) continue;
        try {
            sql::Database& database = shop_.targets.look(connection);
            database.set_deadline(std::nullopt);
            if (auto receipt = sql::find_receipt(database, shop_.state.run(), scope, "")) {
                return Found{connection, *std::move(receipt)};
            }
        } catch (const Error& error) {
            // Without its database nobody knows; the caller must not take that for "no receipt".
            throw error.in("looking for the receipt of " + scope);
        }
    }
    return std::nullopt;
}

std::int64_t Settler::progress_of(const std::string& scope) {
    const run::ScopeState* state = shop_.state.find(scope);
    std::int64_t progress =
        state == nullptr ? 0 : static_cast<std::int64_t>(state->recorded.size());
    for (const auto& [connection, target] : shop_.state.targets()) {
        if (shop_.targets.is_redis(connection)) {
            redis::Server& server = shop_.targets.look_redis(connection);
            server.set_deadline(shop_.clock.boot() + kProbeTimeout);
            progress += redis::token_count(server, shop_.state.run(), scope);
            continue;
        }
        sql::Database& database = shop_.targets.look(connection);
        database.set_deadline(std::nullopt);
        for (const sql::Receipt& receipt : sql::receipts_of_run(database, shop_.state.run())) {
            if (receipt.scope == scope) progress += 1 + receipt.rows;
        }
    }
    return progress;
}

plan::AttemptFacts Settler::facts_of(const Case& one) {
    const run::ScopeState* state = shop_.state.find(one.scope);
    CHECK(state != nullptr);
    const bool undoing = one.scope.starts_with("undo/");
    plan::AttemptFacts facts;
    // After a crash every uncovered effect would be repeated by a new attempt; alive, those that
    // ended with an answer of their own are known, and `retry` was declared with them in mind.
    facts.uncovered = one.crash ? state->uncovered() > 0 : state->has_doubtful_effect();
    facts.idempotent = is_idempotent(shop_.bundle, *one.step, undoing) ||
                       settles_by_catalog(shop_.bundle, *state, one.crash);
    facts.has_probe =
        !undoing && body_call(shop_.bundle, *one.step, BodyCall::Part::Probe).has_value();
    facts.old_owner_dead = one.owner_known_dead;
    facts.crash = one.crash;
    facts.crash_loop = state->interruptions >= kCrashLoop;
    facts.retry_left = one.retry_pause.has_value();
    facts.must_end = one.must_end;
    return facts;
}

ProbeAnswer Settler::ask_probe(const Case& one) {
    std::optional<BodyCall> call = body_call(shop_.bundle, *one.step, BodyCall::Part::Probe);
    CHECK(call.has_value());
    const run::ScopeState* state = shop_.state.find(one.scope);
    kill_point("settle.before_probe");
    AttemptContext context(shop_, {.scope = one.scope,
                                   .attempt = state->attempt,
                                   .bound = runbook::Effect::Read,
                                   .deadline = shop_.clock.boot() + kProbeTimeout,
                                   .reading_commands = true,
                                   .action = call->action,
                                   .journaled = false},
                           *one.names);
    try {
        const Evaluation evaluation(shop_.runner, *one.names, shop_.folders);
        if (call->action != nullptr) {
            const auto* own =
                one.step->probe ? std::get_if<runbook::ActionCall>(&*one.step->probe) : nullptr;
            call->with =
                own != nullptr
                    ? evaluation.with(*own, *call->action)
                    : evaluation.with(std::get<runbook::ActionCall>(one.step->body), *call->action);
        }
        call->recorded = Value(state->recorded);
        return shop_.runner.probe(*call, context);
    } catch (const Error& error) {
        shop_.observer.log_line(one.scope, LogLevel::Warn,
                                "the probe failed: " + shop_.redactor.redact(error.message()));
    } catch (const Stopped&) {
        shop_.observer.log_line(one.scope, LogLevel::Warn, "the probe was stopped");
    }
    return {};
}

void Settler::write(const Case& one, plan::AttemptAction action, const std::optional<Found>& found,
                    const Value& probed) {
    using plan::AttemptAction;
    const Error failure =
        one.error.value_or(Error(ErrorCode::Interrupted, "the attempt was interrupted"));
    switch (action) {
        case AttemptAction::AppliedByReceipt:
            settle_applied(one, run::SettledBy::Receipt, output_of(found->receipt),
                           {Value::Map{{"connection", found->connection},
                                       {"key", found->receipt.key},
                                       {"rows", found->receipt.rows}}});
            break;
        case AttemptAction::AppliedByProbe:
            settle_applied(one, run::SettledBy::Probe, probed, one.receipts);
            break;
        case AttemptAction::NotAppliedByProbe:
            shop_.writer.add(
                run::StepSettled{.verdict = run::Verdict::NotApplied, .by = run::SettledBy::Probe},
                {.scope = one.scope, .attempt = shop_.state.find(one.scope)->attempt});
            break;
        case AttemptAction::Again:
            // After a crash the next StepStarted says it all; an interruption costs no retry.
            if (!one.crash) finish(one, run::StepOutcome::Retry, failure, *one.retry_pause);
            break;
        case AttemptAction::Failed: finish(one, run::StepOutcome::Failed, failure); break;
        case AttemptAction::Ended: finish(one, run::StepOutcome::Cancelled, failure); break;
        case AttemptAction::CrashLoop:
            wait_for_operator(
                one, Error(ErrorCode::Interrupted, "crashed 3 times in a row without getting on",
                           "look at drydock logs, mend the cause, then drydock resume --retry " +
                               one.step->id,
                           "crash_loop"));
            break;
        case AttemptAction::Unknown:
            wait_for_operator(
                one,
                Error(failure.code(), "nobody can tell whether it happened: " + failure.message(),
                      "find out, then drydock resume with --applied, --not-applied or --skip " +
                          one.step->id,
                      "unknown"));
            break;
        case AttemptAction::AskProbe: CHECK(!"asked already");
    }
}

void Settler::settle_applied(const Case& one, run::SettledBy by, Value output,
                             Value::List receipts) {
    Value::Map body;
    if (!output.is_null()) body.emplace("output", std::move(output));
    if (!receipts.empty()) body.emplace("receipts", std::move(receipts));
    shop_.writer.add(run::StepSettled{.verdict = run::Verdict::Applied, .by = by},
                     {.scope = one.scope,
                      .attempt = shop_.state.find(one.scope)->attempt,
                      .body = std::move(body)});
}

void Settler::finish(const Case& one, run::StepOutcome outcome, const Error& error,
                     Microseconds delay) {
    run::StepFinished payload{
        .outcome = outcome, .log = one.log.digest, .log_bytes = one.log.bytes};
    if (outcome == run::StepOutcome::Retry) {
        payload.delay_us = delay.count();
        payload.due = shop_.clock.wall().micros + delay.count();
    }
    Value::Map body{{"error", error_value(error, shop_.redactor)}};
    if (!one.receipts.empty()) body.emplace("receipts", one.receipts);
    shop_.writer.add(std::move(payload), {.scope = one.scope,
                                          .attempt = shop_.state.find(one.scope)->attempt,
                                          .body = std::move(body)});
}

void Settler::wait_for_operator(const Case& one, const Error& error) {
    finish(one, run::StepOutcome::Unknown, error);
    shop_.writer.add(run::WaitBegan{.what = run::WaitWhat::Operator},
                     {.scope = one.scope, .attempt = shop_.state.find(one.scope)->attempt});
}

}  // namespace drydock::execute
