#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/error.h"
#include "engine/sql/lexer.h"
#include "engine/value_view.h"

// What the engine and the primitives need of a target database. The drivers are
// sql/sqlite_database.h and sql/postgres_database.h.
namespace drydock::sql {

// Values for a statement: `$1`, `$2` … by position, `:name` by name, `:"name"` as an identifier.
// A secret is refused (secrets may not go into SQL).
struct Arguments {
    std::vector<Value> positional;
    Value::Map named;
};

// A row as it streams: valid only during the callback. Columns in the order of the statement, which
// all rows of a statement have in common.
class Row {
  public:
    virtual ~Row() = default;
    [[nodiscard]] virtual std::size_t size() const = 0;
    [[nodiscard]] virtual std::string_view name(std::size_t column) const = 0;
    // Integers as int64, reals as double, texts and blobs as string, NULL as null. The view lives
    // as long as the row.
    [[nodiscard]] virtual ValueView view(std::size_t column) const = 0;
    [[nodiscard]] Value value(std::size_t column) const { return value_of(view(column)); }
    // As the database itself writes it, losing nothing: reals in full, a blob as \x and hex; NULL
    // is none. Lives as long as the row, or as `room`, which it may use.
    [[nodiscard]] virtual std::optional<std::string_view> text(std::size_t column,
                                                               std::string& room) const = 0;
};
// Returns false to stop the statement early.
using RowSink = std::function<bool(const Row&)>;

// Which database this is, so that a run that waits for three days finds the same one again.
struct Identity {
    std::string kind;  // "sqlite", "postgres"
    std::string text;  // canonical and without secrets: "sqlite dev=… ino=… path=…"
    // The name under which runs lock this target: the same for all ways to reach it.
    std::string lock_name;
    bool operator==(const Identity&) const = default;
};

// What a program of the database's makers needs to log in as a session did: variables of its
// environment, and the text of a password file, whose path it takes from `password_variable`.
struct ProgramLogin {
    std::vector<std::pair<std::string, std::string>> environment;
    std::string password_variable;
    std::string password_file;  // empty: it needs none
};

enum class Access : std::uint8_t {
    Read,  // refuses everything that could change something
    // One or more statements; transaction control, ATTACH and state-changing PRAGMAs are refused.
    Write,
    Alone,  // a single statement that cannot run in a transaction (VACUUM, ANALYZE, PRAGMA …)
};

// A statement as the file of a migration has it: nothing in it is a parameter.
struct WrittenStatement {
    std::string_view text;
    std::optional<std::string_view> data;  // the lines of a COPY … FROM STDIN
};

// One session with one target. Not thread-safe, except interrupt(). All errors are drydock::Error
// with kinds busy, connection, timeout, permission, sql or lua (a wrong argument); a text that
// stays the same on every driver is made in sql/, not in the driver.
class Database {
  public:
    virtual ~Database() = default;

    [[nodiscard]] virtual const Identity& identity() const = 0;
    [[nodiscard]] virtual Dialect dialect() const = 0;
    // Of the program that keeps the data, "15.4" or "3.40.1".
    [[nodiscard]] virtual std::string server_version() const = 0;
    // Where receipts are kept, quoted as a statement needs it: drydock_receipts, drydock.receipts.
    [[nodiscard]] virtual const std::string& receipts_table() const = 0;
    [[nodiscard]] virtual bool read_only() const = 0;
    // Throws Error{Lua} where there is nothing to log in to.
    [[nodiscard]] virtual ProgramLogin login() const = 0;

    // A read whose rows may be many: like run() with Access::Read, and in the memory of a few.
    virtual std::int64_t each(std::string_view statement, const Arguments& arguments,
                              const RowSink& sink) {
        return run(statement, arguments, Access::Read, sink);
    }

    // Runs `body`, whose reads belong together: on a server they see one moment, and what they set
    // for the session (`set local …`) is taken back at the end, however it ends. Within the
    // transaction when one is open.
    virtual void read_together(const std::function<void()>& body) { body(); }

    // The names of the columns of a read, which is not run.
    [[nodiscard]] virtual std::vector<std::string> column_names(std::string_view statement,
                                                                const Arguments& arguments) = 0;

    // Appends rows to `table` (PostgreSQL: or schema.table), as COPY does. `next` fills one row, in
    // the order of `columns`, and returns false when there is none left. In a transaction. Returns
    // how many rows it were.
    using RowSource = std::function<bool(std::vector<Value>& row)>;
    virtual std::int64_t copy_in(std::string_view table, const std::vector<std::string>& columns,
                                 const RowSource& next) = 0;
    // Runs `statement` (several for Write), rows to `sink` (may be empty). Returns rows changed, or
    // rows seen when it changed none. Refuses before acting what `access` does not allow.
    virtual std::int64_t run(std::string_view statement, const Arguments& arguments, Access access,
                             const RowSink& sink) = 0;

    // Runs a statement of a migration: Access::Write in the open transaction, Access::Alone outside
    // of one. It may set what it likes of its session, until restore_session(), but not end the
    // transaction. Returns rows as run() does. Error::position() says where it is wrong, if the
    // database does.
    virtual std::int64_t run_written(const WrittenStatement& statement, Access access) = 0;
    // What such statements have set for the session is as it was when the session was opened, and
    // what is known of tables that they may have changed is forgotten. To be called after the last
    // of them at the latest; until then only statements on other tables may have values. Outside of
    // a transaction.
    virtual void restore_session() = 0;
    // In a transaction: from here to its end it is done as the user of the connection, whatever
    // role such a statement has taken on.
    virtual void take_own_role() = 0;

    // The transaction of this session. commit() counts only when the database says so; rollback()
    // never throws. After each statement run() asserts that the transaction is still there and
    // throws (poisoned) when the statement ended it.
    virtual void begin() = 0;
    virtual void commit() = 0;
    virtual void rollback() noexcept = 0;
    // begin() with its first statement, which returns how many rows it changed; and a last
    // statement with commit(): an INSERT, false when its key is there already, and then the
    // transaction, which did not commit, is to be rolled back. For statements of the engine that a
    // session repeats: on a server each of the two is one round trip.
    virtual std::int64_t begin_with(std::string_view statement, const Arguments& arguments) {
        begin();
        return run(statement, arguments, Access::Write, {});
    }
    [[nodiscard]] virtual bool commit_with(std::string_view insert, const Arguments& arguments) {
        const std::string unless_there = std::string(insert) + " on conflict do nothing";
        if (run(unless_there, arguments, Access::Write, {}) != 1) return false;
        commit();
        return true;
    }
    [[nodiscard]] virtual bool in_transaction() const = 0;
    virtual void begin_savepoint() = 0;
    virtual void release_savepoint() = 0;
    virtual void rollback_savepoint() = 0;

    // Time limit of the following statements on the boot clock; nullopt lifts it. Called when an
    // attempt begins: it also forgets an interrupt() of the attempt before.
    virtual void set_deadline(std::optional<Microseconds> boot_deadline) = 0;
    // What the database remarks while it works (NOTICE, WARNING), as lower-case severity and text,
    // on the session's thread. Empty: nobody listens. SQLite never remarks anything.
    using NoticeSink = std::function<void(std::string_view severity, std::string_view text)>;
    virtual void set_notice_sink(NoticeSink sink) = 0;
    // True when `error` says that the transaction lost against another one and may be tried again.
    [[nodiscard]] virtual bool is_conflict(const Error& error) const = 0;
    // Makes the running statement fail soon, and every later one at once. From any thread.
    virtual void interrupt() noexcept = 0;
};

}  // namespace drydock::sql
