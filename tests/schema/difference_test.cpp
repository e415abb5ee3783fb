#include "engine/schema/difference.h"

#include "tests/schema/databases.h"

namespace drydock::schema {
namespace {

using Class = Difference::Class;

TEST_F(PostgresTest, TheClassSaysWhetherMoreThanTheOrderOfColumnsDiffers) {
    sql("create table u (a int, b int, c text)");
    const Catalog before = catalog();
    EXPECT_EQ(difference(before, before).how(), Class::Clean);
    EXPECT_EQ(summary(difference(before, before)), "as before");
    sql("alter table u drop a; alter table u add a int");
    const Difference order = difference(before, catalog());
    EXPECT_EQ(order.how(), Class::OrderOnly);
    EXPECT_EQ(summary(order), "only the order of columns differs");
    sql("alter table u alter a type bigint");
    const Difference more = difference(before, catalog());
    EXPECT_EQ(more.how(), Class::Differs);
    EXPECT_EQ(summary(more), "1 column changed, 1 table reordered");
    EXPECT_EQ(name_of(more.how()), "differs");
}

TEST_F(PostgresTest, AColumnInTheMiddleIsAddedAndReordersNothing) {
    sql("create table u (a int, b int)");
    EXPECT_EQ(changes("drop table u; create table u (a int, x int, b int)"),
              Lines{"+ column u.x integer"});
}

TEST_F(SqliteTest, TheOrderOfColumnsIsToldFromADifference) {
    sql("create table u (a, b)");
    const Catalog before = catalog();
    sql("drop table u; create table u (b, a)");
    EXPECT_EQ(difference(before, catalog()).how(), Class::OrderOnly);
    EXPECT_EQ(lines(difference(before, catalog())), Lines{"~ table u: order of columns a, b → b, "
                                                          "a"});
}

TEST_F(PostgresTest, WhatCameWithATableIsCountedOnItsLineAndListedAsChanges) {
    const Catalog before = catalog();
    sql("create table u (id bigserial primary key, mail text unique, of_t bigint references t); "
        "create index by_t on u (of_t)");
    const Difference found = difference(before, catalog());
    EXPECT_EQ(lines(found), Lines{"+ table u (id, mail, of_t), with 3 constraints, 3 indexes, 1 "
                                  "sequence"});
    EXPECT_EQ(summary(found), "1 table added");
    EXPECT_EQ(found.changes.size(), 11U);
    const Difference back = difference(catalog(), before);
    EXPECT_EQ(lines(back), Lines{"- table u, with 3 constraints, 3 indexes, 1 sequence"});
}

TEST_F(PostgresTest, TheTablesOfANewSchemaAreToldOneByOne) {
    EXPECT_EQ(changes("create schema app; create table app.u (a int); create table app.w (a int)"),
              (Lines{"+ schema app", "+ table app.u (a)", "+ table app.w (a)"}));
}

TEST_F(PostgresTest, OfLongTextsTheDifferenceIsShown) {
    const auto function = [](const std::string& word) {
        return "create or replace function f() returns text language sql as $$ select "
               "'a long text in which only one word is another one, namely " +
               word + ", and which goes on after that' $$";
    };
    sql(function("early"));
    EXPECT_EQ(changes(function("later")),
              Lines{"~ routine f(): definition …her one, namely early, and which goes on… → "
                    "…her one, namely later, and which goes on…"});
}

TEST(Comparing, DatabasesOfTwoKindsAreNotCompared) {
    const Catalog left{.database = "sqlite"}, right{.database = "postgres"};
    const Error error = sql::failure([&] { static_cast<void>(difference(left, right)); });
    EXPECT_EQ(error.message(), "a snapshot of sqlite is compared with one of postgres");
    EXPECT_EQ(error.code(), ErrorCode::Check);
}

TEST(Comparing, AnObjectThatBelongsToAnotherOneNowHasChanged) {
    Catalog before{.database = "postgres"}, after{.database = "postgres"};
    before.objects["sequence s"] = {.kind = "sequence", .name = "s", .parent = "table a"};
    after.objects["sequence s"] = {.kind = "sequence", .name = "s", .parent = "table b"};
    EXPECT_EQ(lines(difference(before, after)), Lines{"~ sequence s: of table a → table b"});
}

}  // namespace
}  // namespace drydock::schema
