#include "engine/schema/sqlite_catalog.h"

#include "tests/schema/databases.h"

namespace drydock::schema {
namespace {

TEST_F(SqliteTest, AChangeOfEachKindIsSeen) {
    sql("create table u (id integer primary key, mail text); create table p (id integer primary "
        "key)");
    EXPECT_EQ(changes("create table w (a, b)"), Lines{"+ table w (a, b)"});
    EXPECT_EQ(changes("alter table u add column n integer not null default 0 check (n >= 0)"),
              Lines{"+ column u.n integer not null default 0 check(n >= 0)"});
    EXPECT_EQ(changes("alter table u add column g text generated always as (mail || 'x')"),
              Lines{"+ column u.g text generated always as(mail || 'x')"});
    EXPECT_EQ(changes("create unique index by_mail on u (mail collate nocase) where n > 1"),
              Lines{"+ create unique index by_mail on u(mail collate nocase) where n > 1"});
    EXPECT_EQ(changes("drop index by_mail; create index by_mail on u (mail)"),
              Lines{"~ index by_mail: definition create unique index by_mail on u(mail collate "
                    "nocase) where n > 1 → create index by_mail on u(mail)"});
    EXPECT_EQ(
        changes("create trigger stop before delete on u begin select raise(abort, 'No'); end"),
        Lines{"+ create trigger stop before delete on u begin select raise(abort, 'No'); end"});
    EXPECT_EQ(changes("create view v as select mail from u"),
              Lines{"+ create view v as select mail from u"});
    EXPECT_EQ(changes("drop view v; create view v as select id from u").size(), 1U);
    EXPECT_EQ(changes("pragma user_version = 7"), Lines{"+ setting user_version value 7"});
    EXPECT_EQ(changes("pragma application_id = 9"), Lines{"+ setting application_id value 9"});
}

TEST_F(SqliteTest, AChangeWithinATableIsSeen) {
    const auto into = [&](const std::string& body) {
        return changes("drop table if exists u; create table u " + body);
    };
    into("(a integer, b text)");
    EXPECT_EQ(into("(a integer, b varchar(20))"), Lines{"~ column u.b: type text → varchar(20)"});
    EXPECT_EQ(into("(a integer, b varchar(20) not null)"),
              Lines{"~ column u.b: definition none → not null"});
    EXPECT_EQ(into("(a integer, b varchar(20) not null collate nocase)"),
              Lines{"~ column u.b: definition not null → not null collate nocase"});
    EXPECT_EQ(into("(a integer, b varchar(20) not null collate nocase, unique (a, b))"),
              Lines{"+ constraint u.unique(a, b)"});
    EXPECT_EQ(into("(a integer, b varchar(20) not null collate nocase, unique (b, a))"),
              (Lines{"- constraint u.unique(a, b)", "+ constraint u.unique(b, a)"}));
    into("(a integer, constraint few check (a < 9))");
    EXPECT_EQ(into("(a integer, constraint few check (a < 10))"),
              Lines{"~ constraint u.few: definition check(a < 9) → check(a < 10)"});
    EXPECT_EQ(into("(a integer references t on delete cascade, constraint few check (a < 10))"),
              Lines{"~ column u.a: definition none → references t on delete cascade"});
    into("(a integer primary key)");
    EXPECT_EQ(into("(a integer primary key) strict"), Lines{"~ table u: options none → strict"});
    EXPECT_EQ(into("(a integer primary key) without rowid, strict"),
              Lines{"~ table u: options strict → strict, without rowid"});
}

TEST_F(SqliteTest, TheSameInOtherWordsIsTheSame) {
    sql("create table users (id integer primary key, mail text not null default 'X', "
        "check (mail <> '')); create index by_mail on users (mail); "
        "create view v as select id, mail from users");
    EXPECT_EQ(changes("drop view v; drop table users; "
                      "CREATE TABLE \"users\" ( -- people\n [ID] INTEGER PRIMARY KEY,\n"
                      " `mail` TEXT NOT NULL DEFAULT 'X' /* never empty */, CHECK(mail<>''));"
                      "create index by_mail on [users] (\"mail\"); "
                      "create view v as select \"id\", mail\n from users"),
              (Lines{"+ column users.ID integer primary key", "- column users.id"}))
        << "how a name is written is part of what programs are given";
    EXPECT_EQ(changes("alter table users rename column ID to id"),
              (Lines{"- column users.ID", "+ column users.id integer primary key"}));
}

TEST_F(SqliteTest, WhatAlterTableWritesAnewIsAsIfMadeSo) {
    sql("create table a (id integer primary key, name text); "
        "create table child (of_a integer references a (id)); "
        "create index by_name on a (name); "
        "create trigger g after insert on a begin update a set name = 'x'; end");
    const Catalog before = catalog();
    sql("alter table a rename to b; alter table b rename column name to title; "
        "alter table b add column extra text; alter table b drop column extra");
    EXPECT_FALSE(difference(before, catalog()).changes.empty());
    sql("alter table b rename column title to name; alter table b rename to a");
    EXPECT_EQ(lines(difference(before, catalog())), Lines{});
    EXPECT_EQ(digest(before), digest(catalog()));
}

TEST_F(SqliteTest, AStringKeepsItsCase) {
    sql("create table u (a text default 'on')");
    EXPECT_EQ(changes("drop table u; create table u (a text default 'ON')"),
              Lines{"~ column u.a: definition default 'on' → default 'ON'"});
    EXPECT_EQ(changes("drop table u; create table u (a text default \"On\")"),
              Lines{"~ column u.a: definition default 'ON' → default \"On\""});
}

TEST_F(SqliteTest, ShadowTablesBelongToTheirVirtualTable) {
    EXPECT_EQ(changes("create virtual table words using fts5(body)"),
              Lines{"+ create virtual table words using fts5(body)"});
    EXPECT_EQ(
        changes("drop table words; create virtual table words using fts5(body, title)"),
        Lines{"~ virtual table words: definition create virtual table words using fts5(body) → "
              "create virtual table words using fts5(body, title)"});
}

TEST_F(SqliteTest, LeavesOutReceiptsAndWhatSqliteMadeForItself) {
    EXPECT_EQ(changes("create table drydock_receipts (a, primary key (a)); "
                      "create table drydock_fences (a); insert into t values (1, 'x'); analyze"),
              Lines{});
}

// The columns that we take from the text are those that SQLite itself knows.
TEST_F(SqliteTest, KnowsTheColumnsThatSqliteKnows) {
    sql(R"sql(
create table c1 (a, "b c" int, [d,e] text, `f``g` numeric(10, 2) default (max(1, 2)));
create table c2 (a int constraint x not null constraint y check (a in (1, 2)), b as (a + 1) stored,
  primary key (a), foreign key (a) references c1 (a) on update set null unique (a) check (a > 0));
create table c3 as select 1 as one, 'x' as "two words";
create table c4 (key text, "check" int, "primary" text, value double precision not null);
)sql");
    const Catalog found = catalog();
    const auto database = target_.open(true);
    std::size_t seen = 0;
    for (const std::string table : {"c1", "c2", "c3", "c4"}) {
        Value::List known;
        database->run("select name from pragma_table_xinfo('" + table + "')", {}, sql::Access::Read,
                      [&](const sql::Row& row) {
                          known.push_back(row.value(0));
                          return true;
                      });
        EXPECT_EQ(found.objects.at("table " + table).facts.at("columns"), Value(known)) << table;
        seen += known.size();
    }
    EXPECT_EQ(seen, 12U);
    EXPECT_TRUE(found.objects.contains("constraint c2.unique(a)"));
    EXPECT_TRUE(found.objects.contains("constraint c2.check(a > 0)"));
}

}  // namespace
}  // namespace drydock::schema
