// Several processes at one journal: writers, readers, checkpoints. Children are forked before any
// database is open, as SQLite demands.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <vector>

#include "engine/error.h"
#include "engine/journal/load.h"
#include "engine/journal/sqlite_reader.h"
#include "engine/seam.h"
#include "tests/doubles/temp_folder.h"
#include "tests/journal/journal_story.h"
#include "tests/os/seam_switch.h"

namespace drydock::journal {
namespace {

pid_t in_child(const std::function<bool()>& work) {
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    bool good = false;
    try {
        good = work();
    } catch (const Error& error) {
        std::fprintf(stderr, "child: %s\n", error.message().c_str());
    }
    ::_exit(good ? 0 : 1);
}

bool ended_well(pid_t pid) {
    int status = 0;
    return ::waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool write_run(const std::string& folder, int number, int appends) {
    SqliteJournal journal(journal_options(folder));
    Chain chain(run_id(number));
    const auto claim = journal.create(new_run(number), chain.created());
    for (int i = 0; i < appends; ++i) journal.append(*claim, chain.one());
    return true;
}

TEST(JournalProcesses, LoseNothingWithFourWritersAndReadersDuringTenThousandCommits) {
    const TempFolder folder;
    constexpr int kWriters = 4, kAppends = 2'500, kReaders = 2;
    { const SqliteJournal made(journal_options(folder.path())); }
    std::vector<pid_t> children;
    for (int writer = 1; writer <= kWriters; ++writer) {
        children.push_back(in_child([&] { return write_run(folder.path(), writer, kAppends); }));
    }
    for (int reader = 0; reader < kReaders; ++reader) {
        // Reads whole runs again and again until all have come to their end; every view is a whole
        // chain.
        children.push_back(in_child([&] {
            SqliteReader journal(folder.file("journal.db"));
            for (;;) {
                int ended = 0;
                for (const RunRow& row : journal.list({})) {
                    if (load(journal, row.n).state.seq() == kAppends + 2) ++ended;
                }
                if (ended == kWriters) return true;
            }
        }));
    }
    for (const pid_t child : children) EXPECT_TRUE(ended_well(child));
    SqliteReader journal(folder.file("journal.db"));
    for (const RunRow& row : journal.list({}))
        EXPECT_EQ(load(journal, row.n).state.seq(), kAppends + 2);
    EXPECT_EQ(journal.list({}).size(), static_cast<std::size_t>(kWriters));
}

TEST(JournalProcesses, TwoThatOpenANewJournalAtOnceMakeOne) {
    for (int round = 0; round < 20; ++round) {
        const TempFolder folder;
        const pid_t first = in_child([&] { return write_run(folder.path(), 1, 1); });
        const pid_t second = in_child([&] { return write_run(folder.path(), 2, 1); });
        EXPECT_TRUE(ended_well(first));
        EXPECT_TRUE(ended_well(second));
        EXPECT_EQ(SqliteReader(folder.file("journal.db")).list({}).size(), 2U);
    }
}

TEST(JournalProcesses, AKilledOwnerLeavesItsRunFree) {
    const TempFolder folder;
    const pid_t owner = in_child([&] {
        SqliteJournal journal(journal_options(folder.path()));
        Chain chain(run_id(1));
        const auto claim = journal.create(new_run(1), chain.created());
        ::raise(SIGKILL);
        return claim != nullptr;
    });
    int status = 0;
    ASSERT_EQ(::waitpid(owner, &status, 0), owner);
    ASSERT_TRUE(WIFSIGNALED(status));
    SqliteJournal journal(journal_options(folder.path()));
    EXPECT_FALSE(journal.owner(1).has_value());
    EXPECT_EQ(journal.claim(1)->term(), 2);
}

TEST(JournalProcesses, WithoutItsLockARunGetsASecondOwner) {
    const TempFolder folder;
    SqliteJournal journal(journal_options(folder.path()));
    Chain chain(run_id(1));
    const auto claim = journal.create(new_run(1), chain.created());
    const pid_t rival = in_child([&] {
        const test::Without without(Protection::OwnerLock);
        SqliteJournal other(journal_options(folder.path()));
        return other.claim(1)->term() == 2;
    });
    EXPECT_TRUE(ended_well(rival));
    const pid_t refused = in_child([&] {
        SqliteJournal other(journal_options(folder.path()));
        return code_thrown([&] { (void)other.claim(1); }) == ErrorCode::Refused;
    });
    EXPECT_TRUE(ended_well(refused));
}

// What the write lock is for: SQLite's own handler lets writers wait without order, and checkpoints
// meet writers. Shown by what a writer sees when another holds the journal: with the lock it waits
// its turn; without it, it runs into the other's transaction.
TEST(JournalProcesses, WithoutTheWriteLockAWriterDoesNotWaitItsTurn) {
    const auto writes_while_locked = [](bool protection) {
        const TempFolder folder;
        { const SqliteJournal made(journal_options(folder.path())); }
        os::FileLock turn(folder.file("write.lock"));
        EXPECT_TRUE(turn.acquire(os::LockMode::Exclusive, Microseconds(1'000'000)));
        const pid_t writer = in_child([&] {
            std::optional<test::Without> without;
            if (!protection) without.emplace(Protection::WriteLock);
            SqliteJournal::Options options = journal_options(folder.path());
            options.lock_limit = Microseconds(100'000);
            SqliteJournal journal(options);
            Chain chain(run_id(1));
            return journal.create(new_run(1), chain.created()) != nullptr;
        });
        return ended_well(writer);
    };
    EXPECT_FALSE(writes_while_locked(true));
    EXPECT_TRUE(writes_while_locked(false));
}

}  // namespace
}  // namespace drydock::journal
