#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/sqlite/statement.h"
#include "engine/value.h"

struct sqlite3;

// SQLite's C interface, as the journal and the target databases need it. The only folder that
// includes sqlite3.h.
namespace drydock::sqlite {

// Of the library that runs, "3.40.1".
[[nodiscard]] std::string library_version();

enum class Mode : std::uint8_t { ReadOnly, ReadWrite, Create };

struct OpenOptions {
    Mode mode = Mode::ReadWrite;   // only Create makes a missing file
    std::string vfs{};             // empty: the system's; the fault tests name their own
    Microseconds busy_timeout{0};  // how long a statement waits for another program's lock
    // False: the last connection to close leaves the WAL as it is. True is SQLite's default: it
    // checkpoints while it holds the file exclusively, that is when nobody else has it open.
    bool checkpoint_on_close = true;
};

// What a statement is about to do, asked of an authorizer while it is compiled: the action is one
// of ours, the texts are as in sqlite3_set_authorizer.
enum class Action : std::uint8_t { Transaction, Savepoint, Attach, Detach, Pragma, Other };
using Authorizer = std::function<bool(Action action, std::string_view first, const char* second)>;

enum class CheckpointMode : std::uint8_t { Passive, Restart, Truncate };
struct CheckpointResult {
    bool complete = false;        // false: a reader or writer of another connection was in the way
    std::int64_t log_frames = 0;  // in the WAL; -1 when the database has none
    std::int64_t moved_frames = 0;  // of them, now in the database
};

enum class Reuse : std::uint8_t {
    Once,
    Often
};  // Often: SQLite keeps it out of its small-object pool

// Whether `sql` ends where a statement does: a semicolon outside strings, comments and the body of
// a trigger.
[[nodiscard]] bool ends_statement(const std::string& sql);

// One open connection. Used on one thread at a time, except interrupt(). Move-only by pointer: the
// object itself stays where it is, because SQLite calls back into it. Errors: see sqlite/errors.h;
// each names the path when opening failed.
class Connection final {
  public:
    Connection(const std::string& path, const OpenOptions& options);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Runs one or more statements without parameters, ignoring their rows.
    void exec(const std::string& sql);
    // Compiles exactly one statement: Error{Sql} when `sql` has none or when more follows.
    [[nodiscard]] Statement prepare(std::string_view sql, Reuse reuse = Reuse::Once);

    // False between a BEGIN that worked and whatever ended the transaction, asked for or not.
    [[nodiscard]] bool autocommit() const;
    // Rows changed by the most recent INSERT, UPDATE or DELETE / by all of them since opening.
    [[nodiscard]] std::int64_t changes() const;
    [[nodiscard]] std::int64_t total_changes() const;
    // Frames in the WAL after this connection's last commit; 0 when it has none.
    [[nodiscard]] std::int64_t wal_frames() const { return wal_frames_; }
    CheckpointResult checkpoint(CheckpointMode mode);

    // Asked each few thousand virtual machine steps and while waiting for a lock; true makes the
    // statement fail with Error{Interrupted}. An empty function lifts it.
    void set_stop(std::function<bool()> stop);
    void set_busy_timeout(Microseconds timeout);
    // From any thread: the statement that runs fails soon with Error{Interrupted}.
    void interrupt() noexcept;
    // Asked for every statement that is compiled from now on; false refuses it (Error{Permission}).
    void set_authorizer(Authorizer authorizer);
    // For statements that others wrote: they can neither damage the file's own structure
    // (SQLITE_DBCONFIG_DEFENSIVE) nor hand SQLite a pointer (fts3_tokenizer, which Debian builds
    // in), and compile in bounded time.
    void set_defensive();

  private:
    friend class OnlineBackup;
    struct Close {
        void operator()(sqlite3* handle) const noexcept;
    };
    using ConnectionHandle = std::unique_ptr<sqlite3, Close>;
    static int on_busy(void* self, int calls);
    static int on_progress(void* self);
    static int on_commit_to_wal(void* self, sqlite3*, const char*, int frames);
    static int on_compile(void* self, int action, const char* first, const char* second,
                          const char* database, const char* trigger);

    ConnectionHandle handle_;
    Microseconds busy_timeout_{0};
    Microseconds busy_since_{0};
    std::int64_t wal_frames_ = 0;
    std::function<bool()> stop_;
    Authorizer authorizer_;
};

}  // namespace drydock::sqlite
