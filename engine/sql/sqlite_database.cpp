#include "engine/sql/sqlite_database.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "engine/check.h"
#include "engine/clock.h"
#include "engine/error.h"
#include "engine/os/process.h"
#include "engine/seam.h"
#include "engine/sql/copy.h"
#include "engine/sql/inspect.h"
#include "engine/sql/placeholders.h"
#include "engine/sql/sqlite_policy.h"
#include "engine/sqlite/errors.h"

namespace drydock::sql {
namespace {

constexpr std::size_t kKeptScripts = 64;
// As SQLite's own automatic checkpoint.
constexpr std::int64_t kLongWalFrames = 1000;

// A row of the statement that runs.
class StatementRow final : public Row {
  public:
    explicit StatementRow(const sqlite::Statement& statement) : statement_(statement) {}
    [[nodiscard]] std::size_t size() const override {
        return static_cast<std::size_t>(statement_.column_count());
    }
    [[nodiscard]] std::string_view name(std::size_t column) const override {
        return statement_.column_name(static_cast<int>(column));
    }
    [[nodiscard]] ValueView view(std::size_t column) const override {
        const int at = static_cast<int>(column);
        switch (statement_.column_type(at)) {
            case sqlite::ColumnType::Integer: return statement_.column_int(at);
            case sqlite::ColumnType::Real: return statement_.column_real(at);
            case sqlite::ColumnType::Text: return statement_.column_text(at);
            case sqlite::ColumnType::Blob: return statement_.column_blob(at);
            case sqlite::ColumnType::Null: break;
        }
        return {};
    }
    [[nodiscard]] std::optional<std::string_view> text(std::size_t column,
                                                       std::string& room) const override {
        const int at = static_cast<int>(column);
        switch (statement_.column_type(at)) {
            case sqlite::ColumnType::Null: return std::nullopt;
            case sqlite::ColumnType::Text: return statement_.column_text(at);
            case sqlite::ColumnType::Integer:
                return room = std::to_string(statement_.column_int(at));
            // SQLite's own text has 15 digits only.
            case sqlite::ColumnType::Real: return room = to_text(statement_.column_real(at));
            case sqlite::ColumnType::Blob:
                return room = blob_text(statement_.column_blob(at));
        }
        return std::nullopt;
    }

  private:
    const sqlite::Statement& statement_;
};

// Sets a value back when the scope ends, also by an exception.
template <class T>
class Restore final {
  public:
    Restore(T& place, T value) : place_(place), before_(std::exchange(place, value)) {}
    ~Restore() { place_ = before_; }
    Restore(const Restore&) = delete;
    Restore& operator=(const Restore&) = delete;

  private:
    T& place_;
    T before_;
};

// Ends what a statement holds, also when a sink throws.
class ResetAtEnd final {
  public:
    explicit ResetAtEnd(sqlite::Statement& statement) : statement_(statement) {}
    ~ResetAtEnd() { statement_.reset(); }
    ResetAtEnd(const ResetAtEnd&) = delete;
    ResetAtEnd& operator=(const ResetAtEnd&) = delete;

  private:
    sqlite::Statement& statement_;
};

void bind(sqlite::Statement& statement, const Arguments& arguments) {
    std::size_t bare = 0;
    for (int i = 1; i <= statement.parameter_count(); ++i) {
        const std::string_view name = statement.parameter_name(i);
        statement.bind(i, argument_for(name, bare, arguments));
        if (name.empty()) ++bare;
    }
}

Error changes_something() {
    return {ErrorCode::Sql, "this statement changes the database, and only reading is allowed here",
            "use :exec in a step that may write"};
}

}  // namespace

Identity sqlite_identity(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) {
        if (errno != ENOENT) throw_errno(ErrorCode::File, "looking at the database " + path, errno);
        throw Error(ErrorCode::File, "there is no database file " + path,
                    "Drydock never creates a target: look at the path, or let the application make "
                    "the file");
    }
    if (!S_ISREG(found.st_mode)) {
        throw Error(ErrorCode::File, path + " is not a database file",
                    "give the path of the file itself");
    }
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                           &std::free);
    if (real == nullptr) throw_errno(ErrorCode::File, "looking at the database " + path, errno);
    const std::string device = std::to_string(found.st_dev);
    const std::string inode = std::to_string(found.st_ino);
    return {.kind = "sqlite",
            .text = "sqlite dev=" + device + " ino=" + inode + " path=" + real.get(),
            .lock_name = "sqlite:" + device + ":" + inode};
}

Error locked_error(const std::string& path, std::string_view code) {
    std::string holders;
    for (const os::Holder& holder : os::processes_holding(path)) {
        holders += (holders.empty() ? "" : ", ") + holder.command + " (pid " +
                   std::to_string(holder.pid) + ", " + holder.user + ")";
    }
    std::string message = "the database " + path + " is locked";
    if (!holders.empty()) message += "; open in " + holders;
    return {ErrorCode::Busy, std::move(message),
            "let that program finish its transaction, or give the connection a longer "
            "busy_timeout, then resume",
            std::string(code)};
}

std::unique_ptr<Database> open_sqlite(const SqliteSettings& settings) {
    return std::make_unique<SqliteDatabase>(settings);
}

SqliteDatabase::SqliteDatabase(const SqliteSettings& settings)
    : settings_(settings),
      identity_(sqlite_identity(settings.path)),
      connection_(settings.path,
                  {.mode = settings.read_only ? sqlite::Mode::ReadOnly : sqlite::Mode::ReadWrite,
                   .busy_timeout = settings.busy_timeout}) {
    connection_.set_stop([this] { return must_stop(); });
    connection_.set_defensive();
    try {
        connection_.exec("pragma synchronous = full");
        // Reads the header and the whole schema: what is no database, is damaged there, or is
        // shorter than it says stops here, before anything could be written into it.
        connection_.exec("select count(*) from sqlite_schema");
    } catch (const Error& error) {
        throw explained(error).in("opening " + settings.path);
    }
    connection_.set_authorizer([this](sqlite::Action action, std::string_view first,
                                      const char* second) {
        if (compiling_ == Compiling::Migration) return allowed_in_migration(vacuum_, action);
        return compiling_ == Compiling::Ours || allowed(access_, vacuum_, action, first, second);
    });
}

std::shared_ptr<SqliteDatabase::Script> SqliteDatabase::script(std::string_view text,
                                                               const Arguments& arguments,
                                                               Access access) {
    const std::string key =
        std::string(1, static_cast<char>('0' + static_cast<int>(access))) + std::string(text);
    if (const auto found = scripts_.find(key); found != scripts_.end()) return found->second;
    const auto statements = split(text, Dialect::Sqlite);
    if (statements.empty()) throw Error(ErrorCode::Sql, "there is no statement in this text");
    if (access != Access::Write && statements.size() > 1) {
        throw Error(ErrorCode::Sql, "more than one statement where one is wanted",
                    "run them one by one");
    }
    auto made = std::make_shared<Script>();
    bool by_name = false;
    for (const ScriptStatement& statement : statements) {
        if (const auto refused = refusal(statement, access)) {
            throw Error(ErrorCode::Sql, refused->message, refused->hint);
        }
        for (const Token& token : statement.tokens)
            by_name |= token.kind == Token::Kind::NameParameter;
        made->push_back({.sql = with_identifiers(statement, arguments),
                         .vacuum = statement.tokens.front().is("vacuum"),
                         .explain = statement.tokens.front().is("explain"),
                         .pragma = statement.tokens.front().is("pragma"),
                         .in_use = false,
                         .statement = nullptr});
    }
    // A text whose identifiers are given by name is another statement each time.
    if (by_name) return made;
    if (scripts_.size() >= kKeptScripts) scripts_.clear();
    scripts_.emplace(key, made);
    return made;
}

std::int64_t SqliteDatabase::run(std::string_view statement, const Arguments& arguments,
                                 Access access, const RowSink& sink) {
    refuse_when_lost();
    if (access != Access::Read && settings_.read_only) {
        throw Error(ErrorCode::Permission, "the connection is declared read_only",
                    "use another connection, or take read_only out of its declaration");
    }
    const std::shared_ptr<Script> statements = script(statement, arguments, access);
    if (access == Access::Alone && in_transaction_) {
        throw Error(ErrorCode::Lua, "exec_alone in the middle of a transaction",
                    "run it in a step of its own, or after the transaction");
    }
    std::int64_t rows = 0;
    for (Prepared& prepared : *statements) {
        try {
            rows += run_prepared(prepared, arguments, access, sink);
        } catch (const Error& error) {
            note_lost_transaction();
            throw explained(error);
        }
        note_lost_transaction();
        refuse_when_lost();
    }
    return rows;
}

std::int64_t SqliteDatabase::run_prepared(Prepared& prepared, const Arguments& arguments,
                                          Access access, const RowSink& sink) {
    const Restore with_access(access_, access);
    const Restore with_vacuum(vacuum_, prepared.vacuum);
    const bool nested = prepared.in_use;
    std::unique_ptr<sqlite::Statement> own;
    if (nested || prepared.statement == nullptr) {
        own = std::make_unique<sqlite::Statement>(
            connection_.prepare(prepared.sql, sqlite::Reuse::Often));
        if (!nested) prepared.statement = std::move(own);
    }
    // A sink that runs the same text again gets a statement of its own.
    sqlite::Statement& statement = nested ? *own : *prepared.statement;
    // EXPLAIN does nothing of what it explains; what a PRAGMA may do the authorizer has decided.
    const bool judged = prepared.explain || prepared.pragma;
    if (access == Access::Read && !judged && !statement.changes_nothing())
        throw changes_something();
    bind(statement, arguments);
    const Restore in_use(prepared.in_use, true);
    return step_through(statement, sink);
}

std::int64_t SqliteDatabase::step_through(sqlite::Statement& statement, const RowSink& sink) {
    refuse_when_stopped();
    const ResetAtEnd reset(statement);
    const std::int64_t before = connection_.total_changes();
    std::int64_t seen = 0;
    const StatementRow row(statement);
    while (statement.step()) {
        ++seen;
        if (sink && !sink(row)) break;
    }
    // SQLite counts what triggers and cascades did only in the total.
    return connection_.total_changes() != before ? connection_.changes() : seen;
}

std::int64_t SqliteDatabase::run_written(const WrittenStatement& statement, Access access) {
    refuse_when_lost();
    CHECK((access == Access::Write) == in_transaction_);
    CHECK(!statement.data);
    const auto words = split(statement.text, Dialect::Sqlite);
    const Restore migration(compiling_, Compiling::Migration);
    const Restore with_vacuum(vacuum_, !words.empty() && words.front().tokens.front().is("vacuum"));
    try {
        sqlite::Statement prepared = connection_.prepare(statement.text);
        const std::int64_t rows = step_through(prepared, {});
        note_lost_transaction();
        refuse_when_lost();
        return rows;
    } catch (const Error& error) {
        note_lost_transaction();
        throw explained(error);
    }
}

void SqliteDatabase::restore_session() {
    CHECK(!in_transaction_);
    // Not what is kept in the file (journal_mode, user_version …).
    control(
        "pragma foreign_keys = off; pragma defer_foreign_keys = off;"
        "pragma legacy_alter_table = off; pragma recursive_triggers = off;"
        "pragma ignore_check_constraints = off; pragma case_sensitive_like = off;"
        "pragma synchronous = full; pragma query_only = off; pragma writable_schema = off");
}

// There are no users in a file.
void SqliteDatabase::take_own_role() {}

void SqliteDatabase::control(const char* statement) {
    const Restore ours(compiling_, Compiling::Ours);
    try {
        connection_.exec(statement);
    } catch (const Error& error) {
        throw explained(error);
    }
}

void SqliteDatabase::begin() {
    CHECK(!in_transaction_);
    refuse_when_stopped();
    // IMMEDIATE: a lock that is not to be had fails here, before the work, and can be waited for; a
    // deferred transaction that reads first would fail at its first write and could not.
    control("begin immediate");
    in_transaction_ = true;
    lost_ = false;
    savepoints_ = 0;
}

void SqliteDatabase::commit() {
    CHECK(in_transaction_);
    refuse_when_lost();
    kill_point("target.before_commit");
    control("commit");
    in_transaction_ = false;
    if (!connection_.autocommit())
        throw Error(ErrorCode::Sql, "the commit did not end the transaction");
    kill_point("target.after_commit");
    const std::int64_t frames = connection_.wal_frames();
    // Once per so many frames: asking who has the file open costs more than a commit. The log
    // begins anew after a checkpoint, and then so do we.
    if (frames < kLongWalFrames) asked_at_frames_ = 0;
    if (frames < asked_at_frames_ + kLongWalFrames) return;
    asked_at_frames_ = frames;
    checkpoint_when_alone();
}

void SqliteDatabase::rollback() noexcept {
    in_transaction_ = false;
    lost_ = false;
    if (connection_.autocommit()) return;
    try {
        const Restore ours(compiling_, Compiling::Ours);
        connection_.set_stop({});
        connection_.exec("rollback");
    } catch (const Error&) {
        // A rollback that fails is one that SQLite has done by itself.
    }
    connection_.set_stop([this] { return must_stop(); });
}

std::vector<std::string> SqliteDatabase::column_names(std::string_view statement,
                                                      const Arguments& arguments) {
    const Restore with_access(access_, Access::Read);
    std::vector<std::string> names;
    try {
        for (const Prepared& one : *script(statement, arguments, Access::Read)) {
            const sqlite::Statement prepared = connection_.prepare(one.sql);
            for (int i = 0; i < prepared.column_count(); ++i)
                names.emplace_back(prepared.column_name(i));
        }
    } catch (const Error& error) {
        throw explained(error);
    }
    return names;
}

std::int64_t SqliteDatabase::copy_in(std::string_view table,
                                     const std::vector<std::string>& columns,
                                     const RowSource& next) {
    return insert_rows(*this, table, columns, next);
}

void SqliteDatabase::begin_savepoint() {
    CHECK(in_transaction_);
    refuse_when_lost();
    control(("savepoint drydock_" + std::to_string(savepoints_ + 1)).c_str());
    ++savepoints_;
}

void SqliteDatabase::release_savepoint() {
    CHECK(savepoints_ > 0);
    refuse_when_lost();
    control(("release drydock_" + std::to_string(savepoints_)).c_str());
    --savepoints_;
}

void SqliteDatabase::rollback_savepoint() {
    CHECK(savepoints_ > 0);
    refuse_when_lost();
    const std::string name = "drydock_" + std::to_string(savepoints_);
    control(("rollback to " + name + "; release " + name).c_str());
    --savepoints_;
}

ProgramLogin SqliteDatabase::login() const {
    throw Error(ErrorCode::Lua, "there is no logging in to a SQLite file",
                "login is for PostgreSQL; a program opens the file by its path, an argument");
}

void SqliteDatabase::set_deadline(std::optional<Microseconds> boot_deadline) {
    deadline_ = boot_deadline;
    interrupted_ = false;
}

void SqliteDatabase::interrupt() noexcept {
    // The flag first: a statement that starts now sees it, one that runs is stopped by SQLite.
    interrupted_ = true;
    connection_.interrupt();
}

bool SqliteDatabase::must_stop() const {
    return interrupted_ || (deadline_ && system_clock().boot() >= *deadline_);
}

void SqliteDatabase::refuse_when_stopped() const {
    if (must_stop())
        throw explained(Error(ErrorCode::Interrupted, "interrupted", {}, "SQLITE_INTERRUPT"));
}

void SqliteDatabase::note_lost_transaction() {
    if (!protected_by(Protection::TransactionKept)) return;
    if (in_transaction_ && connection_.autocommit()) lost_ = true;
}

void SqliteDatabase::refuse_when_lost() const {
    if (!lost_) return;
    throw Error(
        ErrorCode::Sql, "a statement ended the transaction: nothing of it is in the database",
        "look for `on conflict rollback` and raise(rollback) in the tables and triggers it writes",
        "SQLITE_ABORT_ROLLBACK");
}

Error SqliteDatabase::explained(const Error& error) const {
    const bool stopped = error.code() == ErrorCode::Interrupted || error.code() == ErrorCode::Busy;
    if (stopped && interrupted_)
        return {ErrorCode::Interrupted, "the statement was stopped", {}, error.code_text()};
    if (error.code() == ErrorCode::Interrupted) {
        return {ErrorCode::Timeout, "the statement ran past the time that its step has",
                "give the step a longer timeout, or do the work in batches", error.code_text()};
    }
    if (error.code() == ErrorCode::Busy) return locked_error(settings_.path, error.code_text());
    return error;
}

void SqliteDatabase::checkpoint_when_alone() {
    // Another process that has the file open checkpoints it with its own commits. One that opens it
    // just now reads the WAL first; the bug needs it to write and checkpoint within our few
    // milliseconds here.
    if (!os::processes_holding(settings_.path).empty()) return;
    (void)connection_.checkpoint(sqlite::CheckpointMode::Passive);
}

}  // namespace drydock::sql
