#include "engine/schema/catalog.h"

#include "engine/json/json.h"
#include "tests/schema/databases.h"

namespace drydock::schema {
namespace {

TEST_F(PostgresTest, ASnapshotComesBackFromJsonAsItWas) {
    sql("create schema app; create table app.u (id bigserial primary key, mail text default 'x')");
    const Catalog before = catalog();
    const Catalog again = from_value(json::parse(json::write(to_value(before))));
    EXPECT_EQ(again, before);
    EXPECT_EQ(digest(again), digest(before));
    EXPECT_EQ(digest(before).size(), 64U);
}

TEST_F(SqliteTest, ASnapshotComesBackFromJsonAsItWas) {
    sql("create table u (id integer primary key, mail text default 'x') strict; "
        "create index by_mail on u (mail)");
    const Catalog before = catalog();
    EXPECT_EQ(from_value(json::parse(json::write(to_value(before)))), before);
}

TEST_F(SqliteTest, WhatBelongsToSomethingLeftOutIsLeftOutToo) {
    sql("create table schema_migrations (version); "
        "create unique index version_unique on schema_migrations (version)");
    const Catalog all = catalog();
    EXPECT_TRUE(all.objects.contains("index version_unique"));
    const Catalog rest = catalog({"table schema_migrations"});
    EXPECT_EQ(rest.objects.size(), all.objects.size() - 3);
    EXPECT_FALSE(rest.objects.contains("index version_unique"));
    EXPECT_TRUE(rest.objects.contains("column t.a"));
}

TEST_F(PostgresTest, ASchemaIsLeftOutWithAllThatIsInIt) {
    sql("create schema audit; create table audit.u (id bigserial primary key); "
        "create type audit.mood as enum ('good'); "
        "create function audit.f() returns int language sql as 'select 1'");
    const Catalog before = catalog({"schema audit"});
    for (const auto& [key, object] : before.objects)
        EXPECT_EQ(key.find("audit"), std::string::npos) << key;
    EXPECT_TRUE(catalog().objects.contains("type audit.mood"));
}

std::string message_for(const Value& value) {
    return sql::failure([&] { static_cast<void>(from_value(value)); }).message();
}

TEST(Snapshot, WhatIsNoneIsRefusedByName) {
    const Catalog empty{.database = "sqlite"};
    const auto with = [&](const char* key, Value value) {
        Value::Map map = *to_value(empty).find<Value::Map>();
        map[key] = std::move(value);
        return Value(map);
    };
    EXPECT_EQ(message_for("text"), "this is no snapshot of a schema: it is no map");
    EXPECT_EQ(message_for(Value::Map{}), "this is no snapshot of a schema: it has no format");
    EXPECT_EQ(message_for(with("format", 9)),
              "the snapshot is of format 9, and this Drydock reads 1");
    EXPECT_EQ(message_for(with("objects", 1)),
              "this is no snapshot of a schema: its objects are no list");
    EXPECT_EQ(message_for(with("objects", Value::List{Value::Map{{"kind", "table"}}})),
              "this is no snapshot of a schema: it has no name");
    const Value facts = Value::Map{{"type", 1}};
    EXPECT_EQ(
        message_for(with("objects", Value::List{Value::Map{
                                        {"kind", "table"}, {"name", "t"}, {"facts", facts}}})),
        "this is no snapshot of a schema: the fact type is no text");
}

TEST_F(SqliteTest, TellsWhichTablesHaveOtherNumbersOfRows) {
    sql("insert into t values (1, 'x'), (2, 'y'); create table drydock_receipts (a)");
    const auto database = target_.open(true);
    const Rows before = rows_in(*database);
    EXPECT_EQ(before, (Rows{{"t", 2}}));
    sql("delete from t where a = 1; create table other (a)");
    EXPECT_EQ(changed_rows(before, rows_in(*database)), Lines{"t 2 → 1"});
}

TEST_F(PostgresTest, RowsAreEstimatedAndFollowTheTransaction) {
    sql("insert into t select n, 'x' from generate_series(1, 500) n; analyze t");
    const auto database = target_.open(false);
    EXPECT_EQ(rows_in(*database), (Rows{{"t", 500}}));
    database->begin();
    database->run("delete from t where a > 100", {}, sql::Access::Write, {});
    EXPECT_EQ(rows_in(*database), (Rows{{"t", 100}}));
    database->rollback();
}

}  // namespace
}  // namespace drydock::schema
