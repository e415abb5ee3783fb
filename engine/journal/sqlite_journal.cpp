#include "engine/journal/sqlite_journal.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "engine/check.h"
#include "engine/crypto/digest.h"
#include "engine/journal/ledger.h"
#include "engine/journal/schema.h"
#include "engine/journal/sqlite_ledger.h"
#include "engine/journal/wording.h"
#include "engine/os/file_system.h"
#include "engine/seam.h"

namespace drydock::journal {
namespace {

// When the WAL has so many frames the appender asks readers to start over in the new one, without
// waiting for them.
constexpr std::int64_t kRestartFrames = 16'000;
// While a reader rebuilds the shared memory file, writers wait for it.
constexpr Microseconds kBusyTimeout{5'000'000};

constexpr std::string_view kNextRun = "select coalesce(max(n), 0) + 1 from runs";
constexpr std::string_view kInsertRun =
    "insert into runs (n, run, runbook, environment, status, term, owner, starter, request, "
    "created) "
    "values (?1, ?2, ?3, ?4, 'created', 1, ?5, ?6, nullif(?7, ''), ?8)";
constexpr std::string_view kInsertPart =
    "insert into parts (digest, bytes) values (?1, ?2) on conflict do nothing";
constexpr std::string_view kInsertRunPart =
    "insert into run_parts (run, path, digest) values (?1, ?2, ?3)";
constexpr std::string_view kInsertEvent =
    "insert into events (run, seq, line, salt, body) values (?1, ?2, ?3, ?4, ?5)";
// The row changes only under the term that this claim has.
constexpr std::string_view kUpdateRun =
    "update runs set status = ?3, why = nullif(?4, ''), due = nullif(?5, 0), ended = nullif(?6, "
    "0), exit = ?7 "
    "where n = ?1 and term = ?2";
constexpr std::string_view kClaimRun =
    "update runs set term = term + 1, owner = ?2 where n = ?1 returning term";
constexpr std::string_view kTerm = "select term from runs where n = ?1";
constexpr std::string_view kTakeLock =
    "insert into locks (name, run, since) values (?1, ?2, ?3) on conflict (name) do update set "
    "name = name "
    "where run = excluded.run returning run";
constexpr std::string_view kFreeLocks = "delete from locks where run = ?1";
constexpr std::string_view kSubmit =
    "insert into requests (id, run, kind, actor, body, at) values (?1, ?2, ?3, ?4, ?5, ?6)";
constexpr std::string_view kWithdraw = "delete from requests where id = ?1 returning id";

class SqliteClaim final : public Claim {
  public:
    SqliteClaim(std::int64_t n, std::int64_t term, os::ByteLock lock)
        : n_(n), term_(term), lock_(std::move(lock)) {}
    [[nodiscard]] std::int64_t n() const override { return n_; }
    [[nodiscard]] std::int64_t term() const override { return term_; }
    [[nodiscard]] std::vector<int> inheritable() const override { return {lock_.fd()}; }

  private:
    std::int64_t n_;
    std::int64_t term_;
    os::ByteLock lock_;
};

}  // namespace

// Prepared once: a step costs two of these and a commit.
struct SqliteJournal::Statements {
    explicit Statements(sqlite::Connection& connection)
        : begin(connection.prepare("begin immediate", sqlite::Reuse::Often)),
          commit(connection.prepare("commit", sqlite::Reuse::Often)),
          insert_event(connection.prepare(kInsertEvent, sqlite::Reuse::Often)),
          update_run(connection.prepare(kUpdateRun, sqlite::Reuse::Often)),
          term(connection.prepare(kTerm, sqlite::Reuse::Often)) {}

    sqlite::Statement begin, commit, insert_event, update_run, term;
};

SqliteJournal::SqliteJournal(Options options)
    : options_(std::move(options)),
      folder_(std::filesystem::path(options_.path).parent_path()),
      schema_lock_(folder_ + "/schema.lock"),
      write_lock_(folder_ + "/write.lock") {
    try {
        open();
    } catch (const Error& error) {
        if (error.code() == ErrorCode::Journal || error.code() == ErrorCode::Integrity) throw;
        throw unavailable(options_.path, error);
    }
}

SqliteJournal::~SqliteJournal() = default;

void SqliteJournal::open() {
    if (!schema_lock_.acquire(os::LockMode::Shared, options_.lock_limit)) {
        throw Error(ErrorCode::Journal,
                    "the journal " + options_.path + " is being upgraded by pid " +
                        std::to_string(schema_lock_.holder_pid().value_or(0)),
                    "try again when it is done");
    }
    connection_.emplace(options_.path, sqlite::OpenOptions{.mode = sqlite::Mode::Create,
                                                           .vfs = options_.vfs,
                                                           .busy_timeout = kBusyTimeout,
                                                           .checkpoint_on_close = false});
    upgrade_if_needed();
    connection_->exec(protected_by(Protection::JournalSync) ? "pragma synchronous = full"
                                                            : "pragma synchronous = off");
    // No pragma wal_autocheckpoint here: it would take away the connection's hook that counts the
    // frames, and with it every checkpoint. The hook has replaced SQLite's own checkpoints already.
    reads_.emplace(*connection_, folder_);
    statements_ = std::make_unique<Statements>(*connection_);
    info_ = reads_->read_info(options_.path);
}

void SqliteJournal::upgrade_if_needed() {
    std::optional<std::int64_t> found = schema_of(*connection_, options_.path);
    if (found && *found > newest_schema())
        throw newer_schema(options_.path, *found, newest_schema());
    if (found == newest_schema()) return;
    schema_lock_.release();
    if (!schema_lock_.acquire(os::LockMode::Exclusive, options_.lock_limit)) {
        throw Error(
            ErrorCode::Journal,
            "the journal " + options_.path + " must be upgraded, but another drydock has it open",
            "let the runs end, then try again: drydock runs --open");
    }
    if (!write_lock_.acquire(os::LockMode::Exclusive, options_.lock_limit)) {
        throw Error(ErrorCode::Journal,
                    "the journal " + options_.path + " is being written by pid " +
                        std::to_string(write_lock_.holder_pid().value_or(0)),
                    "try again when it is done");
    }
    found = schema_of(*connection_, options_.path);  // somebody may have been quicker
    if (found != newest_schema()) {
        connection_->exec("pragma journal_mode = wal");
        connection_->exec("pragma synchronous = full");
        upgrade(*connection_, found.value_or(0),
                {.uuid = options_.uuid, .now = options_.now()});
        kill_point("journal.upgraded");
    }
    write_lock_.release();
    schema_lock_.release();
    if (!schema_lock_.acquire(os::LockMode::Shared, options_.lock_limit)) {
        throw Error(ErrorCode::Journal,
                    "the journal " + options_.path + " is being upgraded by another drydock",
                    "try again");
    }
}

void SqliteJournal::transact(const std::function<void()>& work) {
    if (failed_ && protected_by(Protection::FirstErrorStops)) {
        throw Error(ErrorCode::Journal,
                    "the journal " + options_.path + " failed before and is not used any more",
                    "drydock resume last continues from what is durable");
    }
    const bool locked = protected_by(Protection::WriteLock);
    if (locked && !write_lock_.acquire(os::LockMode::Exclusive, options_.lock_limit)) {
        throw Error(ErrorCode::Journal,
                    "the journal " + options_.path + " is locked by pid " +
                        std::to_string(write_lock_.holder_pid().value_or(0)),
                    "look what that process does: ps -fp " +
                        std::to_string(write_lock_.holder_pid().value_or(0)));
    }
    std::optional<Error> failure;
    try {
        statements_->begin.run();
        work();
        commit_and_checkpoint();
    } catch (const Error& error) {
        failure = error;
    }
    if (failure && !connection_->autocommit()) {
        try {
            connection_->exec("rollback");
        } catch (const Error&) {
            failed_ = true;  // whether it is rolled back the next owner will see
        }
    }
    if (locked) write_lock_.release();
    if (!failure) return;
    if (failure->code() == ErrorCode::Refused) throw *failure;
    failed_ = true;
    const bool told =
        failure->code() == ErrorCode::Journal || failure->code() == ErrorCode::Integrity;
    throw told ? *failure : unavailable(options_.path, *failure);
}

void SqliteJournal::commit_and_checkpoint() {
    kill_point("journal.before_commit");
    statements_->commit.run();
    kill_point("journal.after_commit");
    if (std::exchange(empty_log_, false)) {
        connection_->checkpoint(sqlite::CheckpointMode::Truncate);
        return;
    }
    const std::int64_t frames = connection_->wal_frames();
    if (frames < options_.passive_frames) return;
    connection_->checkpoint(frames < kRestartFrames ? sqlite::CheckpointMode::Passive
                                                    : sqlite::CheckpointMode::Restart);
}

std::unique_ptr<Claim> SqliteJournal::create(const NewRun& run, const Append& first) {
    std::unique_ptr<Claim> claim;
    transact([&] {
        sqlite::Statement next = connection_->prepare(kNextRun);
        CHECK(next.step());
        const std::int64_t n = next.column_int(0);
        next.reset();
        std::optional<os::ByteLock> lock = os::ByteLock::try_acquire(reads_->owners_path(), n);
        if (!lock)
            throw Error(
                ErrorCode::Journal,
                "owners.lock of " + options_.path + " is held for a run that does not exist",
                "drydock doctor");
        insert_run(n, run);
        insert_parts(n, run);
        write(n, 1, first);
        claim = std::make_unique<SqliteClaim>(n, 1, *std::move(lock));
    });
    return claim;
}

void SqliteJournal::insert_run(std::int64_t n, const NewRun& run) {
    Owner self = options_.self;
    self.since = run.created;
    sqlite::Statement insert = connection_->prepare(kInsertRun);
    insert.bind(1, n).bind(2, std::string_view(run.run)).bind(3, std::string_view(run.runbook));
    insert.bind(4, std::string_view(run.environment)).bind(5, std::string_view(to_column(self)));
    insert.bind(6, std::string_view(run.starter))
        .bind(7, std::string_view(run.request))
        .bind(8, run.created);
    insert.run();
}

void SqliteJournal::insert_parts(std::int64_t n, const NewRun& run) {
    sqlite::Statement part = connection_->prepare(kInsertPart);
    sqlite::Statement link = connection_->prepare(kInsertRunPart);
    for (const auto& [path, bytes] : run.parts) {
        const crypto::Digest digest = crypto::sha256(bytes);
        const std::string_view key(reinterpret_cast<const char*>(digest.data()), digest.size());
        part.bind_blob(1, key).bind_blob(2, bytes).run();
        link.bind(1, n).bind(2, std::string_view(path)).bind_blob(3, key).run();
    }
}

std::unique_ptr<Claim> SqliteJournal::claim(std::int64_t n) {
    std::unique_ptr<Claim> claim;
    std::optional<os::ByteLock> lock = os::ByteLock::try_acquire(reads_->owners_path(), n);
    if (!lock && protected_by(Protection::OwnerLock)) {
        const std::optional<RunRow> run = row(n);
        throw owned_elsewhere(run ? run->run : "?",
                              owner(n).value_or(Owner{.host = "this machine"}));
    }
    if (!lock)
        lock = os::ByteLock::try_acquire(reads_->owners_path() + ".off",
                                         static_cast<std::int64_t>(options_.self.pid));
    kill_point("claim.locked");
    transact([&] {
        Owner self = options_.self;
        self.since = options_.now();
        sqlite::Statement update = connection_->prepare(kClaimRun);
        update.bind(1, n).bind(2, std::string_view(to_column(self)));
        CHECK(update.step());
        const std::int64_t term = update.column_int(0);
        update.reset();
        claim = std::make_unique<SqliteClaim>(n, term, *std::move(lock));
    });
    kill_point("claim.committed");
    return claim;
}

void SqliteJournal::append(const Claim& claim, const Append& append) {
    transact([&] { write(claim.n(), claim.term(), append); });
}

void SqliteJournal::write(std::int64_t n, std::int64_t term, const Append& append) {
    statements_->term.bind(1, n);
    const bool mine = statements_->term.step() && statements_->term.column_int(0) == term;
    statements_->term.reset();
    if (!mine) throw fenced(options_.path);
    sqlite::Statement& insert = statements_->insert_event;
    for (const StoredEvent& event : append.events) {
        insert.bind(1, n).bind(2, event.seq).bind_blob(3, event.line);
        if (event.body) {
            insert.bind_blob(4, event.salt).bind_blob(5, *event.body);
        } else {
            insert.bind_null(4).bind_null(5);
        }
        insert.run();
    }
    take_locks(n, append.take_locks);
    if (append.update) {
        sqlite::Statement& update = statements_->update_run;
        update.bind(1, n).bind(2, term).bind(3, run::name_of(append.update->status));
        update.bind(4, std::string_view(append.update->why))
            .bind(5, append.update->due)
            .bind(6, append.update->ended);
        if (append.update->exit) {
            update.bind(7, *append.update->exit);
        } else {
            update.bind_null(7);
        }
        update.run();
    }
    if (append.free_locks) connection_->prepare(kFreeLocks).bind(1, n).run();
    for (const std::string& id : append.done_requests)
        connection_->prepare(kWithdraw).bind(1, std::string_view(id)).run();
    if (wants_seal(append.events) && protected_by(Protection::LedgerSeal)) seal(n, append);
}

void SqliteJournal::seal(std::int64_t n, const Append& append) {
    LedgerEntry entry = seal_of(n, append.events.back());
    entry.time = options_.now();
    SqliteLedger(*connection_).append(std::move(entry));
}

void SqliteJournal::take_locks(std::int64_t n, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        sqlite::Statement take = connection_->prepare(kTakeLock);
        take.bind(1, std::string_view(name)).bind(2, n).bind(3, options_.now());
        const bool taken = take.step();
        take.reset();
        if (!taken) throw lock_held(reads_->lock_holder(name).value_or(LockHolder{.name = name}));
    }
}

void SqliteJournal::submit(const Request& request) {
    transact([&] {
        sqlite::Statement insert = connection_->prepare(kSubmit);
        insert.bind(1, std::string_view(request.id))
            .bind(2, request.n)
            .bind(3, std::string_view(request.kind));
        insert.bind(4, std::string_view(request.actor))
            .bind_blob(5, request.body)
            .bind(6, request.at);
        insert.run();
    });
}

bool SqliteJournal::withdraw(std::string_view request) {
    bool there = false;
    transact([&] {
        sqlite::Statement remove = connection_->prepare(kWithdraw);
        remove.bind(1, request);
        there = remove.step();
        remove.reset();
    });
    return there;
}

template <class Read>
auto SqliteJournal::reading(Read read) -> decltype(read()) {
    try {
        return read();
    } catch (const Error& error) {
        if (error.code() == ErrorCode::Integrity) throw;
        throw unreadable(options_.path, error);
    }
}

std::vector<RunRow> SqliteJournal::list(const RunFilter& filter) {
    return reading([&] { return reads_->list(filter); });
}
std::vector<RunRow> SqliteJournal::find(std::string_view prefix, std::size_t limit) {
    return reading([&] { return reads_->find(prefix, limit); });
}
std::optional<RunRow> SqliteJournal::newest(std::string_view starter) {
    return reading([&] { return reads_->newest(starter); });
}
std::optional<RunRow> SqliteJournal::row(std::int64_t n) {
    return reading([&] { return reads_->row(n); });
}
std::vector<StoredEvent> SqliteJournal::events(std::int64_t n, std::int64_t after_seq,
                                               std::size_t limit) {
    return reading([&] { return reads_->events(n, after_seq, limit); });
}
std::map<std::string, std::string> SqliteJournal::parts(std::int64_t n) {
    return reading([&] { return reads_->parts(n); });
}
std::vector<Request> SqliteJournal::requests(std::int64_t n) {
    return reading([&] { return reads_->requests(n); });
}
std::optional<Owner> SqliteJournal::owner(std::int64_t n) {
    return reading([&] { return reads_->owner(n); });
}
std::optional<LockHolder> SqliteJournal::lock_holder(std::string_view name) {
    return reading([&] { return reads_->lock_holder(name); });
}
std::vector<StoredLedgerLine> SqliteJournal::ledger(std::int64_t from_idx, std::size_t limit) {
    return reading([&] { return reads_->ledger(from_idx, limit); });
}
std::optional<StoredLedgerLine> SqliteJournal::last_seal(std::int64_t n) {
    return reading([&] { return reads_->last_seal(n); });
}
std::optional<Tip> SqliteJournal::tip() {
    return reading([&] { return reads_->tip(); });
}
std::vector<Head> SqliteJournal::heads() {
    return reading([&] { return reads_->heads(); });
}
std::string SqliteJournal::log_folder(std::string_view run) const {
    return reads_->log_folder(run);
}

}  // namespace drydock::journal
