#include "engine/schema/postgres_catalog.h"

#include "tests/schema/databases.h"

namespace drydock::schema {
namespace {

std::string ask(sql::Database& database, const std::string& query) {
    std::string answer;
    database.run(query, {}, sql::Access::Read, [&](const sql::Row& row) {
        answer = to_text(row.value(0));
        return true;
    });
    return answer;
}

TEST_F(PostgresTest, IsTheSameAlongEverySearchPathAndPutsThePathBack) {
    sql("create schema app; create table app.u (a int primary key, b int references t); "
        "create view app.v as select u.a from app.u join t on t.a = u.b; "
        "create function app.f(app.u) returns int language sql as 'select 1'");
    const std::string usual = digest(catalog());
    sql("alter database " + target_.name() + " set search_path = app");
    const auto database = target_.open(true);
    const Catalog found = look_at(*database);
    EXPECT_EQ(digest(found), usual);
    EXPECT_EQ(found.path, Lines{"app"});
    EXPECT_EQ(ask(*database, "show search_path"), "app");
    EXPECT_EQ(found.objects.at("constraint app.u.u_b_fkey").facts.at("definition"),
              Value("FOREIGN KEY (b) REFERENCES t(a)"));
    EXPECT_NE(found.find("table", "u"), nullptr) << "as the session finds it";
    EXPECT_EQ(found.find("table", "t"), nullptr) << "public is not in the path";
    EXPECT_NE(found.find("table", "public.t"), nullptr);
}

TEST_F(PostgresTest, SeesWhatItsTransactionHasDoneAndKeepsThePathInIt) {
    const auto database = target_.open(false);
    const Catalog before = look_at(*database);
    database->begin();
    database->run("set local search_path = pg_catalog", {}, sql::Access::Write, {});
    database->run("create table public.u (a int)", {}, sql::Access::Write, {});
    EXPECT_EQ(lines(difference(before, look_at(*database))), Lines{"+ table u (a)"});
    EXPECT_EQ(ask(*database, "show search_path"), "pg_catalog");
    database->rollback();
    EXPECT_EQ(look_at(*database), before);
    EXPECT_EQ(ask(*database, "show search_path"), "\"$user\", public");
}

TEST_F(PostgresTest, ATemporaryTableDoesNotGetBetween) {
    const auto database = target_.open(false);
    const Catalog before = look_at(*database);
    database->begin();
    database->run("create temporary table t (other int)", {}, sql::Access::Write, {});
    EXPECT_EQ(look_at(*database), before);
    database->rollback();
}

TEST_F(PostgresTest, OnlyHoldsLocksThatLetOthersWork) {
    sql("create view v as select a from t; create materialized view m as select a from t; "
        "create rule r as on update to v do instead nothing");
    const auto database = target_.open(false);
    database->begin();
    static_cast<void>(look_at(*database));
    EXPECT_EQ(ask(*database,
                  "select count(*) from pg_locks where pid = pg_backend_pid() and "
                  "locktype = 'relation' and mode <> 'AccessShareLock'"),
              "0");
    database->rollback();
}

TEST_F(PostgresTest, LeavesOutReceiptsAndTheirSchemaUnlessSomethingElseIsInIt) {
    const Catalog before = catalog();
    {
        const auto database = target_.open(false);
        sql("create schema drydock; create table drydock.receipts (run text primary key)");
        EXPECT_EQ(look_at(*database), before);
        sql("create table drydock.other (a int)");
        EXPECT_EQ(lines(difference(before, look_at(*database))),
                  (Lines{"+ schema drydock", "+ table drydock.other (a)"}));
    }
    sql::PostgresSettings settings = target_.settings();
    settings.receipts_schema = "public";
    sql("drop schema drydock cascade; create table receipts (run text primary key)");
    EXPECT_EQ(look_at(*sql::open_postgres(settings)), before);
}

TEST_F(PostgresTest, WhatBelongsToAnExtensionIsTheExtensions) {
    EXPECT_EQ(changes("create extension citext"), Lines{"+ extension citext schema public "
                                                        "version 1.6"});
    const Catalog with = catalog();
    for (const auto& [key, object] : with.objects)
        EXPECT_TRUE(key.find("citext") == std::string::npos || object.kind == "extension") << key;
}

TEST_F(PostgresTest, ARoleWithoutAnyRightSeesTheSame) {
    sql("create role schema_nobody login; create schema app; create table app.u (a int); "
        "alter table app.u enable row level security; "
        "create policy p on app.u using (a > 1); "
        "create function app.f() returns int language sql as 'select 1'; "
        "create view app.v as select a from app.u");
    sql::PostgresSettings settings = target_.settings();
    settings.user = Secret("user", "schema_nobody");
    const Catalog seen = look_at(*sql::open_postgres(settings));
    EXPECT_EQ(digest(seen), digest(catalog()));
    EXPECT_TRUE(seen.unread.empty());
    sql("drop role schema_nobody");
}

TEST_F(PostgresTest, SaysWhatItMayNotReadAndDoesNotCallItEqualOrGone) {
    sql("create role schema_blind login; create table u (a int); create policy p on u using "
        "(true)");
    const Catalog all = catalog();
    sql("revoke select on pg_catalog.pg_policy from public");
    sql::PostgresSettings settings = target_.settings();
    settings.user = Secret("user", "schema_blind");
    const Catalog blind = look_at(*sql::open_postgres(settings));
    EXPECT_EQ(blind.unread, std::set<std::string>{"policy"});
    const Difference found = difference(all, blind);
    EXPECT_TRUE(found.changes.empty());
    EXPECT_EQ(summary(found),
              "as before; not compared, because the role may not read them: "
              "policies");
    EXPECT_NE(digest(all), digest(blind));
    sql("drop role schema_blind");
}

TEST_F(PostgresTest, NeverReadsWhatHoldsSecrets) {
    sql("create foreign data wrapper w; create server far foreign data wrapper w; "
        "create user mapping for postgres server far options (user 'x', password 'canary-word'); "
        "create subscription sub connection 'host=h password=canary-word' publication p "
        "with (connect = false, slot_name = none)");
    const Catalog found = catalog();
    EXPECT_TRUE(found.objects.contains("subscription sub"));
    EXPECT_TRUE(found.objects.contains("user mapping postgres on far"));
    EXPECT_EQ(to_text(to_value(found)).find("canary-word"), std::string::npos);
    sql("drop subscription sub");
}

TEST_F(PostgresTest, GrantsThatAreAsTheServerGivesThemAreNone) {
    sql("create role schema_guest; create table u (a int)");
    EXPECT_EQ(changes("grant select, insert on u to schema_guest; revoke all on u from "
                      "schema_guest"),
              Lines{});
    const Catalog first = (sql("grant select on u to schema_guest, public"), catalog());
    sql("revoke all on u from schema_guest, public; grant select on u to public, schema_guest");
    EXPECT_EQ(lines(difference(first, catalog())), Lines{});
    sql("drop owned by schema_guest; drop role schema_guest");
}

}  // namespace
}  // namespace drydock::schema
