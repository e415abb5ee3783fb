#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/execute/run_writer.h"
#include "engine/files/confined.h"
#include "engine/redis/server.h"
#include "engine/runbook/runbook.h"
#include "engine/sql/database.h"
#include "engine/sql/open.h"

namespace drydock::execute {

// A connection's settings with their values.
using ConnectionSettings = std::map<std::string, Value, std::less<>>;

// The databases and Redis servers of a run: opened at first use, recognised at each later one. The
// first use in the run appends TargetBound; afterwards another database under the same name is
// refused, because the plan that was approved was for the first one. Used on the executor's thread.
class Targets final {
  public:
    struct Parts {
        const runbook::Bundle& bundle;
        const run::RunState& state;
        files::OpenDatabases& open_databases;
        // The settings of a connection, evaluated now; may throw Error.
        std::function<ConnectionSettings(const runbook::Connection&)> settings;
        // Of a rehearsal: the session that a connection shares, or null for one of its own.
        std::function<std::unique_ptr<sql::Database>(const std::string& connection)> lend;
        std::string journal_uuid;
        Clock& clock;
        CancelToken& cancel;
    };
    explicit Targets(Parts parts);
    ~Targets();

    // Error{NotFound}: no such connection. Error{Integrity}: it is another database than before.
    sql::Database& open(std::string_view connection, RunWriter& writer);
    // The same of a Redis connection; connects with its first command.
    redis::Server& open_redis(std::string_view connection, RunWriter& writer);
    redis::Server& look_redis(std::string_view connection);
    // Whether there is such a connection and it is Redis.
    [[nodiscard]] bool is_redis(std::string_view connection) const;
    // Opens without binding: for looking before the run is claimed, and for checks of receipts.
    sql::Database& look(std::string_view connection);
    void close(std::string_view connection);
    void close_all();
    // The open connections that lead to the same file, with `connection` itself.
    [[nodiscard]] std::vector<std::string> same_file(std::string_view connection);
    // The database was replaced on purpose: binds the one that is there now, for every connection
    // that leads there.
    void bind_replaced(std::string_view connection, RunWriter& writer);

    [[nodiscard]] std::string sqlite_path(std::string_view connection);
    // How the server of a PostgreSQL connection is reached.
    [[nodiscard]] sql::PostgresSettings postgres_of(std::string_view connection);
    // Where a connection leads, without asking there, user and password: the path of a file,
    // "postgres://…", "redis://…".
    [[nodiscard]] std::string address(std::string_view connection);
    [[nodiscard]] const std::string& journal_uuid() const { return parts_.journal_uuid; }
    // The lock names of every connection that a step may change and that can be told now.
    [[nodiscard]] std::vector<std::string> lock_names();
    // For people: the connection that is locked by this name and where it leads; the name itself
    // when it is none of them.
    [[nodiscard]] std::string locked_by(std::string_view lock_name);
    // Of a target that a run was bound to: what it is now.
    [[nodiscard]] std::string identity_text(std::string_view connection);
    // What the plan should say of targets that can be asked now: which Redis may forget a token.
    [[nodiscard]] std::vector<std::string> remarks();
    // The run has ended for good: removes its tokens from the Redis connections that had some.
    // Says what did not work; a hash that stays does no harm.
    [[nodiscard]] std::vector<std::string> forget_tokens();
    // The identities of the targets that can be told now, "app = sqlite …", for the plan's digest.
    [[nodiscard]] std::vector<std::string> identities();

  private:
    enum class Patience : std::uint8_t { AsDeclared, None };  // with a server that is not there
    [[nodiscard]] const runbook::Connection& connection(std::string_view name) const;
    // nullopt: it cannot be told now.
    [[nodiscard]] std::optional<sql::Identity> identity_now(const std::string& name,
                                                            const runbook::Connection& declared,
                                                            Patience patience);
    std::unique_ptr<sql::Database> open_file(const std::string& name,
                                             const ConnectionSettings& settings);
    sql::Database& open_session(std::string_view name, Patience patience);
    // Tries again while the server is not there, as long as `connect:` of the connection says.
    std::unique_ptr<sql::Database> open_server(const ConnectionSettings& settings,
                                               Patience patience);
    [[nodiscard]] bool is_read_only(const ConnectionSettings& settings) const;
    void bind(std::string_view name, const std::string& identity, RunWriter& writer);

    Parts parts_;
    std::map<std::string, std::unique_ptr<sql::Database>, std::less<>> open_;
    std::map<std::string, std::unique_ptr<redis::Server>, std::less<>> servers_;
    std::set<std::string, std::less<>> recognised_;          // of the open ones
    std::map<std::string, std::string, std::less<>> paths_;  // of open SQLite files
};

}  // namespace drydock::execute
