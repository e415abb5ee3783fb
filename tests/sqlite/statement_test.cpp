#include "engine/sqlite/statement.h"

#include <gtest/gtest.h>

#include <limits>

#include "engine/error.h"
#include "engine/sqlite/connection.h"

namespace drydock::sqlite {
namespace {

class StatementTest : public testing::Test {
  protected:
    // What SQLite makes of a bound value: its type and the value read back.
    std::string type_of(const Value& value) {
        Statement statement = connection_.prepare("select typeof(?)");
        statement.bind(1, value);
        statement.step();
        return std::string(statement.column_text(0));
    }
    Value back(const Value& value) {
        Statement statement = connection_.prepare("select ?");
        statement.bind(1, value);
        statement.step();
        return statement.column(0);
    }

    Connection connection_{":memory:", {.mode = Mode::Create}};
};

TEST_F(StatementTest, LosesNothingOfTheValuesThatItBinds) {
    for (const Value& value :
         {Value(std::numeric_limits<std::int64_t>::min()),
          Value(std::numeric_limits<std::int64_t>::max()), Value(0.1), Value("grüße"), Value(""),
          Value(std::string("a\0b", 3)), Value("\xff\xfe"), Value()}) {
        EXPECT_EQ(back(value), value) << to_text(value);
    }
}

TEST_F(StatementTest, BindsTextAsTextAndOtherBytesAsABlob) {
    EXPECT_EQ(type_of("grüße"), "text");
    EXPECT_EQ(type_of("\xff"), "blob");
    EXPECT_EQ(type_of("\xed\xa0\x80"), "blob") << "a surrogate is no UTF-8";
    EXPECT_EQ(type_of("\xe2\x82"), "blob") << "cut in the middle of a character";
    EXPECT_EQ(type_of(std::string("a\0b", 3)), "blob");
}

TEST_F(StatementTest, BindsQuantitiesAsSqliteReckonsWithThem) {
    EXPECT_EQ(back(true), Value(1));
    EXPECT_EQ(back(Size{2048}), Value(2048));
    EXPECT_EQ(back(Duration{std::chrono::seconds(90)}), Value(90));
    EXPECT_EQ(back(Duration{std::chrono::milliseconds(1500)}), Value(1.5));
    EXPECT_EQ(back(Timestamp{0}), Value("1970-01-01 00:00:00"));
    EXPECT_EQ(back(Timestamp{1'500'000}), Value("1970-01-01 00:00:01.500000"));
}

TEST_F(StatementTest, RefusesSecretsListsAndMaps) {
    EXPECT_THROW(back(Secret("password", "canary")), Error);
    EXPECT_THROW(back(Value::List{1}), Error);
    EXPECT_THROW(back(Value::Map{{"a", 1}}), Error);
}

TEST_F(StatementTest, IsUsableAgainAfterAnError) {
    connection_.exec("create table t (a integer primary key)");
    Statement insert = connection_.prepare("insert into t values (?)", Reuse::Often);
    insert.bind(1, std::int64_t{1}).run();
    try {
        insert.bind(1, std::int64_t{1}).run();
        FAIL() << "the key was there";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Sql);
        EXPECT_EQ(error.code_text(), "SQLITE_CONSTRAINT_PRIMARYKEY");
    }
    insert.bind(1, std::int64_t{2}).run();
    EXPECT_EQ(connection_.total_changes(), 2);
}

TEST_F(StatementTest, TellsItsParametersAndColumns) {
    Statement statement = connection_.prepare("select :name as first, $1, ?");
    EXPECT_EQ(statement.parameter_count(), 3);
    EXPECT_EQ(statement.parameter_name(1), ":name");
    EXPECT_EQ(statement.parameter_name(2), "$1");
    EXPECT_EQ(statement.parameter_name(3), "");
    EXPECT_EQ(statement.column_count(), 3);
    EXPECT_EQ(statement.column_name(0), "first");
}

TEST_F(StatementTest, KnowsWhetherItChangesAFile) {
    connection_.exec("create table t (a)");
    EXPECT_TRUE(connection_.prepare("select * from t").changes_nothing());
    EXPECT_FALSE(connection_.prepare("delete from t").changes_nothing());
}

}  // namespace
}  // namespace drydock::sqlite
