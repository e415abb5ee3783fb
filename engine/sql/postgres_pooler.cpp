#include "engine/error.h"
#include "engine/postgres/connection.h"
#include "engine/sql/postgres_database.h"

// What stands between us and the server.
namespace drydock::sql {

// A pooler that keeps sessions (PgBouncer: pool_mode = session) is as good as none. One that lends
// a session of the server for each transaction is told by two of ours that get the same one; it
// tells us a process id of its own making, which is how we know that there is a pooler at all.
void PostgresDatabase::refuse_shared_session() {
    const std::string backend = ask("select pg_backend_pid()");
    if (backend == std::to_string(connection_.backend_pid())) return;
    std::string of_another;
    postgres::Connection another(connect_options(settings_));
    another.run("select pg_backend_pid()", {}, {}, [&](const postgres::ResultRow& row) {
        of_another = row.text(0);
        return true;
    });
    if (of_another != backend && ask("select pg_backend_pid()") == backend) return;
    throw Error(ErrorCode::Connection,
                "a pooler stands between, and gives each transaction another session of the "
                "server: what one sets, and the locks that it holds, would be others'",
                "connect to the server itself, or let the pooler keep sessions (PgBouncer: "
                "pool_mode = session)");
}

}  // namespace drydock::sql
