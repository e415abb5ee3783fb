#include "engine/sql/statement_class.h"

#include <string>

#include "engine/postgres/connection.h"
#include "tests/sql/drivers.h"

namespace drydock::sql {
namespace {

InTransaction of(std::string_view text, Dialect dialect = Dialect::Postgres) {
    return in_transaction(lex(text, dialect), dialect);
}

// Each is one that a server refuses within BEGIN, whether it could do it otherwise or not.
constexpr std::string_view kRefused[] = {
    "vacuum",
    "vacuum (analyze) t",
    "create index concurrently i on t (a)",
    "create unique index concurrently if not exists i on t (a)",
    "drop index concurrently if exists i",
    "reindex index concurrently i",
    "reindex (verbose, concurrently) table t",
    "reindex (verbose) schema public",
    "reindex database postgres",
    "reindex system postgres",
    "create database other_one",
    "drop database other_one",
    "create tablespace s location '/nowhere'",
    "drop tablespace s",
    "alter system set work_mem = '4MB'",
    "alter database postgres set tablespace pg_default",
    "alter table p detach partition q concurrently",
    "alter table only public.p detach partition public.q concurrently",
    "create subscription s connection 'host=nowhere' publication p",
    "cluster",
    "cluster verbose",
    "discard all",
    "commit prepared 'x'",
    "rollback prepared 'x'",
};

constexpr std::string_view kRuns[] = {
    "create index i2 on t (a)",
    "drop index i2",
    "reindex table t",
    "reindex (verbose) table t",
    "refresh materialized view concurrently v",
    "analyze t",
    "alter table p detach partition q",
    "alter type mood add value 'concurrently'",
    "alter type mood rename value 'sad' to 'glum'",
    "create view concurrent as select 1 as concurrently",
    "discard temp",
    "checkpoint",
    "create subscription s connection '' publication p with (connect = false)",
    "truncate t",
    "cluster t using i",
};

class StatementClassOnPostgres : public testing::Test {
  protected:
    StatementClassOnPostgres() {
        target_.outside(
            "drop table t; create table t (a int); create index i on t (a);"
            "create table p (a int) partition by list (a); create table q partition of p default;"
            "create type mood as enum ('sad');"
            "create materialized view v as select 1 as a; create unique index vi on v (a)");
    }
    // What the server says to it in a transaction that is open: an SQLSTATE, or nothing.
    std::string answer(std::string_view statement) {
        const PostgresSettings settings = target_.settings();
        postgres::Connection connection({.server = settings.server,
                                         .port = settings.port,
                                         .database = settings.database,
                                         .user = settings.user});
        connection.exec("begin");
        return failure([&] { connection.exec(std::string(statement)); }).code_text();
    }
    PostgresTarget target_;
};

constexpr std::string_view kActiveTransaction = "25001";

TEST_F(StatementClassOnPostgres, KnowsWhatItsServerRefusesInATransaction) {
    for (const std::string_view statement : kRefused) {
        EXPECT_EQ(of(statement), InTransaction::Refused) << statement;
        EXPECT_EQ(answer(statement), kActiveTransaction) << statement;
    }
    for (const std::string_view statement : kRuns) {
        EXPECT_NE(of(statement), InTransaction::Refused) << statement;
        EXPECT_NE(answer(statement), kActiveTransaction) << statement;
    }
}

TEST(StatementClass, KnowsWhatOlderServersRefuse) {
    EXPECT_EQ(of("alter type public.mood add value if not exists 'x'"),
              InTransaction::RunsSincePostgres12);
    EXPECT_EQ(of("alter type mood add attribute value int"), InTransaction::Runs);
}

TEST(StatementClass, KnowsWhatSqliteRefusesOrIgnoresInATransaction) {
    const TempFolder folder;
    sqlite::Connection connection(folder.file("app.db"), {.mode = sqlite::Mode::Create});
    connection.exec("create temp table x (a)");
    const auto in_sqlite = [](std::string_view text) { return of(text, Dialect::Sqlite); };
    for (const char* text : {"vacuum", "pragma journal_mode = wal", "pragma main.journal_mode(wal)",
                             "pragma synchronous = off", "pragma temp_store = memory"}) {
        EXPECT_EQ(in_sqlite(text), InTransaction::Refused) << text;
        connection.exec("begin; insert into x values (1)");
        EXPECT_EQ(failure([&] { connection.exec(text); }).code(), ErrorCode::Sql) << text;
        connection.exec("rollback");
    }
    EXPECT_EQ(in_sqlite("pragma foreign_keys = on"), InTransaction::Ignored);
    EXPECT_EQ(in_sqlite("PRAGMA main.foreign_keys(1)"), InTransaction::Ignored);
    connection.exec("begin; pragma foreign_keys = on; commit");
    sqlite::Statement keys = connection.prepare("pragma foreign_keys");
    ASSERT_TRUE(keys.step());
    EXPECT_EQ(keys.column_int(0), 0);
    for (const char* text : {"pragma foreign_keys", "pragma journal_mode",
                             "pragma user_version = 3", "create index i on x (a)",
                             "select 'vacuum'"}) {
        EXPECT_EQ(in_sqlite(text), InTransaction::Runs) << text;
        connection.exec("begin");
        EXPECT_EQ(failure([&] { connection.exec(text); }).code(), ErrorCode::Check)
            << text;
        connection.exec("rollback");
    }
}

TEST(StatementClass, KnowsWhatControlsATransaction) {
    for (const char* text : {"begin", "BEGIN immediate", "start transaction", "commit", "end",
                             "rollback to a", "abort", "savepoint a", "release a",
                             "prepare transaction 'x'"})
        EXPECT_TRUE(controls_transaction(lex(text, Dialect::Postgres))) << text;
    for (const char* text : {"prepare x as select 1", "select 1 as begin", "\"begin\""})
        EXPECT_FALSE(controls_transaction(lex(text, Dialect::Postgres))) << text;
}

}  // namespace
}  // namespace drydock::sql
