#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/os/unique_fd.h"
#include "engine/postgres/errors.h"
#include "engine/postgres/login.h"
#include "engine/secret.h"
#include "engine/value.h"

struct pg_conn;
struct pg_result;

// PostgreSQL's client library, as target databases and the journal need it. The only folder that
// includes libpq-fe.h. docs/decisions/0030 says why it is libpq itself.
namespace drydock::postgres {

// How a server is reached. Empty members mean what libpq makes of them (PGHOST, ~/.pgpass, …).
struct ConnectOptions {
    std::optional<Secret> server;  // a host, a folder with a socket, or a whole postgres:// URL
    std::int64_t port = 0;
    std::optional<Secret> database, user, password;
    std::string tls;               // sslmode: disable … verify-full
    std::string ca;                // file with the certificates to trust; empty: the system's
    std::string application_name;  // shown in pg_stat_activity
    Microseconds timeout{10'000'000};
};

// What the server says of the transaction of this session.
enum class TransactionState : std::uint8_t { Idle, Open, Failed, Lost };

using Oid = std::uint32_t;

class Cancel;

// The row that is being read; valid during the callback.
class ResultRow {
  public:
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] std::string_view name(std::size_t column) const;
    [[nodiscard]] Oid type(std::size_t column) const;
    [[nodiscard]] bool is_null(std::size_t column) const;
    [[nodiscard]] std::string_view text(std::size_t column) const;  // as the server writes it

  private:
    friend class Connection;
    explicit ResultRow(const pg_result& result, int row = 0) : result_(result), row_(row) {}
    const pg_result& result_;
    int row_;
};
// False stops the statement early: what is left of its rows is thrown away.
using ResultSink = std::function<bool(const ResultRow&)>;

struct Completed {
    std::string tag;           // "UPDATE 3", "COMMIT", "CREATE TABLE"
    std::int64_t changed = 0;  // rows, of INSERT, UPDATE, DELETE, MERGE, COPY
    std::int64_t seen = 0;     // rows that came
};

// One session with a server. Used on one thread, except interrupt(). It never reconnects by itself:
// a new session has lost transaction and locks, and that must be noticed. Rows come one by one, so
// that a result of any size needs the memory of one row. Every call waits for the socket and for
// interrupt() at once; nothing blocks past the deadline (and two seconds in which the server may
// answer a cancel).
class Connection final {
  public:
    // Throws Error{Connection, Permission, Timeout}. Neither text of the error nor the process's
    // arguments hold the password.
    explicit Connection(const ConnectOptions& options);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // nullopt: NULL. Text as the server reads it.
    using Parameters = std::vector<std::optional<std::string>>;

    // Runs one statement; `types` are those of the parameters (empty: the server infers them).
    Completed run(const std::string& statement, const Parameters& parameters,
                  const std::vector<Oid>& types, const ResultSink& sink);
    // Runs a `copy … from stdin`. `fill` appends lines to what is sent and returns false when there
    // are no more; when it throws, the server forgets what it got.
    Completed copy_in(const std::string& statement, const std::function<bool(std::string&)>& fill);
    // Reads the open cursor `name` to its end, or until the sink wants no more; returns how many
    // rows the sink got. The server works on the next rows while the sink has these: cheaper than
    // run() when there are many.
    std::int64_t fetch_all(const std::string& name, const ResultSink& sink);
    // One or more statements without parameters, their rows ignored.
    Completed exec(const std::string& statements);
    // The same for cleaning up after a stop: runs although one was asked for, ten seconds at most.
    void exec_after_stop(const std::string& statements);
    struct Described {
        std::vector<Oid> parameters;
        std::vector<std::string> columns;
    };
    // What the server says of `statement` without running it. With a name the session keeps the
    // statement under it, for run_together.
    [[nodiscard]] Described described(const std::string& statement, const std::string& name = {});
    [[nodiscard]] std::vector<Oid> parameter_types(const std::string& statement,
                                                   const std::string& name = {}) {
        return described(statement, name).parameters;
    }
    // One of several statements; the text of one that is kept under a name is for messages.
    struct Piece {
        std::string statement;
        std::string name;
        Parameters parameters;
    };
    // Opens a transaction by `begin` as soon as anything is sent. It counts as open from here on.
    // Throws what that statement would throw before it is sent.
    void begin_later(Piece begin);
    // run() of a statement that is no COPY: a transaction that is due (begin_later) is opened in
    // the same round trip.
    Completed run_with_begin(const std::string& statement, const Parameters& parameters,
                             const std::vector<Oid>& types, const ResultSink& sink);
    // Runs statements in one round trip. After one that fails the server skips the rest, and that
    // failure is thrown. Returns what was completed, their rows ignored.
    std::vector<Completed> run_together(std::span<const Piece> pieces);

    [[nodiscard]] TransactionState transaction_state() const;
    [[nodiscard]] int server_version() const;  // 150018
    [[nodiscard]] int backend_pid() const;
    [[nodiscard]] bool lost() const;
    // A setting that the server reports by itself; empty when it does not report that one.
    [[nodiscard]] std::string parameter(const char* name) const;

    // On the boot clock; nullopt lifts it. Forgets an interrupt() of before.
    void set_deadline(std::optional<Microseconds> boot_deadline);
    // From any thread: the statement that runs is cancelled at the server, later ones fail at once.
    void interrupt() noexcept;
    // Sees NOTICE and WARNING messages (severity in lower case), on the thread of the call that
    // caused them.
    using NoticeSink = std::function<void(std::string_view severity, std::string_view text)>;
    void set_notice_sink(NoticeSink sink);
    // Calls `watch` once for each statement that has waited for the server that long, on the thread
    // of the statement; it must not use this session and not throw.
    void set_watch(Microseconds after, std::function<void()> watch);
    // As the server knows it.
    [[nodiscard]] std::string user() const;
    // For a program that shall log in as this session did.
    [[nodiscard]] Login login() const { return login_of(*handle_); }

    [[nodiscard]] std::string quoted_identifier(std::string_view name) const;

  private:
    struct Finish {
        void operator()(pg_conn* handle) const noexcept;
    };
    struct Clear {
        void operator()(pg_result* result) const noexcept;
    };
    using ConnectionHandle = std::unique_ptr<pg_conn, Finish>;
    using ResultHandle = std::unique_ptr<pg_result, Clear>;
    // Between the first and the last result of a statement: callbacks may run, other statements
    // not. Whatever ends it, the session is left with nothing to read.
    class Reading final {
      public:
        explicit Reading(Connection& connection) : connection_(connection) {
            connection_.reading_ = true;
        }
        ~Reading() {
            connection_.reading_ = false;
            connection_.abandon_results();
        }
        Reading(const Reading&) = delete;
        Reading& operator=(const Reading&) = delete;

      private:
        Connection& connection_;
    };

    class Pipeline;

    void begin_statement();
    void refuse_when_unusable() const;
    [[nodiscard]] static std::vector<const char*> pointers_to(const Parameters& parameters);
    void send_query(const std::string& statement, const Parameters& parameters,
                    const std::vector<Oid>& types);
    void send_piece(const Piece& piece);
    Completed completed_one(const std::string& statement, std::optional<Error>& failed);
    Completed collect(const std::string& statement, const ResultSink& sink);
    [[nodiscard]] static std::int64_t changed_by(const pg_result& result);
    ResultHandle whole_result(const std::string& statement);
    void send_copied(const std::function<bool(std::string&)>& fill);
    void send(const std::string& bytes);
    [[noreturn]] void refuse_copy(bool out);
    void abandon_results() noexcept;
    // Sends what libpq has buffered and reads until a result is complete; null: no more of them.
    ResultHandle next_result();
    // Waits until the socket can be read (or also written). Cancels when it is time.
    void wait(bool also_write);
    void drain_wake();
    void cancel_running();
    void finish_cancel();
    [[nodiscard]] bool must_stop() const;
    // Of a statement that was cancelled: who did, and why.
    [[nodiscard]] Error told(const Error& failed) const;
    [[nodiscard]] Error stopped_error(std::optional<Error> server = std::nullopt) const;
    [[nodiscard]] Error lost_error() const;
    // The session is lost, or its library refuses what it was given.
    [[nodiscard]] Error not_sent_error() const;
    static void on_notice(void* self, const pg_result* result);

    ConnectionHandle handle_;
    os::UniqueFd wake_;
    std::string where_;  // for messages: "app on db.example.com:5432"
    bool is_near_ = false;            // the server is on this machine
    std::optional<Piece> begin_due_;  // not sent yet
    std::optional<Microseconds> deadline_;
    std::unique_ptr<Cancel> cancel_;  // of the running statement
    bool reading_ = false;            // rows or lines are on their way, and a callback may run
    bool in_transaction_ = false;     // when the running statement began
    std::atomic<bool> interrupted_{false};
    bool heeds_interrupts_ = true;
    NoticeSink notice_sink_;
    std::function<void()> watch_;
    Microseconds watch_after_{0};
    std::optional<Microseconds> watch_due_;  // of the running statement
};

}  // namespace drydock::postgres
