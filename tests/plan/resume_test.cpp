#include "engine/plan/resume.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <vector>

namespace drydock::plan {
namespace {

// The tables written a second time, as rows of conditions: every combination of facts must match
// exactly one row, and the function must agree with it.
struct AttemptRow {
    const char* name;
    std::function<bool(const AttemptFacts&)> matches;
    AttemptAction action;
};

bool safe(const AttemptFacts& f) { return !f.receipt && (!f.uncovered || f.idempotent); }
bool doubtful(const AttemptFacts& f) { return !f.receipt && f.uncovered && !f.idempotent; }
bool absent(const AttemptFacts& f) {
    return doubtful(f) && f.has_probe && f.probe == ProbeFinding::NotApplied && f.old_owner_dead;
}
bool looping(const AttemptFacts& f) { return f.crash && f.crash_loop; }
bool may_start(const AttemptFacts& f) { return f.crash || f.retry_left; }

const std::vector<AttemptRow> kAttemptRows{
    {"receipt", [](auto& f) { return f.receipt; }, AttemptAction::AppliedByReceipt},
    {"safe, run ends", [](auto& f) { return safe(f) && f.must_end; }, AttemptAction::Ended},
    {"safe, loop", [](auto& f) { return safe(f) && !f.must_end && looping(f); },
     AttemptAction::CrashLoop},
    {"safe, again", [](auto& f) { return safe(f) && !f.must_end && !looping(f) && may_start(f); },
     AttemptAction::Again},
    {"safe, no retry",
     [](auto& f) { return safe(f) && !f.must_end && !looping(f) && !may_start(f); },
     AttemptAction::Failed},
    {"no probe", [](auto& f) { return doubtful(f) && !f.has_probe; }, AttemptAction::Unknown},
    {"ask", [](auto& f) { return doubtful(f) && f.has_probe && f.probe == ProbeFinding::NotAsked; },
     AttemptAction::AskProbe},
    {"applied",
     [](auto& f) { return doubtful(f) && f.has_probe && f.probe == ProbeFinding::Applied; },
     AttemptAction::AppliedByProbe},
    {"cannot tell",
     [](auto& f) { return doubtful(f) && f.has_probe && f.probe == ProbeFinding::CannotTell; },
     AttemptAction::Unknown},
    {"absent from afar",
     [](auto& f) {
         return doubtful(f) && f.has_probe && f.probe == ProbeFinding::NotApplied &&
                !f.old_owner_dead;
     },
     AttemptAction::Unknown},
    {"absent, run ends", [](auto& f) { return absent(f) && f.must_end; }, AttemptAction::Ended},
    {"absent, loop", [](auto& f) { return absent(f) && !f.must_end && looping(f); },
     AttemptAction::CrashLoop},
    {"absent, again",
     [](auto& f) { return absent(f) && !f.must_end && !looping(f) && may_start(f); },
     AttemptAction::NotAppliedByProbe},
    {"absent, no retry",
     [](auto& f) { return absent(f) && !f.must_end && !looping(f) && !may_start(f); },
     AttemptAction::Failed},
};

AttemptFacts attempt_of(int bits, ProbeFinding probe) {
    const auto bit = [bits](int n) { return (bits >> n & 1) != 0; };
    return {.receipt = bit(0),
            .uncovered = bit(1),
            .idempotent = bit(2),
            .has_probe = bit(3),
            .probe = probe,
            .old_owner_dead = bit(4),
            .crash = bit(5),
            .crash_loop = bit(6),
            .retry_left = bit(7),
            .must_end = bit(8)};
}

TEST(DecideAttempt, MatchesExactlyOneRowForEachCombination) {
    int combinations = 0;
    for (const auto probe : {ProbeFinding::NotAsked, ProbeFinding::Applied,
                             ProbeFinding::NotApplied, ProbeFinding::CannotTell}) {
        for (int bits = 0; bits < 512; ++bits) {
            const AttemptFacts facts = attempt_of(bits, probe);
            int matched = 0;
            for (const AttemptRow& row : kAttemptRows) {
                if (!row.matches(facts)) continue;
                ++matched;
                EXPECT_EQ(decide_attempt(facts), row.action) << row.name << " bits " << bits;
            }
            EXPECT_EQ(matched, 1) << "bits " << bits << " probe " << static_cast<int>(probe);
            ++combinations;
        }
    }
    EXPECT_EQ(combinations, 2048);
}

// Said once more without the table: what must never happen.
TEST(DecideAttempt, NeverRepeatsWhatMayHaveHappened) {
    for (const auto probe : {ProbeFinding::NotAsked, ProbeFinding::Applied,
                             ProbeFinding::NotApplied, ProbeFinding::CannotTell}) {
        for (int bits = 0; bits < 512; ++bits) {
            const AttemptFacts facts = attempt_of(bits, probe);
            const AttemptAction action = decide_attempt(facts);
            const bool repeats =
                action == AttemptAction::Again || action == AttemptAction::NotAppliedByProbe;
            if (!repeats) continue;
            EXPECT_FALSE(facts.receipt);
            EXPECT_FALSE(facts.must_end);
            EXPECT_TRUE(!facts.uncovered || facts.idempotent ||
                        facts.probe == ProbeFinding::NotApplied);
        }
    }
}

ResumeFacts resume_of(ResumeFacts::Intent intent, run::RunStatus status, int bits) {
    const auto bit = [bits](int n) { return (bits >> n & 1) != 0; };
    return {.intent = intent,
            .status = status,
            .has_finally = bit(0),
            .owned_elsewhere = bit(1),
            .supported = bit(2),
            .chain_verifies = bit(3),
            .target_ahead = bit(4),
            .target_changed = bit(5),
            .receipt_missing = bit(6)};
}

TEST(DecideResume, RefusesInTheOrderOfTheTable) {
    using Intent = ResumeFacts::Intent;
    int combinations = 0;
    for (const auto intent :
         {Intent::Resume, Intent::Settle, Intent::Undo, Intent::Cancel, Intent::Answer}) {
        for (int status = 0; status <= static_cast<int>(run::RunStatus::Cancelled); ++status) {
            for (int bits = 0; bits < 128; ++bits) {
                const ResumeFacts facts =
                    resume_of(intent, static_cast<run::RunStatus>(status), bits);
                const bool ended = run::is_final(facts.status);
                const bool undo = intent == Intent::Undo && facts.status != run::RunStatus::Undone;
                const bool reopen = intent == Intent::Settle &&
                                    facts.status == run::RunStatus::Failed && !facts.has_finally;
                ResumeAction expected = ResumeAction::Continue;
                if (ended) expected = undo ? ResumeAction::ReopenForUndo : ResumeAction::Reopen;
                if (facts.target_changed || facts.receipt_missing)
                    expected = ResumeAction::SuspendTarget;
                if (!facts.chain_verifies || facts.target_ahead) expected = ResumeAction::Integrity;
                if (!facts.supported) expected = ResumeAction::RefuseUnsupported;
                if (ended && !undo && !reopen) expected = ResumeAction::RefuseEnded;
                if (facts.owned_elsewhere) expected = ResumeAction::RefuseOwned;
                EXPECT_EQ(decide_resume(facts), expected);
                ++combinations;
            }
        }
    }
    EXPECT_EQ(combinations, 5 * 7 * 128);
}

}  // namespace
}  // namespace drydock::plan
