// SQLite 3.40 loses committed rows when two connections write and checkpoint one WAL file at once.
// Here many processes do just that to one journal: one that writes for as long as it goes, as a
// daemon does, several that open, write a little and close, as commands do, readers, and one that
// copies the journal again and again. What append() has returned must be there in the end.

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "engine/clock.h"
#include "engine/error.h"
#include "engine/journal/load.h"
#include "engine/journal/sqlite_reader.h"
#include "engine/seam.h"
#include "engine/sqlite/backup.h"
#include "tests/doubles/temp_folder.h"
#include "tests/journal/journal_story.h"
#include "tests/os/seam_switch.h"

namespace drydock::journal {
namespace {

constexpr std::int64_t kMaxRuns = 100'000;
constexpr int kCommandAppends = 20;

// What the processes share: a memory of what append() has returned.
struct Ledger {
    std::atomic<std::int64_t> left{0};  // commits that are still to be made
    std::atomic<std::int64_t> runs{0};
    std::atomic<std::int64_t> commits{0};
    std::atomic<std::int64_t> failed{0};  // commits that ended with an error
    std::atomic<std::int64_t> views{0};   // whole runs that readers have seen
    std::atomic<std::int64_t> copies{0};
    std::atomic<bool> over{false};
    struct Run {
        std::atomic<std::int64_t> n{0};
        std::atomic<std::int64_t> events{0};
    };
    std::array<Run, kMaxRuns> by_number;
};

class SharedLedger final {
  public:
    SharedLedger()
        : memory_(::mmap(nullptr, sizeof(Ledger), PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
        if (memory_ == MAP_FAILED) throw std::bad_alloc();
        new (memory_) Ledger;
    }
    ~SharedLedger() { ::munmap(memory_, sizeof(Ledger)); }
    SharedLedger(const SharedLedger&) = delete;
    SharedLedger& operator=(const SharedLedger&) = delete;
    Ledger* operator->() { return static_cast<Ledger*>(memory_); }
    Ledger& operator*() { return *static_cast<Ledger*>(memory_); }

  private:
    void* memory_;
};

pid_t in_child(const std::function<void()>& work) {
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    try {
        work();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "child: %s\n", error.what());
        ::_exit(1);
    }
    ::_exit(0);
}

std::int64_t from_environment(const char* name, std::int64_t otherwise) {
    const char* value = std::getenv(name);
    return value == nullptr ? otherwise : std::atoll(value);
}

// One run with `appends` commits after its first.
void write_run(SqliteJournal& journal, Ledger& ledger, int appends, std::size_t body_bytes) {
    const std::int64_t number = ++ledger.runs;
    if (--ledger.left < 0 || number >= kMaxRuns) return;
    Ledger::Run& run = ledger.by_number.at(static_cast<std::size_t>(number));
    Chain chain(run_id(static_cast<int>(number)));
    const auto claim = journal.create(new_run(static_cast<int>(number)), chain.created());
    run.n = claim->n();
    run.events = 2;
    ++ledger.commits;
    const Value::Map body{{"reason", std::string(body_bytes, 'x')}};
    for (int i = 0; i < appends && --ledger.left >= 0; ++i) {
        Append append;
        append.events.push_back(chain.next(run::CancelRequested{}, body));
        journal.append(*claim, append);
        ++run.events;
        ++ledger.commits;
    }
}

void write_until_done(const std::string& folder, Ledger& ledger, int appends, bool stays_open,
                      std::size_t body_bytes) {
    std::optional<SqliteJournal> journal;
    while (ledger.left > 0) {
        try {
            if (!journal) {
                // After each commit, so that the WAL is begun again thousands of times.
                SqliteJournal::Options options = journal_options(folder);
                options.passive_frames = 4;
                journal.emplace(options);
            }
            write_run(*journal, ledger, appends, body_bytes);
            if (!stays_open) journal.reset();
        } catch (const Error&) {
            ++ledger.failed;  // the journal stops at its first error; a new process would go on
            journal.reset();
        }
    }
}

void read_until_done(const std::string& folder, Ledger& ledger) {
    while (!ledger.over) {
        SqliteReader journal(folder + "/journal.db");
        for (const RunRow& row : journal.list({.limit = 3})) {
            (void)load(journal, row.n);  // throws where a chain has a gap
            ++ledger.views;
        }
    }
}

std::int64_t count_events(const std::string& path) {
    sqlite::Connection copy(path, {.mode = sqlite::Mode::ReadOnly});
    sqlite::Statement count = copy.prepare("select count(*) from events");
    return count.step() ? count.column_int(0) : -1;
}

void copy_until_done(const std::string& folder, Ledger& ledger) {
    while (!ledger.over) {
        const std::int64_t before = ledger.commits;
        {
            sqlite::Connection source(
                folder + "/journal.db",
                {.mode = sqlite::Mode::ReadOnly, .busy_timeout = Microseconds(5'000'000)});
            sqlite::Connection target(folder + "/copy.db", {.mode = sqlite::Mode::Create});
            sqlite::OnlineBackup backup(source, target);
            while (backup.step(-1)) {}
        }
        if (count_events(folder + "/copy.db") < before)
            throw std::runtime_error("a copy lacks what had been committed");
        ++ledger.copies;
        std::filesystem::remove(folder + "/copy.db");
    }
}

struct Race {
    std::int64_t commits = 0;
    int commands = 3;
    std::size_t body_bytes = 0;
};

struct Result {
    std::int64_t commits = 0, failed = 0, lost = 0, views = 0, copies = 0;
    bool children_well = true;
    std::string integrity;
    double seconds = 0;
};

Result race(const std::string& folder, const Race& what) {
    SharedLedger ledger;
    ledger->left = what.commits;
    { const SqliteJournal made(journal_options(folder)); }
    const std::int64_t began = system_clock().boot().count();
    std::vector<pid_t> writers, watchers;
    writers.push_back(
        in_child([&] { write_until_done(folder, *ledger, 5'000, true, what.body_bytes); }));
    for (int i = 0; i < what.commands; ++i) {
        writers.push_back(in_child(
            [&] { write_until_done(folder, *ledger, kCommandAppends, false, what.body_bytes); }));
    }
    watchers.push_back(in_child([&] { read_until_done(folder, *ledger); }));
    watchers.push_back(in_child([&] { copy_until_done(folder, *ledger); }));
    Result result;
    const auto wait_for = [&](const std::vector<pid_t>& pids) {
        for (const pid_t pid : pids) {
            int status = 0;
            ::waitpid(pid, &status, 0);
            if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) result.children_well = false;
        }
    };
    wait_for(writers);
    ledger->over = true;
    wait_for(watchers);
    result.seconds = static_cast<double>(system_clock().boot().count() - began) / 1e6;
    std::map<std::int64_t, std::int64_t> there;
    sqlite::Connection connection(folder + "/journal.db", {.mode = sqlite::Mode::ReadOnly});
    sqlite::Statement counts = connection.prepare("select run, count(*) from events group by run");
    while (counts.step()) there[counts.column_int(0)] = counts.column_int(1);
    for (std::int64_t number = 1; number <= ledger->runs && number < kMaxRuns; ++number) {
        const Ledger::Run& run = ledger->by_number.at(static_cast<std::size_t>(number));
        result.lost += std::max<std::int64_t>(0, run.events - there[run.n]);
    }
    sqlite::Statement check = connection.prepare("pragma integrity_check(1)");
    if (check.step()) result.integrity = check.column_text(0);
    result.commits = ledger->commits;
    result.failed = ledger->failed;
    result.views = ledger->views;
    result.copies = ledger->copies;
    return result;
}

void print(const char* name, const Result& result) {
    std::printf(
        "%s: %lld commits in %.1f s, %lld failed, %lld rows lost; %lld runs read, %lld "
        "copies made; integrity %s\n",
        name, static_cast<long long>(result.commits), result.seconds,
        static_cast<long long>(result.failed), static_cast<long long>(result.lost),
        static_cast<long long>(result.views), static_cast<long long>(result.copies),
        result.integrity.c_str());
}

// Syncing adds nothing to a race between processes that stay alive, and takes most of its time.
TEST(WalRace, LosesNothingUnderTheWriteLock) {
    const TempFolder folder;
    const test::Without unsynced(Protection::JournalSync);
    const Result result =
        race(folder.path(),
             {.commits = from_environment("DRYDOCK_WAL_COMMITS", 4'000), .body_bytes = 100});
    print("with the write lock", result);
    EXPECT_EQ(result.lost, 0);
    EXPECT_EQ(result.failed, 0);
    EXPECT_TRUE(result.children_well);
    EXPECT_EQ(result.integrity, "ok");
    EXPECT_GT(result.views, 0);
    EXPECT_GT(result.copies, 0);
}

}  // namespace
}  // namespace drydock::journal
