#pragma once

#include <cstdint>
#include <optional>

#include "engine/run/status.h"

// The decisions about a run that is taken up again, as pure functions over facts: each is a table,
// and a test asks every combination.
namespace drydock::plan {

// --- A run is to be continued -------------------------------------------------------------------

struct ResumeFacts {
    enum class Intent : std::uint8_t { Resume, Settle, Undo, Cancel, Answer };
    Intent intent = Intent::Resume;
    run::RunStatus status = run::RunStatus::Suspended;
    bool has_finally = false;      // the runbook has finally steps
    bool owned_elsewhere = false;
    bool supported = true;         // event version, api, secrets and connections resolvable
    bool chain_verifies = true;
    bool target_ahead = false;     // a target has a receipt that the journal does not know
    bool target_changed = false;   // another database than the run was bound to
    bool receipt_missing = false;  // a listed receipt is gone
};

enum class ResumeAction : std::uint8_t {
    RefuseEnded,        // exit 5
    RefuseOwned,        // exit 5
    RefuseUnsupported,  // exit 2, nothing appended
    Integrity,          // exit 8, nothing appended
    SuspendTarget,      // claim, then wait for the operator, exit 4
    Reopen,             // a failed run without finally goes on
    ReopenForUndo,
    Continue,
};

[[nodiscard]] ResumeAction decide_resume(const ResumeFacts& facts);

// --- An attempt that was cut, or that ended in doubt ---------------------------------------------

enum class ProbeFinding : std::uint8_t { NotAsked, Applied, NotApplied, CannotTell };

struct AttemptFacts {
    bool receipt = false;       // receipt '' of the scope is in a bound target
    bool uncovered = false;     // an effect began that no recorded value covers
    bool idempotent = false;
    bool has_probe = false;
    ProbeFinding probe = ProbeFinding::NotAsked;
    bool old_owner_dead = true; // known: same host, or the operator said so
    bool crash = true;          // false: the attempt ended in doubt while its process lived
    bool crash_loop = false;    // third interruption in a row without progress
    bool retry_left = false;    // only asked when not a crash
    bool must_end = false;      // the run is being cancelled or undone: nothing starts again
};

enum class AttemptAction : std::uint8_t {
    AppliedByReceipt,
    AskProbe,           // decide again with its finding
    AppliedByProbe,
    NotAppliedByProbe,  // and then again from the top
    Again,              // from the top
    Failed,             // known not to be repeated: no retry left
    Ended,              // not started again, because the run ends
    CrashLoop,          // the operator must look
    Unknown,            // nobody can tell: the operator must decide
};

[[nodiscard]] AttemptAction decide_attempt(const AttemptFacts& facts);

}  // namespace drydock::plan
