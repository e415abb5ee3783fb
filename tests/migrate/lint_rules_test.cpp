// Each rule where it must speak, and where it must be silent.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/migrate/lint_fixture.h"

namespace drydock::migrate {
namespace {

// --- Each rule where it must speak, and where not ----------------------------------------------

struct Case {
    std::string_view rule;
    std::string_view text;
    std::string_view places;  // "line:column …"
};

TEST_F(Lint, OnPostgresRulesSpeakAtTheirPlaceAndElsewhereNot) {
    const Case cases[] = {
        // Locks
        {"index-not-concurrent", "create unique index if not exists i on s.t using gin (a);",
         "1:1"},
        {"index-not-concurrent", "create index on only t (a);", ""},
        {"index-not-concurrent", "create materialized view v as select 1;\n"
                                 "create index i on v (a);", ""},
        {"index-not-concurrent", "do $$ begin create index i on t (a); end $$;", ""},
        {"drop-index-not-concurrent", "create table t (a int);\ncreate index i on t (a);\n"
                                      "drop index i;", ""},
        {"drop-index-not-concurrent", "select 1;\n  drop index if exists i;", "2:3"},
        {"reindex-not-concurrent", "reindex (verbose) table t;", "1:1"},
        {"reindex-not-concurrent", "reindex (concurrently) table t;", ""},
        {"refresh-not-concurrent", "create materialized view v as select 1;\n"
                                   "refresh materialized view v;", ""},
        {"lock-table", "create table t (a int);\nlock table t;\nlock u in share mode;", "3:1"},
        {"no-lock-timeout", "alter table t add a int;\nalter table u add a int;", "1:1"},
        {"no-lock-timeout", "create table t (a int);\nalter table t add b int;", ""},
        {"no-lock-timeout", "set local lock_timeout to '1s';\nalter table t add b int;", ""},
        // Constraints
        {"not-null-without-default", "alter table t\n  add a int,\n  add b int not null;", "3:3"},
        {"not-null-without-default", "alter table t add a int not null default null;", "1:15"},
        {"not-null-without-default",
         "alter table t add a bigserial not null, add b int generated always as identity not null,"
         " add c int not null generated always as (a + 1) stored;", ""},
        {"not-null-without-default",
         "alter table t add a int null references u on delete set null;", ""},
        {"set-not-null-scans", "alter table t add constraint c check (a is not null) not valid;\n"
                               "alter table t validate constraint c;\n"
                               "alter table t alter a set not null, alter b set not null;", "3:37"},
        {"set-not-null-scans", "alter table t add constraint c check (a is not null) not valid;\n"
                               "alter table t alter a set not null;", "2:15"},
        {"set-not-null-scans", "alter table t alter column a drop not null;", ""},
        {"constraint-without-not-valid", "alter table t add check (a > 0), add check (b > 0) not "
                                         "valid;", "1:15"},
        {"constraint-without-not-valid", "alter table t add a int references u;", ""},
        {"constraint-without-not-valid", "alter table t add a int default 1 references u;", "1:15"},
        {"constraint-without-not-valid", "create table t (a int check (a > 0));\n"
                                         "alter table t add foreign key (a) references u;", ""},
        {"validate-with-not-valid", "alter table t add constraint c check (a > 0) not valid;\n"
                                    "alter table u validate constraint c;", ""},
        {"unique-constraint-blocks", "alter table t add unique (a), add exclude using gist (b with "
                                     "=);", "1:15 1:31"},
        {"unique-constraint-blocks", "create table t (a int);\nalter table t add unique (a);", ""},
        {"primary-key-blocks", "alter table only s.t add constraint k primary key (a);", "1:22"},
        {"primary-key-blocks", "create table t (a int);\nalter table only t add primary key (a);",
         ""},
        {"add-column-unique", "alter table t add a bigint primary key;", "1:15"},
        {"add-column-unique", "alter table t add unique_name text;", ""},
        // Rewrites
        {"type-change-rewrites", "create table u (a int);\nalter table t alter a type bigint;",
         "2:15"},
        {"type-change-rewrites", "alter table t alter a type text, alter b type varchar;", ""},
        {"type-change-rewrites", "alter table t alter a type text using upper(a);", "1:15"},
        {"volatile-default", "alter table t add a timestamptz default now();", ""},
        {"volatile-default", "alter table t add a timestamptz default clock_timestamp();", "1:15"},
        {"volatile-default", "create table t (a uuid default gen_random_uuid());", ""},
        {"stored-column-rewrites", "alter table t add a int generated always as (b + 1) stored;",
         "1:15"},
        {"stored-column-rewrites", "create table t (b int);\nalter table t add a serial;", ""},
        {"rewrites-table", "cluster t using i;", "1:1"},
        {"rewrites-table", "alter table t set unlogged;", "1:15"},
        {"rewrites-table", "vacuum (full, analyze) t;", "1:1"},
        {"rewrites-table", "vacuum (analyze) t;", ""},
    };
    for (const Case& one : cases)
        EXPECT_EQ(places(std::string(one.rule), std::string(one.text)), one.places)
            << one.rule << ": " << one.text;
}

TEST_F(Lint, OnPostgresFilesAndTransactionsAreLookedAtAsAWhole) {
    const Case cases[] = {
        {"rename-table", "create table t (a int);\nalter table t rename to u;", ""},
        {"rename-table", "alter table t rename constraint a to b;", ""},
        {"rename-column", "alter table t rename a to b;", "1:15"},
        {"rename-column", "create table t (a int);\nalter table t rename a to b;", ""},
        {"drop-column", "alter table t drop constraint a, drop if exists b;", "1:34"},
        {"drop-table", "create table t (a int);\ndrop table t;\ndrop table if exists u, v;",
         "3:1 3:1"},
        {"drop-cascade", "alter table t drop a cascade;", "1:15"},
        {"drop-cascade", "drop schema s cascade;", "1:1"},
        {"drop-cascade", "create table t (a int references u on delete cascade);", ""},
        {"truncate", "truncate only t, u cascade;", "1:1 1:1"},
        {"truncate", "create table t (a int);\ntruncate t;", ""},
        {"update-without-where", "with x as (select 1 where true) update t set a = 1;", "1:1"},
        {"update-without-where", "delete from t where a = 1;\ndelete from u;", "2:1"},
        {"update-without-where", "create table t (a int);\nupdate t set a = 1;", ""},
        {"grant-to-public", "grant usage on schema s to public;", ""},
        {"grant-to-public", "grant all on all tables in schema s to a, public;", "1:1"},
        // Transactions
        {"transaction-control-in-file", "create function f() returns int language sql begin atomic "
                                        "select 1; end;", ""},
        {"transaction-control-in-file", "select 1;\nrollback;", "2:1"},
        {"concurrently-with-others", "set lock_timeout = '1s';\ncreate index concurrently i on t "
                                     "(a);", ""},
        {"concurrently-with-others", "select 1;\ndrop index concurrently i;", "2:1"},
        {"concurrently-with-others", "-- migrate:up\ncreate index concurrently i on t (a);\n"
                                     "-- migrate:down\ndrop index concurrently i;", "2:1 4:1"},
        {"concurrently-with-others", "-- migrate:up transaction:false\n"
                                     "create index concurrently i on t (a);", ""},
        {"alone-with-others", "alter system set work_mem = '1MB';", ""},
        {"enum-value-used-in-same-transaction",
         "create table t (m text);\nalter type e add value 'x';\ninsert into t values ('x');", ""},
        {"enum-value-used-in-same-transaction",
         "create table t (m e);\nalter type e add value 'x';\ninsert into t values ('x');", "3:23"},
        {"enum-value-used-in-same-transaction",
         "create type e as enum ('a');\nalter type e add value 'x';\nselect 'x'::e;", ""},
        {"mixed-ddl-and-data", "alter table t add a int;\ninsert into u select * from v;", "2:1"},
        {"mixed-ddl-and-data", "alter table t add a int;\ninsert into u values (1);", ""},
        {"mixed-ddl-and-data", "update t set a = 1 where b = 2;\nalter table t drop b;", ""},
        // Types and habits
        {"serial-instead-of-identity", "alter table t add a serial;", "1:19"},
        {"timestamp-without-timezone", "create table t (\n  a timestamp(3) without time zone,\n"
                                       "  b timestamp with time zone);", "2:3"},
        {"char-type", "create table t (a character varying(3), b \"char\", c character(3));",
         "1:51"},
        {"int-primary-key", "create table t (a int, b smallint primary key);", "1:24"},
        {"json-instead-of-jsonb", "create temp table t (a json);", ""},
        {"table-without-primary-key", "create table t (a int);\nalter table t add primary key (a);",
         ""},
        {"table-without-primary-key", "create table t (a int, constraint k primary key (a));\n"
                                      "create table u partition of t default;\n"
                                      "create table v as select 1;\ncreate table w (like t);", ""},
        {"set-search-path", "set search_path to s;\nselect 1;\nreset search_path;", ""},
        {"set-search-path", "select pg_catalog.set_config('search_path', '', false);", "1:1"},
        {"security-definer-without-search-path",
         "create function f() returns int language sql security invoker as 'select 1';", ""},
    };
    for (const Case& one : cases)
        EXPECT_EQ(places(std::string(one.rule), std::string(one.text)), one.places)
            << one.rule << ": " << one.text;
}

TEST_F(Lint, ATypeThatIsStoredAlikeIsNoRewrite) {
    const auto change = [&](const std::string& from, const std::string& to) {
        write("1_a.up.sql", "create table t (a " + from + " not null);");
        write("2_b.up.sql", "alter table t alter column a set data type " + to + ";");
        const Texts found = told(lint(good(), wanted));
        return std::ranges::count(found, "type-change-rewrites 1:15") > 0;
    };
    EXPECT_FALSE(change("varchar(10)", "character varying(20)"));
    EXPECT_FALSE(change("varchar(10)", "text"));
    EXPECT_FALSE(change("text", "varchar"));
    EXPECT_FALSE(change("numeric(10, 2)", "decimal(12, 2)"));
    EXPECT_FALSE(change("numeric(10, 2)", "numeric"));
    EXPECT_FALSE(change("cidr", "inet"));
    EXPECT_FALSE(change("timestamp(3)", "timestamp"));
    EXPECT_FALSE(change("int4", "integer"));
    EXPECT_FALSE(change("varchar(10)", "varchar(20) using a::varchar(20)"));
    EXPECT_TRUE(change("varchar(20)", "varchar(10)"));
    EXPECT_TRUE(change("text", "varchar(10)"));
    EXPECT_TRUE(change("numeric(10, 2)", "numeric(12, 3)"));
    EXPECT_TRUE(change("numeric", "numeric(10)"));
    EXPECT_TRUE(change("int", "bigint"));
    EXPECT_TRUE(change("int", "text"));
    EXPECT_TRUE(change("text", "text[] using array[a]"));
    EXPECT_TRUE(change("varchar(10)", "text using lower(a)"));
}

TEST_F(Lint, TheVersionOfTheServerIsKnown) {
    const std::string added = "alter table t add a int default 1;";
    EXPECT_EQ(places("volatile-default", added), "");
    wanted.server_version = "10.23";
    EXPECT_EQ(places("volatile-default", added), "1:15");
    wanted.server_version = "11.0";
    EXPECT_EQ(places("volatile-default", added), "");
    EXPECT_EQ(places("reindex-not-concurrent", "reindex index i;"), "");
    const std::string proven = "alter table t add constraint c check (a is not null);\n"
                               "alter table t alter a set not null;";
    EXPECT_EQ(places("set-not-null-scans", proven), "2:15");
    wanted.server_version = "15.4 (Debian 15.4-1)";
    EXPECT_EQ(places("set-not-null-scans", proven), "");
    EXPECT_EQ(places("reindex-not-concurrent", "reindex index i;"), "1:1");
    on_sqlite();
    wanted.server_version = "3.34.1";
    EXPECT_EQ(places("sqlite-alter-unsupported", "alter table t drop column a;"), "1:15");
    wanted.server_version = "3.40.1";
    EXPECT_EQ(places("sqlite-alter-unsupported", "alter table t drop column a;"), "");
    EXPECT_EQ(places("sqlite-alter-unsupported", "alter table t alter a set not null;"), "1:15");
    wanted.server_version = "3.53.0";
    EXPECT_EQ(places("sqlite-alter-unsupported", "alter table t alter a set not null;"), "");
}

TEST_F(Lint, OnSqliteRulesSpeakAtTheirPlaceAndElsewhereNot) {
    on_sqlite();
    const Case cases[] = {
        {"not-null-without-default", "alter table t add a int not null;", "1:15"},
        {"not-null-without-default", "alter table t add a int not null default 0;", ""},
        {"rename-column", "alter table [t] rename column `a` to b;", "1:17"},
        {"drop-column", "create table t (a int, b int);\nalter table main.t drop column a;", ""},
        {"drop-table", "create table n (a int);\ndrop table t;\nalter table n rename to t;", ""},
        {"drop-table", "drop table t;", "1:1"},
        {"update-without-where", "update or ignore t set a = 1;", "1:1"},
        {"update-without-where", "delete from t where a;", ""},
        {"transaction-control-in-file", "create trigger g after insert on t begin select 1; end;",
         ""},
        {"alone-with-others", "select 1;\nvacuum;", "2:1"},
        {"table-without-primary-key", "create virtual table t using fts5(a);", ""},
        {"table-without-primary-key", "create table t (a int);", "1:1"},
        {"sqlite-alter-unsupported", "alter table t add constraint c check (a);", "1:15"},
        {"sqlite-alter-unsupported", "alter table t add a int, add b int;", "1:1"},
        {"sqlite-alter-unsupported", "alter table t add a text unique;", "1:15"},
        {"sqlite-alter-unsupported", "alter table t add a text default current_timestamp;", "1:15"},
        {"sqlite-alter-unsupported",
         "create table t (b int);\nalter table t add a text default (1 + 1);", ""},
        {"sqlite-alter-unsupported", "alter table t add a text default 'x' collate nocase;", ""},
        {"sqlite-alter-unsupported", "alter table t owner to u;", "1:15"},
        {"sqlite-no-such-statement", "truncate t;\ncreate extension x;\ndrop table t cascade;",
         "1:1 2:1 3:1"},
        {"sqlite-no-such-statement", "create temp view v as select 1;\ncreate trigger if not "
                                     "exists g after insert on t begin select 1; end;", ""},
        {"sqlite-foreign-keys-pragma-in-transaction", "pragma foreign_keys;\nselect 1;", ""},
        {"sqlite-foreign-keys-pragma-in-transaction",
         "-- migrate:up transaction:false\npragma foreign_keys = off;\nselect 1;", ""},
        {"sqlite-foreign-keys-pragma-in-transaction",
         "drop table t;\nPRAGMA main.foreign_keys(0);", "2:1"},
        {"sqlite-rebuild-loses-index",
         "create table t (a int);\ncreate index i on t (a);\ndrop table t;", ""},
        {"sqlite-copy-by-position", "insert into t select * from u;", ""},
        {"sqlite-rename-away",
         "pragma legacy_alter_table = on;\nalter table t rename to o;\ncreate table t (a int);",
         ""},
        {"sqlite-rename-away", "alter table t rename to o;\ncreate table t (a int);", "1:15"},
    };
    for (const Case& one : cases)
        EXPECT_EQ(places(std::string(one.rule), std::string(one.text)), one.places)
            << one.rule << ": " << one.text;
}

// --- Ways back, and what is asked for by option ------------------------------------------------

TEST_F(Lint, WhatUpMakesDownMustTakeAway) {
    const auto left = [&](const std::string& up, const std::string& down) {
        return places("down-does-not-reverse",
                      "-- migrate:up\n" + up + "\n-- migrate:down\n" + down);
    };
    EXPECT_EQ(left("create table t (a int);\ncreate index i on t (a);", "drop table t;"), "");
    EXPECT_EQ(left("create table s.t (a int);", "drop table if exists t;"), "");
    EXPECT_EQ(left("alter table t\n  add a int,\n  add b int;", "alter table t drop a;"), "4:3");
    EXPECT_EQ(left("create index i on t (a);", "drop index j;"), "2:1");
    EXPECT_EQ(left("create index i on t (a);", "alter table t drop column a;"), "");
    EXPECT_EQ(left("create type e as enum ('a');\ncreate table t (a e);", "drop table t;"), "2:1");
    EXPECT_EQ(left("create function f() returns int language sql as 'select 1';\n"
                   "create trigger g after insert on t execute function f();",
                   "drop trigger g on t;"),
              "2:1");
    EXPECT_EQ(left("create or replace function f() returns int language sql as 'select 1';",
                   "select 1;"),
              "");
    EXPECT_EQ(left("create schema s;\ncreate table s.t (a int);", "drop schema s cascade;"), "");
    EXPECT_EQ(left("create table n (a int);\ndrop table t;\nalter table n rename to t;",
                   "drop table t;"),
              "");
    EXPECT_EQ(left("create type n as enum ('a');\ndrop type e;\nalter type n rename to e;",
                   "create type o as enum ('b');\ndrop type e;\nalter type o rename to e;"),
              "");
    EXPECT_EQ(left("create type n as enum ('a');\ncreate type o as enum ('a');",
                   "alter type n rename to m;"),
              "3:1");
    // What a block does is not seen.
    EXPECT_EQ(left("create table t (a int);", "do $$ begin execute 'x'; end $$;"), "");
    EXPECT_EQ(left("create temp table t (a int);", "select;"), "");
    // Dropped and made again is what the next file finds.
    EXPECT_EQ(left("drop view v;\ncreate view v as select 2;",
                   "drop view v;\ncreate view v as select 1;"),
              "");
}

TEST_F(Lint, FlywayFoldersWithoutUndoAreNotAskedForIt) {
    write("V1__add_t.sql", "create table t (a bigint primary key);");
    EXPECT_TRUE(lint(good(), wanted).empty());
    write("V2__add_u.sql", "create table u (a int);");
    write("U2__add_u.sql", "drop table u;");
    const auto found = lint(good(), wanted);
    EXPECT_EQ(std::ranges::count(found, "missing-down", &Finding::rule), 1);
}

TEST_F(Lint, HabitsAreAskedForByOptionOnly) {
    const std::string text = "create table t (a int);\ndrop view v;\nalter table t add b int;";
    EXPECT_EQ(places("not-idempotent", text), "");
    wanted.idempotent = true;
    EXPECT_EQ(places("not-idempotent", text), "1:1 2:1 3:15");
    EXPECT_EQ(places("not-idempotent", "drop type if exists e;\ncreate type e as enum ('a');"), "");
    EXPECT_EQ(places("not-idempotent", "-- migrate:up\nselect 1;\n-- migrate:down\n"
                                       "drop table t;"),
              "4:1");
    const std::string named = "-- 000001_Add_t.up.sql\nselect 1;";
    EXPECT_EQ(places("name-without-verb", named), "");
    wanted.verb_names = true;
    EXPECT_EQ(places("name-without-verb", named), "1:1");
    EXPECT_EQ(places("name-without-verb", "-- 000001_create_t.up.sql\nselect 1;"), "");
    on_sqlite();
    EXPECT_EQ(places("not-idempotent", text), "1:1 2:1");
}

}  // namespace
}  // namespace drydock::migrate
