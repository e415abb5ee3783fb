#include "engine/sql/step_session.h"

#include <gtest/gtest.h>

#include "engine/json/json.h"
#include "tests/sql/step_session_fixture.h"

namespace drydock::sql {
namespace {

TEST_P(StepSessionTest, CommitsBareWritesOnceWithTheStepsOutput) {
    insert(1);
    insert(2);
    EXPECT_TRUE(session_->has_uncommitted_writes());
    EXPECT_EQ(count("t"), 0) << "nothing before the step returns";
    EXPECT_TRUE(session_->finish("{\"n\":2}"));
    EXPECT_EQ(count("t"), 2);
    EXPECT_EQ(receipt("")->result, "{\"n\":2}");
    EXPECT_EQ(committed_, std::vector<std::string>{":2"});
    EXPECT_EQ(allowed_, std::vector<std::string>{"write"});
}

TEST_P(StepSessionTest, ASecondAttemptEndsAtOnceWithTheFirstOnesOutput) {
    insert(1);
    session_->finish("{\"n\":1}");
    restart();
    try {
        insert(2);
        FAIL() << "the work was done twice";
    } catch (const AlreadyApplied& applied) {
        EXPECT_EQ(applied.connection, "app");
        EXPECT_EQ(applied.receipt.result, "{\"n\":1}");
    }
    EXPECT_FALSE(session_->finish(std::nullopt));
    EXPECT_EQ(count("t"), 1);
}

std::int64_t sum_of(StepSession& session, const std::string& query, const Arguments& arguments,
                    std::int64_t until = -1) {
    std::int64_t sum = 0, seen = 0;
    session.each(query, arguments, [&](const Row& row) {
        sum += row.value(0).as<std::int64_t>();
        return ++seen != until;
    });
    return sum;
}

TEST_P(StepSessionTest, EachGivesEveryRowOnceHoweverManyAndWide) {
    fill(5'000);
    outside("update t set b = '" + std::string(5'000, 'w') + "' where a > 4900");
    const std::string all = "select a, b from t order by a";
    EXPECT_EQ(sum_of(*session_, all, kNone), 5'000 * 5'001 / 2);
    EXPECT_EQ(sum_of(*session_, all, kNone, 9), 45) << "a callback may end it";
    EXPECT_EQ(sum_of(*session_, "select a from t where a <= $1 and a > $2",
                     {.positional = {10, 8}, .named = {}}),
              19);
    EXPECT_EQ(sum_of(*session_, "select a from t where a < 0", kNone), 0);
    EXPECT_FALSE(database_->in_transaction());
    insert(6'000);
    EXPECT_EQ(sum_of(*session_, "select a from t where a > 4999", kNone), 11'000)
        << "inside a transaction its own writes are seen";
    EXPECT_EQ(sum_of(*session_, "select a from t where a > 4999 order by a", kNone, 1), 5'000);
    EXPECT_TRUE(session_->finish(std::nullopt));
    EXPECT_EQ(count("t"), 5'001);
}

TEST_P(StepSessionTest, EachThatEndsWithAnErrorLeavesTheSessionUsable) {
    fill(100);
    const Error error = failure([&] {
        session_->each("select a from t", kNone, [](const Row&) -> bool {
            throw Error(ErrorCode::Http, "no more");
        });
    });
    EXPECT_EQ(error.message(), "no more");
    EXPECT_NE(failure([&] { session_->each("select missing from t", kNone, {}); }).code(),
              ErrorCode::Check);
    EXPECT_NE(failure([&] { session_->each("delete from t", kNone, {}); }).code(),
              ErrorCode::Check);
    EXPECT_EQ(sum_of(*session_, "select a from t where a = 7", kNone), 7);
    EXPECT_EQ(count("t"), 100);
}

TEST_P(StepSessionTest, ABatchThatLosesAgainstAnotherIsRepeated) {
    if (GetParam() == Driver::Sqlite) return;  // its writers stand in line
    fill(7);
    outside("create sequence tries; create function lose() returns trigger language plpgsql as "
            "$$ begin if nextval('tries') in (2, 3) then raise exception 'deadlock detected' using "
            "errcode = '40P01'; end if; return old; end $$; create trigger lose before delete on t "
            "for each row execute function lose()");
    EXPECT_EQ(expire(), 7);
    EXPECT_EQ(count("t"), 0);
}

TEST_P(StepSessionTest, TheStepsOwnTransactionIsNotRepeatedByItself) {
    if (GetParam() == Driver::Sqlite) return;
    outside("create sequence tries");
    insert(1);
    EXPECT_EQ(failure([&] { session_->exec(losing(1), kNone, {}); }).code_text(), "40001");
    EXPECT_EQ(ask_tries(), 1) << "its Lua would have to run again from the top";
}

TEST_P(StepSessionTest, AnAttemptThatEndsWithoutFinishLeavesNothing) {
    insert(1);
    restart();
    EXPECT_EQ(count("t"), 0);
    EXPECT_EQ(receipt(""), std::nullopt);
}

TEST_P(StepSessionTest, ReadsSeeTheWritesOfTheirOwnTransaction) {
    insert(1);
    EXPECT_EQ(session_->query("select * from t", kNone, {}), 1);
}

TEST_P(StepSessionTest, AStepThatOnlyReadsWritesNoReceipt) {
    EXPECT_EQ(session_->query("select * from t", kNone, {}), 0);
    EXPECT_FALSE(session_->finish("{}"));
    EXPECT_FALSE(has_receipts(*database_));
    EXPECT_TRUE(allowed_.empty());
}

TEST_P(StepSessionTest, AnErrorThatTheScriptSwallowedStillPreventsTheCommit) {
    insert(1);
    EXPECT_EQ(failure([&] { insert(1); }).code(), ErrorCode::Sql);
    const Error later = failure([&] { insert(2); });
    EXPECT_NE(later.message().find("failed before"), std::string::npos);
    EXPECT_EQ(failure([&] { session_->finish(std::nullopt); }).code(), ErrorCode::Sql);
    EXPECT_EQ(count("t"), 0);
}

TEST_P(StepSessionTest, ASavepointSurvivesAFailedStatement) {
    insert(1);
    EXPECT_EQ(failure([&] {
                  session_->savepoint([&] {
                      insert(2);
                      insert(1);
                      return Value();
                  });
              }).code(),
              ErrorCode::Sql);
    insert(3);
    EXPECT_TRUE(session_->finish(std::nullopt));
    EXPECT_EQ(count("t"), 2);
    EXPECT_EQ(committed_, std::vector<std::string>{":2"});
}

TEST_P(StepSessionTest, ASavepointWhoseBodySwallowedTheErrorIsUndone) {
    insert(1);
    EXPECT_EQ(failure([&] {
                  session_->savepoint([&] {
                      insert(2);
                      (void)failure([&] { insert(1); });
                      return Value();
                  });
              }).code(),
              ErrorCode::Sql);
    EXPECT_TRUE(session_->finish(std::nullopt));
    EXPECT_EQ(count("t"), 1);
}

TEST_P(StepSessionTest, AStopThroughASavepointUndoesIt) {
    insert(1);
    EXPECT_THROW(session_->savepoint([&]() -> Value {
        insert(2);
        throw Stop{};
    }),
                 Stop);
    session_->finish(std::nullopt);
    EXPECT_EQ(count("t"), 1);
}

TEST_P(StepSessionTest, FormsDoNotMixWhileWritesAreUncommitted) {
    insert(1);
    for (const auto& form : std::vector<std::function<void()>>{
             [&] { session_->transaction("k", [] { return Value(); }); }, [&] { expire(); },
             [&] { session_->exec_alone("vacuum", kNone, {}); }}) {
        const Error error = failure(form);
        EXPECT_EQ(error.code(), ErrorCode::Lua);
        EXPECT_NE(error.message().find("uncommitted writes"), std::string::npos);
    }
    EXPECT_TRUE(session_->finish(std::nullopt));
    EXPECT_EQ(effects_, 0);
}

TEST_P(StepSessionTest, InsideAKeyedTransactionThereIsNoOtherForm) {
    session_->transaction("k", [&] {
        EXPECT_TRUE(session_->in_keyed_transaction());
        EXPECT_EQ(failure([&] { session_->transaction("l", [] { return Value(); }); }).code(),
                  ErrorCode::Lua);
        EXPECT_EQ(failure([&] { expire(); }).code(), ErrorCode::Lua);
        EXPECT_EQ(failure([&] { session_->exec_alone("analyze", kNone, {}); }).code(),
                  ErrorCode::Lua);
        insert(1);
        return Value();
    });
    EXPECT_EQ(count("t"), 1);
}

TEST_P(StepSessionTest, ATransactionWithoutAKeyIsTheStepsOwn) {
    EXPECT_EQ(session_->transaction("",
                                    [&] {
                                        insert(1);
                                        return Value(7);
                                    }),
              Value(7));
    insert(2);
    EXPECT_EQ(count("t"), 0);
    session_->finish(std::nullopt);
    EXPECT_EQ(count("t"), 2);
    restart();
    EXPECT_THROW(session_->transaction("", [] { return Value(); }), AlreadyApplied);
}

TEST_P(StepSessionTest, BatchesDrainAndCountAllRowsOfTheStepAlsoAfterACrash) {
    fill(10);
    batches_until_stop_ = 3;
    EXPECT_THROW(expire(), Stop);
    EXPECT_EQ(count("t"), 4);
    batches_until_stop_ = -1;
    restart();
    EXPECT_EQ(expire(), 10);
    EXPECT_EQ(count("t"), 0);
    EXPECT_EQ(receipt("expire")->rows, 10);
    restart();
    EXPECT_EQ(expire(), 10) << "nothing is left, the number stays";
}

TEST_P(StepSessionTest, BatchesAreCountedOverAllAttempts) {
    fill(10);
    const BatchOptions options{.key = "expire",
                               .sql = "delete from t where a in (select a from t limit :size)",
                               .arguments = {},
                               .size = 3};
    batches_until_stop_ = 3;
    EXPECT_THROW(session_->batches(options), Stop);
    batches_until_stop_ = -1;
    restart();
    EXPECT_EQ(session_->batches(options).batches, 4);
}

TEST_P(StepSessionTest, WhatFailsLeavesNotEvenTheTableOfReceipts) {
    if (GetParam() == Driver::Postgres) return;  // there it is made by itself
    EXPECT_THROW(session_->exec("insert into nowhere values (1)", kNone, {}), Error);
    restart();
    EXPECT_FALSE(has_receipts(*database_));
    EXPECT_THROW(session_->transaction("k", []() -> Value { throw Error(ErrorCode::Check, "no"); }),
                 Error);
    EXPECT_FALSE(has_receipts(*database_));
    EXPECT_THROW(session_->batches({.key = "b", .sql = "delete from nowhere", .arguments = {}}),
                 Error);
    EXPECT_FALSE(has_receipts(*database_));
    EXPECT_EQ(session_->transaction("k", [] { return Value(7); }), Value(7));
    EXPECT_TRUE(has_receipts(*database_));
}

TEST_P(StepSessionTest, BatchesBindTheTimeOfTheFirstOne) {
    fill(2);
    session_->exec("create table seen (at timestamp)", kNone, {});
    session_->finish(std::nullopt);
    const BatchOptions options{
        .key = "k",
        .sql = "insert into seen select :started where (select count(*) from seen) < 2",
        .arguments = {}};
    batches_until_stop_ = 2;
    EXPECT_THROW(session_->batches(options), Stop);
    batches_until_stop_ = -1;
    restart();
    EXPECT_EQ(session_->batches(options).rows, 2);
    EXPECT_EQ(session_->query("select distinct at from seen", kNone, {}), 1);
}

TEST_P(StepSessionTest, BatchesThatNeverEndAreAFailure) {
    fill(2);
    const Error error = failure([&] {
        session_->batches(
            {.key = "k", .sql = "update t set b = :size", .arguments = {}, .max_batches = 5});
    });
    EXPECT_EQ(error.code(), ErrorCode::Check);
    EXPECT_EQ(receipt("k")->rows, 10);
}

TEST_P(StepSessionTest, ABatchThatFailsLeavesTheOnesBeforeIt) {
    fill(6);
    outside("create table guarded (a integer references t (a)); insert into guarded values (5)");
    if (GetParam() == Driver::Sqlite) {
        outside(
            "create trigger guard before delete on t when old.a = 5 begin select raise(abort, "
            "'not this'); end");
    }
    EXPECT_EQ(failure([&] { expire(2); }).code(), ErrorCode::Sql);
    EXPECT_FALSE(database_->in_transaction());
    EXPECT_EQ(count("t"), 2);
    EXPECT_EQ(receipt("expire")->rows, 4);
}

TEST_P(StepSessionTest, WhatRunsAloneIsJournaledAsAnEffect) {
    session_->exec_alone("vacuum", kNone, {});
    EXPECT_THROW(session_->exec_alone("vacuum nonsense here", kNone, {}), Error);
    EXPECT_EQ(effects_, 2);
    EXPECT_EQ(ended_, (std::vector<std::string>{"ok", target_->syntax_code()}));
}

TEST_P(StepSessionTest, ACancelStopsTheStatementThatRuns) {
    insert(1);
    cancel_.request(StopReason::Interrupt);
    EXPECT_THROW(insert(2), Stop);
    EXPECT_EQ(failure([&] { database_->run("select 1", kNone, Access::Read, {}); }).code(),
              ErrorCode::Interrupted);
}

INSTANTIATE_TEST_SUITE_P(Driver, StepSessionTest, testing::Values(Driver::Sqlite, Driver::Postgres),
                         driver_name);

}  // namespace
}  // namespace drydock::sql
