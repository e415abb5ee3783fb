// Taking up a run: the refusals, the claim, what a crash left, what was asked for.

#include <algorithm>
#include <utility>

#include "engine/check.h"
#include "engine/execute/launch.h"
#include "engine/execute/session.h"
#include "engine/journal/load.h"
#include "engine/journal/wording.h"
#include "engine/run/ids.h"
#include "engine/seam.h"
#include "engine/sql/receipt.h"

namespace drydock::execute {
namespace {

using Intent = plan::ResumeFacts::Intent;

constexpr int kExitUnknown = 4;
constexpr int kExitWaiting = 3;

run::ClaimWhy claim_why(Intent intent) {
    switch (intent) {
        case Intent::Undo: return run::ClaimWhy::Undo;
        case Intent::Cancel: return run::ClaimWhy::Cancel;
        case Intent::Answer: return run::ClaimWhy::Answer;
        case Intent::Resume:
        case Intent::Settle: break;
    }
    return run::ClaimWhy::Resume;
}

// What the bound databases have to say about the journal: their receipts and who they are.
struct TargetFindings {
    bool ahead = false, changed = false, missing = false;
    std::string message;
};

void look_at_receipts(sql::Database& database, const std::string& name,
                      const run::TargetState& target, const run::RunState& state,
                      TargetFindings& found) {
    bool last_is_there = !target.has_receipt || database.read_only();
    for (const sql::Receipt& receipt : sql::receipts_of_run(database, state.run())) {
        if (receipt.seq > state.seq()) {
            found.ahead = true;
            found.message = "connection " + name + " has a receipt of event " +
                            std::to_string(receipt.seq) + ", the journal ends at " +
                            std::to_string(state.seq());
        }
        last_is_there =
            last_is_there || (receipt.scope == target.last_scope && receipt.key == target.last_key);
    }
    if (last_is_there) return;
    found.missing = true;
    found.message = "connection " + name + " has lost the receipt of " + target.last_scope;
}

// Whether an attempt was cut while it exchanged a database file for another. It completes that when
// it is repeated, and then says which file is the run's.
bool exchanges_files(const run::RunState& state) {
    const auto exchanging = [&state](const std::string& scope) {
        const run::ScopeState* found = state.find(scope);
        if (found == nullptr || found->status == run::StepStatus::Succeeded) return false;
        return std::ranges::any_of(found->effects, [](const run::EffectState& effect) {
            return !effect.covered &&
                   (effect.primitive == "backup.replace" || effect.primitive == "backup.put_back");
        });
    };
    return std::ranges::any_of(state.started_scopes(), [&](const std::string& scope) {
        return exchanging(scope) || exchanging("undo/" + scope.substr(3));
    });
}

TargetFindings look_at_targets(Session& session, const run::RunState& state) {
    TargetFindings found;
    if (!protected_by(Protection::Receipt)) return found;
    const bool exchanging = exchanges_files(state);
    for (const auto& [name, target] : state.targets()) {
        const std::string identity = session.targets().identity_text(name);
        if (identity != target.identity) {
            if (exchanging) continue;
            found.changed = true;
            found.message =
                "connection " + name +
                " leads to another database than when the run began: " + identity +
                ", was " + target.identity;
            continue;
        }
        // What a Redis forgets, token and effect, it forgets as a whole (docs/decisions/0031).
        if (session.targets().is_redis(name)) continue;
        look_at_receipts(session.targets().look(name), name, target, state, found);
    }
    return found;
}

[[noreturn]] void refuse(plan::ResumeAction action, const journal::RunRow& row,
                         const TargetFindings& targets, bool undoable) {
    const std::string id = run::short_id(row.run);
    if (action == plan::ResumeAction::Integrity) {
        throw Error(ErrorCode::Integrity, "the journal is behind its target: " + targets.message,
                    "the journal was restored from an older copy? bring back the newer one; "
                    "nothing was started");
    }
    CHECK(action == plan::ResumeAction::RefuseEnded);
    throw Error(ErrorCode::Refused,
                "run " + id + " has ended: " + std::string(run::name_of(row.status)),
                undoable ? "drydock undo " + id + " takes it back; drydock run starts a new one"
                         : "drydock run starts a new one");
}

journal::LoadedRun load_whole(journal::JournalReader& journal, std::int64_t n) {
    journal::LoadedRun loaded = journal::load(journal, n);
    if (!loaded.erased) return loaded;
    throw Error(ErrorCode::Refused,
                "params or outputs of run " + run::short_id(loaded.state.run()) +
                    " were erased: nobody can go on with it",
                "drydock run starts a new one");
}

// A claimed run, with what this call wants of it.
class Continuation {
  public:
    Continuation(Engine& engine, std::int64_t n, const ContinueOptions& options)
        : engine_(engine), n_(n), options_(options), loaded_(load_whole(engine.journal, n)),
          bundle_(options.bundle != nullptr
                      ? *options.bundle
                      : frozen_bundle(engine.journal, n, engine.inspector, engine.sql_problem)),
          settings_(recorded_settings(state())),
          session_({.engine = engine,
                    .bundle = bundle_,
                    .state = loaded_.state,
                    .run = state().run(),
                    .head = loaded_.head,
                    .params = recorded_params(state()),
                    .settings = settings_,
                    .started = {state().created_time()},
                    .detach = options.detach}) {}

    RunFinished run();

  private:
    [[nodiscard]] const run::RunState& state() const { return loaded_.state; }
    [[nodiscard]] plan::ResumeFacts facts(const journal::RunRow& row);
    void claim();
    void settle_interrupted();
    RunFinished act(plan::ResumeAction action);
    RunFinished suspend_for_target();
    RunFinished record_answer();
    void begin_undo();
    void retry_what_failed();
    void grant_asked();
    void refuse_empty_undo();

    Engine& engine_;
    std::int64_t n_;
    const ContinueOptions& options_;
    journal::LoadedRun loaded_;
    runbook::Bundle bundle_;
    RunSettings settings_;
    TargetFindings targets_;
    Session session_;
};

RunFinished Continuation::run() {
    const std::optional<journal::RunRow> row = engine_.journal.row(n_);
    CHECK(row.has_value());
    const plan::ResumeAction action = plan::decide_resume(facts(*row));
    switch (action) {
        case plan::ResumeAction::RefuseEnded:
        case plan::ResumeAction::Integrity:
            refuse(action, *row, targets_,
                   row->status != run::RunStatus::Undone && session_.plan().can_undo(state()));
        case plan::ResumeAction::RefuseOwned:
        case plan::ResumeAction::RefuseUnsupported: CHECK(!"refused before");
        case plan::ResumeAction::SuspendTarget:
        case plan::ResumeAction::Reopen:
        case plan::ResumeAction::ReopenForUndo:
        case plan::ResumeAction::Continue: break;
    }
    // A settled attempt may first have to be found interrupted; the others can be refused right
    // away.
    if (options_.ask && state().running().empty()) {
        if (auto no = objection(*options_.ask, engine_.actor, state(), bundle_, settings_.roles))
            throw *no;
    }
    if (options_.intent == Intent::Undo && !state().unknown().empty()) {
        throw Error(
            ErrorCode::Refused,
            "the outcome of " + state().unknown() + " is unknown, so nobody can undo it yet",
            "drydock resume with --applied or --not-applied says what happened");
    }
    if (options_.intent == Intent::Undo) refuse_empty_undo();
    claim();
    return act(action);
}

plan::ResumeFacts Continuation::facts(const journal::RunRow& row) {
    plan::ResumeFacts facts{.intent = options_.intent, .status = row.status};
    facts.has_finally = !bundle_.runbook.finally.empty();
    if (state().created().api > kApi) {
        throw Error(ErrorCode::Document,
                    "the run was started by drydock " + state().created().engine +
                        ", which this one does not understand",
                    "resume it with that version, or a newer one");
    }
    const bool only_answers = options_.intent == Intent::Answer;
    const bool ended_for_good = plan::decide_resume(facts) == plan::ResumeAction::RefuseEnded;
    if (only_answers || ended_for_good) return facts;
    session_.check_secrets();
    targets_ = look_at_targets(session_, state());
    facts.target_ahead = targets_.ahead;
    facts.target_changed = targets_.changed;
    facts.receipt_missing = targets_.missing;
    return facts;
}

void Continuation::claim() {
    const std::int64_t seq = state().seq();
    session_.set_claim(engine_.journal.claim(n_));
    // Between our reading and the claim somebody else may have had the run.
    if (engine_.journal.events(n_, seq, 1).size() > 0) {
        throw Error(
            ErrorCode::Refused,
            "run " + run::short_id(state().run()) + " was continued by somebody else just now",
            "drydock show " + run::short_id(state().run()));
    }
    session_.writer().add(run::RunClaimed{.why = claim_why(options_.intent),
                                          .host = engine_.self.host,
                                          .boot = engine_.boot,
                                          .engine = engine_.version,
                                          .pid = engine_.self.pid},
                          {.actor = engine_.actor});
}

RunFinished Continuation::act(plan::ResumeAction action) {
    if (action == plan::ResumeAction::SuspendTarget) return suspend_for_target();
    if (options_.intent == Intent::Answer) return record_answer();
    if (action == plan::ResumeAction::Reopen) {
        session_.writer().add(run::PhaseBegan{.phase = run::Phase::Do,
                                              .episode = state().episode(),
                                              .why = "retry",
                                              .outcome = run::RunStatus::Succeeded});
    }
    settle_interrupted();
    switch (options_.intent) {
        case Intent::Settle:
        case Intent::Cancel: grant_asked(); break;
        case Intent::Resume: retry_what_failed(); break;
        case Intent::Undo:
            if (state().phase() != run::Phase::Undo) begin_undo();
            else retry_what_failed();
            break;
        case Intent::Answer: break;
    }
    kill_point("resume.before_run");
    return session_.executor().run();
}

// The attempt that a crash, or a signal, cut: recorded as such, then settled.
void Continuation::settle_interrupted() {
    const std::string scope = state().running();
    if (scope.empty()) return;
    const run::ScopeState* known = state().find(scope);
    Settler settler(session_.workshop());
    if (!known->interrupted) {
        const LogEnd log = AttemptLog::found(session_.workshop().log_folder, scope, known->attempt);
        session_.writer().add(run::StepInterrupted{.uncovered = known->uncovered(),
                                                   .progress = settler.progress_of(scope),
                                                   .log = log.digest,
                                                   .log_bytes = log.bytes},
                              {.scope = scope, .attempt = known->attempt});
    }
    const run::ScopeParts parts = run::split_scope(scope);
    const RunNames names = session_.names().for_scope(scope);
    const bool ends = options_.intent == Intent::Cancel || state().cancel_requested() ||
                      (options_.intent == Intent::Undo && parts.phase == "do");
    settler.settle({.step = session_.plan().find_step(parts.step),
                    .scope = scope,
                    .names = &names,
                    .crash = true,
                    .must_end = ends});
}

// Also where an undo was given up before: what stopped that one is tried again.
void Continuation::begin_undo() {
    session_.executor().begin_undo("operator");
    for (const std::string& scope : plan::undos_to_repeat(state())) {
        session_.writer().add(
            run::StepSettled{.verdict = run::Verdict::Retry, .by = run::SettledBy::Operator},
            {.scope = scope, .attempt = state().find(scope)->attempt, .actor = engine_.actor});
    }
}

// A plain resume tries again what stopped the run.
void Continuation::retry_what_failed() {
    const plan::Move move = session_.plan().next(state());
    if (move.kind != plan::Move::Kind::Suspend || move.unknown) return;
    const run::ScopeParts parts = run::split_scope(move.scope);
    SettleRequest again{.step = parts.step, .verdict = run::Verdict::Retry};
    grant(again, engine_.actor, {}, session_.workshop());
}

// "Undone" must not stand over a run of which everything is still in effect.
void Continuation::refuse_empty_undo() {
    if (state().phase() == run::Phase::Undo || !state().running().empty() ||
        session_.plan().can_undo(state()))
        return;
    const std::string id = run::short_id(state().run());
    const bool left = !session_.plan().undo_list(state()).empty();
    throw Error(ErrorCode::Refused,
                left ? "what the undo of run " + id +
                           " has left was skipped, as nobody could tell what it had done"
                     : "nothing that run " + id + " has done knows how to undo itself",
                run::is_final(state().status())
                    ? "drydock show " + id + " -v lists what each step did"
                    : "drydock cancel " + id + " ends it as it is; drydock resume goes on");
}

void Continuation::grant_asked() {
    CHECK(options_.ask.has_value());
    if (auto no = objection(*options_.ask, engine_.actor, state(), bundle_, settings_.roles)) {
        session_.writer().commit();
        throw *no;
    }
    grant(*options_.ask, engine_.actor, {}, session_.workshop());
}

RunFinished Continuation::record_answer() {
    grant_asked();
    session_.writer().add(run::RunSuspended{.why = run::SuspendWhy::Approval, .due = 0});
    session_.writer().commit();
    session_.writer().release();
    return {run::RunStatus::Suspended,
            std::string(run::name_of(run::SuspendWhy::Approval)),
            {},
            kExitWaiting};
}

RunFinished Continuation::suspend_for_target() {
    engine_.observer.log_line("resume", LogLevel::Error, targets_.message);
    session_.writer().add(run::RunSuspended{.why = run::SuspendWhy::Operator});
    session_.writer().commit();
    session_.writer().release();
    return {run::RunStatus::Suspended,
            std::string(run::name_of(run::SuspendWhy::Operator)),
            {},
            kExitUnknown};
}

}  // namespace

RunFinished continue_run(Engine& engine, std::int64_t n, const ContinueOptions& options) {
    if (auto owner = engine.journal.owner(n); owner && protected_by(Protection::OwnerLock)) {
        const std::optional<journal::RunRow> row = engine.journal.row(n);
        throw journal::owned_elsewhere(row ? row->run : "?", *owner);
    }
    return Continuation(engine, n, options).run();
}

}  // namespace drydock::execute
