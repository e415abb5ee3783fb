#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/journal/journal.h"
#include "engine/journal/sqlite_reads.h"
#include "engine/os/file_lock.h"
#include "engine/sqlite/connection.h"
#include "engine/sqlite/statement.h"

namespace drydock::journal {

// The journal in one SQLite file, its locks and the logs beside it, in a folder of ours (0700):
//
//   journal.db   schema.lock   owners.lock   write.lock   logs/RUN/…
//
// Locks, always taken in this order:
//   schema.lock  shared for the life of every process that has the journal open; exclusive: upgrade
//   owners.lock  byte n for as long as a process owns run n; inherited by the guard of its commands
//   write.lock   exclusive for each write transaction and each checkpoint of any process
//
// Why the last one: SQLite 3.40 can lose committed rows in WAL mode when two connections write and
// checkpoint at once, and its busy handler starves. Nobody checkpoints but an appender, under it.
// The first error of a commit ends the object: after a failed sync SQLite would carry on as if the
// lost frames were there.
class SqliteJournal final : public Journal {
  public:
    struct Options {
        std::string path;          // of journal.db, absolute
        std::string vfs = {};      // of the fault tests
        std::string uuid = {};     // 16 random bytes, used when the journal is made
        Owner self = {};           // host and pid, for the owner column
        std::function<std::int64_t()> now;  // wall clock, microseconds
        Microseconds lock_limit{30'000'000};
        // With so many frames in the WAL the appender moves what no reader needs.
        std::int64_t passive_frames = 1'000;
    };
    // Opens, makes or upgrades. Error{Journal}.
    explicit SqliteJournal(Options options);
    ~SqliteJournal() override;

    [[nodiscard]] const JournalInfo& info() const override { return info_; }
    [[nodiscard]] std::vector<RunRow> list(const RunFilter& filter) override;
    [[nodiscard]] std::vector<RunRow> find(std::string_view prefix, std::size_t limit) override;
    [[nodiscard]] std::optional<RunRow> newest(std::string_view starter) override;
    [[nodiscard]] std::optional<RunRow> row(std::int64_t n) override;
    [[nodiscard]] std::vector<StoredEvent> events(std::int64_t n, std::int64_t after_seq,
                                                  std::size_t limit) override;
    [[nodiscard]] std::map<std::string, std::string> parts(std::int64_t n) override;
    [[nodiscard]] std::vector<Request> requests(std::int64_t n) override;
    [[nodiscard]] std::optional<Owner> owner(std::int64_t n) override;
    [[nodiscard]] std::optional<LockHolder> lock_holder(std::string_view name) override;
    [[nodiscard]] std::vector<StoredLedgerLine> ledger(std::int64_t from_idx,
                                                       std::size_t limit) override;
    [[nodiscard]] std::optional<StoredLedgerLine> last_seal(std::int64_t n) override;
    [[nodiscard]] std::optional<Tip> tip() override;
    [[nodiscard]] std::vector<Head> heads() override;
    [[nodiscard]] std::string log_folder(std::string_view run) const override;

    [[nodiscard]] std::unique_ptr<Claim> create(const NewRun& run, const Append& first) override;
    [[nodiscard]] std::unique_ptr<Claim> claim(std::int64_t n) override;
    void append(const Claim& claim, const Append& append) override;
    void submit(const Request& request) override;
    bool withdraw(std::string_view request) override;
    void add_head(const Head& head) override;
    void erase(const Removal& removal) override;
    void prune(const Removal& removal) override;

  private:
    void open();
    void upgrade_if_needed();
    // Runs `work` in one transaction under write.lock; the first error kills the journal.
    void transact(const std::function<void()>& work);
    void commit_and_checkpoint();
    void insert_run(std::int64_t n, const NewRun& run);
    void insert_parts(std::int64_t n, const NewRun& run);
    void write(std::int64_t n, std::int64_t term, const Append& append);
    void seal(std::int64_t n, const Append& append);
    [[nodiscard]] RunRow ended_run(std::int64_t n);
    void forget_run(std::int64_t n);
    void forget_for_good();
    void take_locks(std::int64_t n, const std::vector<std::string>& names);
    // Runs a reading verb with this journal's errors.
    template <class Read>
    auto reading(Read read) -> decltype(read());

    struct Statements;

    Options options_;
    std::string folder_;
    os::FileLock schema_lock_;
    os::FileLock write_lock_;
    std::optional<sqlite::Connection> connection_;
    std::optional<SqliteReads> reads_;
    std::unique_ptr<Statements> statements_;
    JournalInfo info_;
    bool failed_ = false;
    bool empty_log_ = false;  // after the next commit
};

}  // namespace drydock::journal
