// Whether what lint says is so: the servers rewrite, lock and refuse what the rules say they do.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <string>

#include "engine/error.h"
#include "engine/postgres/connection.h"
#include "engine/secret.h"
#include "tests/migrate/lint_fixture.h"
#include "tests/servers/postgres_server.h"

namespace drydock::migrate {
namespace {

class LintOnPostgres : public Lint {
  protected:
    LintOnPostgres()
        : server_(test::PostgresServer::shared()),
          database_(server_.make_database()),
          connection_(std::make_unique<postgres::Connection>(postgres::ConnectOptions{
              .server = Secret("server", server_.socket_folder()),
              .port = server_.port(),
              .database = Secret("database", database_),
              .user = Secret("user", test::PostgresServer::superuser())})) {}
    ~LintOnPostgres() override {
        connection_.reset();
        server_.drop_database(database_);
    }

    void run(const std::string& statements) { connection_->exec(statements); }
    [[nodiscard]] bool refuses(const std::string& statements) {
        try {
            run(statements);
        } catch (const Error&) {
            return true;
        }
        return false;
    }
    [[nodiscard]] std::string answer(const std::string& question) {
        std::string text;
        connection_->run(question, {}, {}, [&](const postgres::ResultRow& row) {
            text += (text.empty() ? "" : " ") + std::string(row.text(0));
            return true;
        });
        return text;
    }
    // Whether the server writes the rows of t anew for `statement`.
    [[nodiscard]] bool rewrites(const std::string& columns, const std::string& statement) {
        run("drop table if exists t; create table t (" + columns + ")");
        const std::string before = answer("select pg_relation_filenode('t')");
        run(statement);
        return answer("select pg_relation_filenode('t')") != before;
    }
    // Whether one of the rules on rewrites speaks of it, in the file after the one that made t.
    [[nodiscard]] bool tells_rewrite(const std::string& columns, const std::string& statement) {
        write("1_a.up.sql", "create table t (" + columns + ");");
        write("2_b.up.sql", statement + ";");
        const std::vector<Finding> found = lint(good(), wanted);
        return std::ranges::any_of(found, [](const Finding& one) {
            return one.file == "2_b.up.sql" &&
                   (one.rule == "type-change-rewrites" || one.rule == "volatile-default" ||
                    one.rule == "stored-column-rewrites" || one.rule == "rewrites-table");
        });
    }

    test::PostgresServer& server_;
    std::string database_;
    std::unique_ptr<postgres::Connection> connection_;
};

TEST_F(LintOnPostgres, TheServerRewritesWhatTheRulesSay) {
    wanted.server_version = answer("show server_version");
    struct Change {
        std::string columns;
        std::string statement;
    };
    const Change changes[] = {
        {"a varchar(10)", "alter table t alter a type varchar(20)"},
        {"a varchar(10)", "alter table t alter a type text"},
        {"a varchar(20)", "alter table t alter a type varchar(10)"},
        {"a text", "alter table t alter a type varchar"},
        {"a text", "alter table t alter a type varchar(10)"},
        {"a varchar", "alter table t alter a type varchar(10)"},
        {"a numeric(10, 2)", "alter table t alter a type numeric(12, 2)"},
        {"a numeric(10, 2)", "alter table t alter a type numeric(12, 3)"},
        {"a numeric(10, 2)", "alter table t alter a type numeric(8, 2)"},
        {"a numeric(10, 2)", "alter table t alter a type numeric"},
        {"a numeric(10)", "alter table t alter a type numeric(12)"},
        {"a numeric", "alter table t alter a type numeric(10)"},
        {"a cidr", "alter table t alter a type inet"},
        {"a inet", "alter table t alter a type cidr"},
        {"a timestamp(3)", "alter table t alter a type timestamp"},
        {"a timestamp(3)", "alter table t alter a type timestamp(4)"},
        {"a timestamp(4)", "alter table t alter a type timestamp(3)"},
        {"a timestamp", "alter table t alter a type timestamp(3)"},
        {"a timestamptz(3)", "alter table t alter a type timestamptz"},
        {"a time(3)", "alter table t alter a type time(5)"},
        {"a interval(3)", "alter table t alter a type interval"},
        {"a varbit(3)", "alter table t alter a type varbit(5)"},
        {"a varbit(5)", "alter table t alter a type varbit(3)"},
        {"a char(3)", "alter table t alter a type char(5)"},
        {"a int", "alter table t alter a type bigint"},
        {"a int", "alter table t alter a type text"},
        {"a int4", "alter table t alter a type integer"},
        {"a varchar(10)", "alter table t alter a type varchar(20) using a::varchar(20)"},
        {"a varchar(10)", "alter table t alter a type text using lower(a)"},
        {"a varchar(10)", "alter table t alter a type text[] using array[a]"},
        {"a json", "alter table t alter a type jsonb"},
        {"a int", "alter table t add b int default 1"},
        {"a int", "alter table t add b timestamptz not null default now()"},
        {"a int", "alter table t add b timestamptz default clock_timestamp()"},
        {"a int", "alter table t add b uuid default gen_random_uuid()"},
        {"a int", "alter table t add b float8 default random()"},
        {"a int", "alter table t add b serial"},
        {"a int", "alter table t add b int generated always as identity"},
        {"a int", "alter table t add b int generated always as (a + 1) stored"},
        {"a int", "alter table t set unlogged"},
        {"a int", "vacuum full t"},
        {"a int", "vacuum t"},
    };
    std::size_t silent = 0;
    for (const Change& one : changes) {
        const bool rewritten = rewrites(one.columns, one.statement);
        EXPECT_EQ(tells_rewrite(one.columns, one.statement), rewritten)
            << one.columns << ": " << one.statement;
        silent += rewritten ? 0 : 1;
    }
    EXPECT_GT(silent, 10u);
    EXPECT_LT(silent, std::size(changes) - 10);
}

TEST_F(LintOnPostgres, TheLocksAreThoseOfTheMessages) {
    run("create table t (id int, a int); create unique index i on t (id);"
        "create table u (id int primary key); create materialized view v as select 1 as a");
    struct Locked {
        std::string rule;
        std::string statement;
        std::string table;
        std::string mode;  // as pg_locks has it
        std::string words;
    };
    const Locked all[] = {
        {"index-not-concurrent", "create index j on t (a)", "t", "ShareLock", "SHARE lock"},
        {"drop-index-not-concurrent", "drop index i", "t", "AccessExclusiveLock",
         "ACCESS EXCLUSIVE"},
        {"reindex-not-concurrent", "reindex index i", "t", "ShareLock", "SHARE lock"},
        {"refresh-not-concurrent", "refresh materialized view v", "v", "AccessExclusiveLock",
         "ACCESS EXCLUSIVE"},
        {"constraint-without-not-valid", "alter table t add foreign key (a) references u", "u",
         "ShareRowExclusiveLock", "SHARE ROW EXCLUSIVE"},
        {"constraint-without-not-valid", "alter table t add check (a > 0)", "t",
         "AccessExclusiveLock", "ACCESS EXCLUSIVE"},
        {"unique-constraint-blocks", "alter table t add unique (a)", "t", "AccessExclusiveLock",
         "ACCESS EXCLUSIVE"},
        {"set-not-null-scans", "alter table t alter a set not null", "t", "AccessExclusiveLock",
         "ACCESS EXCLUSIVE"},
        {"truncate", "truncate t", "t", "AccessExclusiveLock", "ACCESS EXCLUSIVE"},
    };
    for (const Locked& one : all) {
        run("begin");
        run(one.statement);
        const std::string modes =
            answer("select mode from pg_locks where pid = pg_backend_pid() and relation = '" +
                   one.table + "'::regclass");
        run("rollback");
        EXPECT_NE((" " + modes + " ").find(" " + one.mode + " "), std::string::npos)
            << one.statement << ": " << modes;
        write("1_a.up.sql", one.statement + ";");
        const std::vector<Finding> found = lint(good(), wanted);
        const auto told = std::ranges::find(found, one.rule, &Finding::rule);
        ASSERT_NE(told, found.end()) << one.rule;
        EXPECT_NE(told->message.find(one.words), std::string::npos) << told->message;
    }
}

TEST_F(LintOnPostgres, WhatIsAnErrorIsRefused) {
    run("create table t (a int); insert into t values (1); create type e as enum ('a')");
    EXPECT_TRUE(refuses("alter table t add b int not null"));
    EXPECT_FALSE(refuses("alter table t add c int not null default 1"));
    EXPECT_FALSE(refuses("alter table t add d serial not null"));
    run("begin; alter type e add value 'x'");
    EXPECT_TRUE(refuses("select 'x'::e"));
    run("rollback");
    run("begin");
    const std::string made = "create type f as enum ('a');\nalter type f add value 'x';\n";
    run(made);
    wanted.server_version = answer("show server_version");
    EXPECT_EQ(refuses("select 'x'::f"),
              !places("enum-value-used-in-same-transaction", made + "select 'x'::f;").empty());
    run("rollback");
    EXPECT_TRUE(refuses("create table w (a int); vacuum"));
}

// A new database with a table t that has a row, and one that is empty.
bool sqlite_refuses(const std::string& statements) {
    sqlite3* opened = nullptr;
    EXPECT_EQ(sqlite3_open(":memory:", &opened), SQLITE_OK);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(opened, sqlite3_close_v2);
    EXPECT_EQ(sqlite3_exec(opened, "create table t (a int, b int); insert into t values (1, 2);"
                                   "create table n (a int)",
                           nullptr, nullptr, nullptr),
              SQLITE_OK);
    return sqlite3_exec(opened, statements.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK;
}

TEST_F(Lint, WhatIsAnErrorIsRefusedBySqlite) {
    on_sqlite();
    wanted.server_version = sqlite3_libversion();
    wanted.sizes["n"] = {.rows = 0, .bytes = 0};
    const std::string all_statements[] = {
        "alter table t add c int",
        "alter table t add c int not null",
        "alter table t add c int not null default 1",
        "alter table n add c int not null",
        "alter table t add c text default current_timestamp",
        "alter table n add c text default current_timestamp",
        "alter table t add c text default (1 + 1)",
        "alter table n add c text default (1 + 1)",
        "alter table t add c text default 'x' collate nocase",
        "alter table t add c int default -1",
        "alter table t add c int unique",
        "alter table n add c int unique",
        "alter table t add c int primary key",
        "alter table t add c int check (c > 0)",
        "alter table t add c int generated always as (a + 1)",
        "alter table t add c int generated always as (a + 1) virtual",
        "alter table t add c int generated always as (a + 1) stored",
        "alter table t add if not exists c int",
        "alter table t add c int, add d int",
        "alter table t rename to u",
        "alter table t rename a to c",
        "alter table t rename column a to c",
        "alter table t drop column b",
        "alter table t drop column if exists b",
        "alter table t alter column a type text",
        "alter table t alter column a set not null",
        "alter table t alter column a set default 1",
        "alter table t add constraint c check (a > 0)",
        "alter table t add foreign key (a) references n (a)",
        "alter table t drop constraint c",
        "alter table if exists t add c int",
        "alter table t owner to me",
        "truncate t",
        "create index concurrently i on t (a)",
        "create index i on t (a)",
        "create unique index if not exists i on t (a)",
        "create or replace view v as select 1",
        "create temp view v as select 1",
        "create type e as enum ('a')",
        "create schema s",
        "create extension x",
        "create sequence s",
        "drop table t cascade",
        "drop table t, n",
        "drop table if exists t",
        "lock table t",
        "grant select on t to me",
        "set search_path = s",
    };
    for (const std::string& statement : all_statements) {
        const Texts found = all(statement + ";");
        const bool told = std::ranges::any_of(found, [](const std::string& one) {
            return find_rule(one.substr(0, one.find(' ')))->level == Level::Error;
        });
        EXPECT_EQ(told, sqlite_refuses(statement)) << statement;
    }
}

}  // namespace
}  // namespace drydock::migrate
