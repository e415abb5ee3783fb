#include "engine/sqlite/connection.h"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "engine/check.h"
#include "engine/clock.h"
#include "engine/error.h"
#include "engine/sqlite/errors.h"

namespace drydock::sqlite {
namespace {

// Often enough that a deadline is kept within a few milliseconds, rarely enough to cost nothing.
constexpr int kStepsBetweenStops = 4000;
constexpr int kMaxParameters = 10'000;
constexpr std::int64_t kMaxHeapBytes = std::int64_t{384} << 20;
constexpr Microseconds kShortestWait{500};
constexpr Microseconds kLongestWait{20'000};

int open_flags(Mode mode) {
    // One thread at a time uses a connection, so SQLite's own mutex would be paid for nothing; but
    // interrupt() comes from another thread and is safe without it.
    constexpr int kCommon = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE;
    switch (mode) {
        case Mode::ReadOnly: return kCommon | SQLITE_OPEN_READONLY;
        case Mode::ReadWrite: return kCommon | SQLITE_OPEN_READWRITE;
        case Mode::Create: return kCommon | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    }
    return kCommon;
}

Action action_of(int action) {
    switch (action) {
        case SQLITE_TRANSACTION: return Action::Transaction;
        case SQLITE_SAVEPOINT: return Action::Savepoint;
        case SQLITE_ATTACH: return Action::Attach;
        case SQLITE_DETACH: return Action::Detach;
        case SQLITE_PRAGMA: return Action::Pragma;
        default: return Action::Other;
    }
}

bool only_blanks_and_comments(sqlite3* handle, const char* rest, std::size_t size) {
    // SQLite itself says what is a statement: the rest must compile to nothing.
    while (size > 0) {
        sqlite3_stmt* statement = nullptr;
        const char* tail = nullptr;
        const int result =
            sqlite3_prepare_v3(handle, rest, static_cast<int>(size), 0, &statement, &tail);
        const bool empty = result == SQLITE_OK && statement == nullptr;
        sqlite3_finalize(statement);
        if (!empty) return false;
        size -= static_cast<std::size_t>(tail - rest);
        rest = tail;
    }
    return true;
}

}  // namespace

bool ends_statement(const std::string& sql) { return sqlite3_complete(sql.c_str()) != 0; }

void Connection::Close::operator()(sqlite3* handle) const noexcept {
    // _v2: a statement that outlives us turns into a leak that ends with it, not into a crash.
    sqlite3_close_v2(handle);
}

std::string library_version() { return ::sqlite3_libversion(); }

Connection::Connection(const std::string& path, const OpenOptions& options)
    : busy_timeout_(options.busy_timeout) {
    sqlite3* raw = nullptr;
    const char* vfs = options.vfs.empty() ? nullptr : options.vfs.c_str();
    const int result = sqlite3_open_v2(path.c_str(), &raw, open_flags(options.mode), vfs);
    handle_.reset(raw);
    if (result != SQLITE_OK) throw last_error(raw, result, "opening " + path);
    sqlite3_busy_handler(raw, &Connection::on_busy, this);
    // A hook replaces SQLite's automatic checkpoint: who opens decides when to checkpoint, because
    // SQLite before 3.44.6 can lose rows when two programs write and checkpoint one file at once.
    sqlite3_wal_hook(raw, &Connection::on_commit_to_wal, this);
    if (!options.checkpoint_on_close) {
        sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }
}

Connection::~Connection() = default;

int Connection::on_busy(void* self, int calls) {
    auto& connection = *static_cast<Connection*>(self);
    const Microseconds now = system_clock().boot();
    if (calls == 0) connection.busy_since_ = now;
    const Microseconds left = connection.busy_since_ + connection.busy_timeout_ - now;
    if (left.count() <= 0 || (connection.stop_ && connection.stop_())) return 0;
    const Microseconds wait =
        std::min({kShortestWait * (1 << std::min(calls, 10)), kLongestWait, left});
    std::this_thread::sleep_for(wait);
    return 1;
}

int Connection::on_progress(void* self) {
    const auto& connection = *static_cast<Connection*>(self);
    return connection.stop_ && connection.stop_() ? 1 : 0;
}

int Connection::on_commit_to_wal(void* self, sqlite3* /*handle*/, const char* /*database*/,
                                 int frames) {
    static_cast<Connection*>(self)->wal_frames_ = frames;
    return SQLITE_OK;
}

int Connection::on_compile(void* self, int action, const char* first, const char* second,
                           const char* /*database*/, const char* /*trigger*/) {
    const auto& connection = *static_cast<Connection*>(self);
    const std::string_view name = first == nullptr ? std::string_view() : std::string_view(first);
    return connection.authorizer_(action_of(action), name, second) ? SQLITE_OK : SQLITE_DENY;
}

void Connection::exec(const std::string& sql) {
    const int result = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) throw last_error(handle_.get(), result, {});
}

Statement Connection::prepare(std::string_view sql, Reuse reuse) {
    // SQLite reads to the first zero byte and would not say what it left out.
    if (sql.find('\0') != std::string_view::npos)
        throw Error(ErrorCode::Sql, "a zero byte in a statement", {}, "SQLITE_ERROR");
    sqlite3_stmt* raw = nullptr;
    const char* tail = nullptr;
    const unsigned flags = reuse == Reuse::Often ? SQLITE_PREPARE_PERSISTENT : 0;
    const int result = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                          flags, &raw, &tail);
    if (result != SQLITE_OK) {
        const int offset = sqlite3_error_offset(handle_.get());
        throw last_error(handle_.get(), result, {})
            .at(offset < 0 ? 0 : static_cast<std::size_t>(offset) + 1);
    }
    if (raw == nullptr)
        throw Error(ErrorCode::Sql, "there is no statement in this text", {}, "SQLITE_ERROR");
    Statement statement(raw);
    const auto rest = static_cast<std::size_t>(sql.data() + sql.size() - tail);
    if (!only_blanks_and_comments(handle_.get(), tail, rest)) {
        throw Error(ErrorCode::Sql, "more than one statement where one is wanted", {},
                    "SQLITE_ERROR");
    }
    return statement;
}

bool Connection::autocommit() const { return sqlite3_get_autocommit(handle_.get()) != 0; }

std::int64_t Connection::changes() const { return sqlite3_changes64(handle_.get()); }

std::int64_t Connection::total_changes() const { return sqlite3_total_changes64(handle_.get()); }

CheckpointResult Connection::checkpoint(CheckpointMode mode) {
    const int how = mode == CheckpointMode::Passive ? SQLITE_CHECKPOINT_PASSIVE
                  : mode == CheckpointMode::Restart ? SQLITE_CHECKPOINT_RESTART
                                                    : SQLITE_CHECKPOINT_TRUNCATE;
    int log = 0;
    int moved = 0;
    const int result = sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, how, &log, &moved);
    const bool in_the_way = (result & 0xff) == SQLITE_BUSY || (result & 0xff) == SQLITE_LOCKED;
    if (result != SQLITE_OK && !in_the_way) throw last_error(handle_.get(), result, "checkpoint");
    return {.complete = !in_the_way && log == moved, .log_frames = log, .moved_frames = moved};
}

void Connection::set_stop(std::function<bool()> stop) {
    stop_ = std::move(stop);
    if (stop_) {
        sqlite3_progress_handler(handle_.get(), kStepsBetweenStops, &Connection::on_progress, this);
    } else {
        sqlite3_progress_handler(handle_.get(), 0, nullptr, nullptr);
    }
}

void Connection::set_busy_timeout(Microseconds timeout) { busy_timeout_ = timeout; }

void Connection::interrupt() noexcept { sqlite3_interrupt(handle_.get()); }

void Connection::set_authorizer(Authorizer authorizer) {
    authorizer_ = std::move(authorizer);
    sqlite3_set_authorizer(handle_.get(), authorizer_ ? &Connection::on_compile : nullptr, this);
}

void Connection::set_defensive() {
    for (const auto& [option, on] : {std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1},
                                     std::pair{SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0}}) {
        const int result = sqlite3_db_config(handle_.get(), option, on, nullptr);
        CHECK(result == SQLITE_OK);
    }
    // SQLite finds the name of a parameter by looking at all before it: 250,000 of them, its own
    // limit, take minutes, and nothing interrupts a compilation.
    sqlite3_limit(handle_.get(), SQLITE_LIMIT_VARIABLE_NUMBER, kMaxParameters);
    // Forty table expressions that each name the one before twice expand to 2^40 of them, and a
    // function can make a text of a gigabyte: both end when the memory of all connections does.
    sqlite3_hard_heap_limit64(kMaxHeapBytes);
}

}  // namespace drydock::sqlite
