#include "engine/plan/resume.h"

namespace drydock::plan {
namespace {

// Rows A2, A3 and A6: the attempt left nothing behind that a repetition could double.
AttemptAction repeat(const AttemptFacts& facts, AttemptAction again) {
    if (facts.must_end) return AttemptAction::Ended;
    if (facts.crash && facts.crash_loop) return AttemptAction::CrashLoop;
    if (facts.crash || facts.retry_left) return again;
    return AttemptAction::Failed;
}

}  // namespace

ResumeAction decide_resume(const ResumeFacts& facts) {
    using Intent = ResumeFacts::Intent;
    if (facts.owned_elsewhere) return ResumeAction::RefuseOwned;
    const bool ended = run::is_final(facts.status);
    if (ended) {
        const bool undo = facts.intent == Intent::Undo && facts.status != run::RunStatus::Undone;
        const bool reopen = facts.intent == Intent::Settle &&
                            facts.status == run::RunStatus::Failed && !facts.has_finally;
        if (!undo && !reopen) return ResumeAction::RefuseEnded;
    }
    if (!facts.supported) return ResumeAction::RefuseUnsupported;
    if (!facts.chain_verifies || facts.target_ahead) return ResumeAction::Integrity;
    if (facts.target_changed || facts.receipt_missing) return ResumeAction::SuspendTarget;
    if (!ended) return ResumeAction::Continue;
    return facts.intent == Intent::Undo ? ResumeAction::ReopenForUndo : ResumeAction::Reopen;
}

AttemptAction decide_attempt(const AttemptFacts& facts) {
    if (facts.receipt) return AttemptAction::AppliedByReceipt;
    if (!facts.uncovered || facts.idempotent) return repeat(facts, AttemptAction::Again);
    if (!facts.has_probe) return AttemptAction::Unknown;
    switch (facts.probe) {
        case ProbeFinding::NotAsked: return AttemptAction::AskProbe;
        case ProbeFinding::Applied: return AttemptAction::AppliedByProbe;
        case ProbeFinding::NotApplied:
            // From afar nobody knows whether the old owner's child still runs.
            if (!facts.old_owner_dead) return AttemptAction::Unknown;
            return repeat(facts, AttemptAction::NotAppliedByProbe);
        case ProbeFinding::CannotTell: break;
    }
    return AttemptAction::Unknown;
}

}  // namespace drydock::plan
