#include "tests/runbooks/action_fixture.h"

namespace drydock::runbooks {
namespace {

using SqlActions = ActionTest;

TEST_F(SqlActions, RunChangesRowsWithNamedValues) {
    const auto output =
        perform("sql.run", {{"connection", "app"},
                            {"sql", "delete from :\"table\" where id <= :last"},
                            {"args", Value::Map{{"table", "users"}, {"last", 10}}}});
    EXPECT_EQ(output.at("rows"), Value(10));
    context_->finish();
    EXPECT_EQ(number(file("app.db"), "select count(*) from users"), 490);
}

TEST_F(SqlActions, RunCountsTheRowsThatReturningGives) {
    EXPECT_EQ(perform("sql.run", {{"connection", "app"},
                                  {"sql", "delete from users where id < 4 returning id"},
                                  {"args", Value::Map{}}})
                  .at("rows"),
              Value(3));
}

TEST_F(SqlActions, FileRunsAWholeScript) {
    context_->sources_["/x.sql"] = "create table u (a); insert into u values (1), (2);";
    const auto output =
        perform("sql.file", {{"connection", "app"}, {"file", "/x.sql"}, {"args", Value::Map{}}});
    EXPECT_EQ(output.at("rows"), Value(2));
}

TEST_F(SqlActions, BatchesDrainATable) {
    const auto output = perform(
        "sql.batches", {{"connection", "app"},
                        {"sql", "delete from users where id in (select id from users limit :size)"},
                        {"args", Value::Map{}},
                        {"size", 200},
                        {"pause", Duration{}}});
    EXPECT_EQ(output.at("rows"), Value(500));
    EXPECT_EQ(output.at("batches"), Value(3));
    EXPECT_EQ(number(file("app.db"), "select count(*) from users"), 0);
}

TEST_F(SqlActions, CountComparesTables) {
    const Value::List tables{"users"};
    const auto output = perform("sql.count", {{"connection", "app"}, {"tables", tables}});
    EXPECT_EQ(output.at("summary"), Value("users 500"));
    EXPECT_NO_THROW(perform(
        "sql.count",
        {{"connection", "app"}, {"tables", tables}, {"equals", Value::Map{{"users", 500}}}}));
    const Error error =
        refusal("sql.count",
                {{"connection", "app"}, {"tables", tables}, {"equals", Value::Map{{"users", 7}}}});
    EXPECT_EQ(error.code(), ErrorCode::Check);
    EXPECT_NE(error.message().find("users has 500 rows, wanted 7"), std::string::npos);
}

TEST_F(SqlActions, AssertTellsEveryAnswerThatIsWrong) {
    const auto check = [](const char* name, const char* sql, Value::Map limits) {
        limits.emplace("name", name);
        limits.emplace("sql", sql);
        return Value(std::move(limits));
    };
    const auto output = perform(
        "sql.assert",
        {{"connection", "app"},
         {"args", Value::Map{}},
         {"checks", Value::List{check("rows", "select count(*) from users", {{"equals", 500}}),
                                check("least", "select min(id) from users",
                                      {{"at_least", 1}, {"at_most", 1}})}}});
    EXPECT_EQ(output.at("values"), Value(Value::Map{{"rows", 500}, {"least", 1}}));
    const Error error = refusal(
        "sql.assert",
        {{"connection", "app"},
         {"args", Value::Map{}},
         {"checks", Value::List{check("rows", "select count(*) from users", {{"at_most", 9}}),
                                check("none", "select id from users where id < 0", {}),
                                check("good", "select 1", {{"equals", 1}})}}});
    EXPECT_NE(error.message().find("rows: 500, wanted at most 9; none: nothing was found"),
              std::string::npos)
        << error.message();
}

}  // namespace
}  // namespace drydock::runbooks
