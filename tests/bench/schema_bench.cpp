// Catalogs of databases with 300 tables of ten columns and three indexes: taken, and compared.

#include "engine/schema/difference.h"

#include "engine/sql/open.h"
#include "engine/sqlite/connection.h"
#include "tests/bench/measure.h"
#include "tests/doubles/temp_folder.h"
#include "tests/servers/postgres_server.h"

namespace drydock::bench {
namespace {

constexpr int kTables = 300;
constexpr int kRounds = 5;

std::string tables() {
    std::string sql = "begin;";
    for (int i = 0; i < kTables; ++i) {
        const std::string name = "table_" + std::to_string(i);
        sql += "create table " + name + " (id bigint primary key";
        for (int c = 1; c < 10; ++c)
            sql +=
                ", c" + std::to_string(c) + (c % 2 == 0 ? " text not null default ''" : " bigint");
        sql += "); create index " + name + "_1 on " + name + " (c1); create index " + name +
               "_2 on " + name + " (c2, c3);";
    }
    return sql + "commit";
}

// A snapshot, a second one and the comparison of the two, as a round trip does it.
void measure(const std::string& name, sql::Database& database) {
    const schema::Catalog before = schema::look_at(database);
    std::size_t changes = 1;
    const double took = median_seconds(kRounds, [&] {
        changes = schema::difference(before, schema::look_at(database)).changes.size();
    });
    report(name + ": catalog of 300 tables, taken and compared", took, "s", "under 1",
           took < 1 && changes == 0 && before.objects.size() >= kTables * 13);
    const double digest =
        median_seconds(kRounds, [&] { static_cast<void>(schema::digest(before)); });
    note("its digest: " + std::to_string(digest) + " s, " + std::to_string(before.objects.size()) +
         " objects");
}

}  // namespace

void schema_bench() {
    test::PostgresServer& server = test::PostgresServer::durable();
    const std::string name = server.make_database();
    server.run(name, tables());
    {
        const auto database =
            sql::open_postgres({.server = Secret("server", server.socket_folder()),
                                .port = server.port(),
                                .database = Secret("database", name),
                                .user = Secret("user", "postgres")});
        measure("PostgreSQL", *database);
    }
    server.drop_database(name);
    const TempFolder folder;
    sqlite::Connection(folder.file("app.db"), {.mode = sqlite::Mode::Create}).exec(tables());
    const auto database = sql::open_sqlite({.path = folder.file("app.db"), .read_only = true});
    measure("SQLite", *database);
}

}  // namespace drydock::bench
