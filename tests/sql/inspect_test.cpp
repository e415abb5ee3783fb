#include "engine/sql/inspect.h"

#include <gtest/gtest.h>

namespace drydock::sql {
namespace {

TEST(Inspect, RefusesEveryFormOfTransactionControl) {
    for (const char* text : {"begin", "BEGIN IMMEDIATE", "commit", "COMMIT TRANSACTION", "end",
                             "rollback", "rollback to x", "savepoint x", "release x",
                             "start transaction", "prepare transaction 'x'", "abort",
                             "delete from t; commit; delete from u", "/* it */ commit -- now"}) {
        const auto problem = script_problem(text);
        ASSERT_TRUE(problem.has_value()) << text;
        EXPECT_NE(problem->find("transaction control"), std::string::npos) << text;
    }
}

TEST(Inspect, RefusesWhatWouldEndTheTransactionOrReachAnotherFile) {
    EXPECT_TRUE(script_problem("insert or rollback into t values (1)").has_value());
    EXPECT_TRUE(script_problem("with x as (select 1) update or rollback t set a = 1").has_value());
    EXPECT_TRUE(script_problem("attach 'x.db' as x").has_value());
    EXPECT_TRUE(script_problem("detach x").has_value());
    EXPECT_TRUE(script_problem("vacuum").has_value());
    EXPECT_TRUE(script_problem("create index concurrently i on t (a)").has_value());
}

TEST(Inspect, RefusesAnEmptyAndAnUnfinishedText) {
    EXPECT_EQ(script_problem("  -- nothing"), "there is no statement in this text");
    EXPECT_EQ(script_problem("delete from t where a = 'x"), "a quote is not closed");
    EXPECT_EQ(script_problem("delete from t /* all"), "a comment is not closed");
}

TEST(Inspect, LetsEverythingElseThrough) {
    for (const char* text :
         {"delete from t where x = 'commit'", "select 1", "insert or replace into t values (1)",
          "create table a (b unique on conflict rollback)", "update commits set n = 1",
          "create trigger t after insert on a begin select raise(rollback, 'x'); end",
          "create table end_of_month (a); select * from end_of_month"}) {
        EXPECT_EQ(script_problem(text), std::nullopt) << text;
    }
    EXPECT_EQ(script_problem("do $$ begin perform 1; commit; end $$"), std::nullopt);
}

TEST(Inspect, LetsVacuumRunAloneButNotIntoAFile) {
    EXPECT_FALSE(refusal(split("vacuum", Dialect::Sqlite).front(), Access::Alone).has_value());
    EXPECT_TRUE(
        refusal(split("vacuum into 'x'", Dialect::Sqlite).front(), Access::Alone).has_value());
    EXPECT_TRUE(refusal(split("commit", Dialect::Sqlite).front(), Access::Alone).has_value());
}

}  // namespace
}  // namespace drydock::sql
