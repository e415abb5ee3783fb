#include <gtest/gtest.h>

#include <memory>

#include "engine/error.h"
#include "engine/journal/load.h"
#include "engine/journal/sqlite_reader.h"
#include "tests/doubles/faulty_vfs.h"
#include "tests/doubles/temp_folder.h"
#include "tests/journal/journal_story.h"
#include "tests/os/seam_switch.h"

namespace drydock::journal {
namespace {

using testing_doubles::FaultyVfs;

constexpr int kAppends = 12;

struct Outcome {
    std::int64_t acknowledged = 0;  // events whose append returned
    std::int64_t n = 0;
    bool failed = false;
    bool wrote_after_failure = false;
};

// One run of a few commits, until the journal fails.
Outcome write_until_it_fails(const std::string& folder) {
    Outcome outcome;
    Chain chain(run_id(1));
    try {
        SqliteJournal::Options options = journal_options(folder);
        options.vfs = FaultyVfs::kName;
        SqliteJournal journal(options);
        std::unique_ptr<Claim> claim;
        try {
            claim = journal.create(new_run(1), chain.created());
            outcome.n = claim->n();
            outcome.acknowledged = 2;
            for (int i = 0; i < kAppends; ++i) {
                journal.append(*claim, chain.one());
                ++outcome.acknowledged;
            }
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::Journal) << error.message();
            outcome.failed = true;
            if (claim == nullptr) return outcome;
            // After the first error nothing is accepted any more, even where the disk is well
            // again.
            FaultyVfs::never();
            outcome.wrote_after_failure =
                code_thrown([&] { journal.append(*claim, chain.one()); }) != ErrorCode::Journal;
        }
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Journal) << error.message();
        outcome.failed = true;
    }
    return outcome;
}

// What a later process finds: everything that was acknowledged, in an unbroken chain.
void expect_nothing_lost(const std::string& folder, const Outcome& outcome, std::int64_t at) {
    FaultyVfs::never();
    if (outcome.acknowledged == 0) return;
    SqliteJournal journal(journal_options(folder));
    const LoadedRun loaded = load(journal, outcome.n);
    EXPECT_GE(loaded.state.seq(), outcome.acknowledged) << "operation " << at;
    // The commit in doubt may be there; never more than it.
    EXPECT_LE(loaded.state.seq(), outcome.acknowledged + 1) << "operation " << at;
}

class JournalFaults : public testing::TestWithParam<std::pair<FaultyVfs::Fault, bool>> {};

TEST_P(JournalFaults, LoseNothingAcknowledgedAtAnyOperation) {
    FaultyVfs::install();
    const auto [fault, sticky] = GetParam();
    int failures = 0;
    for (std::int64_t at = 1; at < 400; ++at) {
        const TempFolder folder;
        FaultyVfs::fail_at(at, fault, sticky);
        const Outcome outcome = write_until_it_fails(folder.path());
        const bool done = !outcome.failed && FaultyVfs::operations() < at;
        EXPECT_FALSE(outcome.wrote_after_failure) << "operation " << at;
        expect_nothing_lost(folder.path(), outcome, at);
        if (outcome.failed) ++failures;
        if (done) {
            std::printf("%d of %d places failed\n", failures, static_cast<int>(at - 1));
            EXPECT_GT(failures, 20);
            return;
        }
    }
    FAIL() << "the loop never came to its end";
}

INSTANTIATE_TEST_SUITE_P(Faults, JournalFaults,
                         testing::Values(std::pair(FaultyVfs::Fault::IoError, false),
                                         std::pair(FaultyVfs::Fault::IoError, true),
                                         std::pair(FaultyVfs::Fault::DiskFull, false),
                                         std::pair(FaultyVfs::Fault::DiskFull, true)));

TEST(JournalSync, AFailedSyncIsAFailedCommit) {
    FaultyVfs::install();
    int failures = 0;
    for (std::int64_t at = 1; at < 200; ++at) {
        const TempFolder folder;
        FaultyVfs::fail_at(at, FaultyVfs::Fault::FailedSync, false);
        const Outcome outcome = write_until_it_fails(folder.path());
        if (outcome.failed) ++failures;
        expect_nothing_lost(folder.path(), outcome, at);
    }
    // At least one sync for each commit: WAL with synchronous=FULL.
    EXPECT_GE(failures, kAppends);
}

TEST(JournalSync, WithoutItAFailedSyncGoesUnnoticed) {
    FaultyVfs::install();
    const test::Without without(Protection::JournalSync);
    int failures = 0;
    for (std::int64_t at = 85; at < 145; ++at) {  // past the making of the journal
        const TempFolder folder;
        FaultyVfs::fail_at(at, FaultyVfs::Fault::FailedSync, false);
        if (write_until_it_fails(folder.path()).failed) ++failures;
    }
    EXPECT_EQ(failures, 0);
}

TEST(JournalFirstError, WithoutStoppingItGoesOnAfterAFailedCommit) {
    FaultyVfs::install();
    const test::Without without(Protection::FirstErrorStops);
    bool wrote = false;
    for (std::int64_t at = 40; at < 110 && !wrote; ++at) {
        const TempFolder folder;
        FaultyVfs::fail_at(at, FaultyVfs::Fault::IoError, false);
        wrote = write_until_it_fails(folder.path()).wrote_after_failure;
    }
    EXPECT_TRUE(wrote);
}

}  // namespace
}  // namespace drydock::journal
