#include "engine/schema/sqlite_definition.h"

#include <gtest/gtest.h>

namespace drydock::schema {
namespace {

TEST(Canonical, WordsAreLowerCaseAndStringsAsTheyAre) {
    EXPECT_EQ(canonical("SELECT  A, 'B' FROM T -- c\n WHERE x<>1.5 AND y || 'z' = -1", {}),
              "select a, 'B' from t where x <> 1.5 and y || 'z' = - 1");
}

TEST(Canonical, QuotesGoOnlyFromNamesThatAreKnown) {
    const KnownNames names{"users", "order", "mail"};
    EXPECT_EQ(canonical("\"Users\" [mail] `order` \"Other\" \"two words\"", names),
              "users mail order \"Other\" \"two words\"");
}

TEST(Canonical, BlanksBetweenOperatorsMakeNoDifference) {
    EXPECT_EQ(canonical("a<=b and c= -1", {}), canonical("a <= b and c =-1", {}));
    EXPECT_EQ(canonical("f ( a , b )", {}), "f(a, b)");
}

TEST(TableDefinition, TakesColumnsConstraintsAndOptionsApart) {
    const TableDefinition table = table_definition(
        "create table x.u (a Integer primary key, b VARCHAR (20) default (1 + (2)), "
        "c, constraint \"One\" unique (a, b), check (a > 0)) strict, without rowid",
        {});
    ASSERT_EQ(table.columns.size(), 3U);
    EXPECT_EQ(table.columns[0].type, "integer");
    EXPECT_EQ(table.columns[0].rest, "primary key");
    EXPECT_EQ(table.columns[1].type, "varchar(20)");
    EXPECT_EQ(table.columns[1].rest, "default(1 + (2))");
    EXPECT_EQ(table.columns[2].type, "");
    ASSERT_EQ(table.constraints.size(), 2U);
    EXPECT_EQ(table.constraints[0].name, "One");
    EXPECT_EQ(table.constraints[0].text, "unique(a, b)");
    EXPECT_EQ(table.constraints[1].text, "check(a > 0)");
    EXPECT_EQ(table.options, "strict, without rowid");
}

TEST(TableDefinition, WhatIsNoTableHasNoColumns) {
    EXPECT_TRUE(table_definition("create table", {}).columns.empty());
    EXPECT_TRUE(table_definition("create table u (a", {}).columns.empty());
    EXPECT_TRUE(table_definition("", {}).columns.empty());
}

}  // namespace
}  // namespace drydock::schema
