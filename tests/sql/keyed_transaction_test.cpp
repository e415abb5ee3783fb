#include <gtest/gtest.h>

#include "engine/json/json.h"
#include "tests/sql/step_session_fixture.h"

// transaction{key}: done once, whoever tries it and when.
namespace drydock::sql {
namespace {

class KeyedTransactionTest : public StepSessionTest {
  protected:
    // Inserts the row a, and returns 10 * a.
    Value insert_once(std::string_view key, int a) {
        return session_->transaction(key, [&] {
            ++called_;
            insert(a);
            return Value(a * 10);
        });
    }
    // The first key of an attempt is looked up before the work; those after it are not.
    void begin_attempt() { insert_once("first", 100); }

    int called_ = 0;
};

TEST_P(KeyedTransactionTest, AKeyedTransactionThatLosesAgainstAnotherIsRepeated) {
    if (GetParam() == Driver::Sqlite) return;  // its writers stand in line
    outside("create sequence tries");
    int called = 0;
    session_->transaction("k", [&] {
        ++called;
        insert(1);
        session_->exec(losing(2), kNone, {});
        return Value();
    });
    EXPECT_EQ(called, 3);
    EXPECT_EQ(count("t"), 1);
    EXPECT_EQ(committed_, std::vector<std::string>{"k:1"});
    outside("alter sequence tries restart");
    const Error error = failure([&] {
        session_->transaction("never", [&] {
            session_->exec(losing(100), kNone, {});
            return Value();
        });
    });
    EXPECT_EQ(error.code_text(), "40001");
    EXPECT_EQ(receipt("never"), std::nullopt);
}

TEST_P(KeyedTransactionTest, AKeyedTransactionIsDoneOnceAndRemembersItsResult) {
    int calls = 0;
    const auto body = [&]() -> Value {
        insert(++calls);
        return Value::Map{{"size", Size{5}}};
    };
    const Value first = session_->transaction("k", body);
    EXPECT_EQ(session_->transaction("k", body), first);
    restart();
    EXPECT_EQ(session_->transaction("k", body), first);
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(count("t"), 1);
    EXPECT_EQ(committed_, std::vector<std::string>{"k:1"});
}

TEST_P(KeyedTransactionTest, AKeyedTransactionThatFailsLeavesNothing) {
    EXPECT_THROW(session_->transaction("k",
                                       [&]() -> Value {
                                           insert(1);
                                           throw Stop{};
                                       }),
                 Stop);
    EXPECT_FALSE(database_->in_transaction());
    EXPECT_EQ(failure([&] {
                  session_->transaction("k", [&] {
                      insert(1);
                      (void)failure([&] { insert(1); });
                      return Value();
                  });
              }).code(),
              ErrorCode::Sql);
    EXPECT_EQ(count("t"), 0);
    EXPECT_EQ(receipt("k"), std::nullopt);
}

TEST_P(KeyedTransactionTest, RefusesAResultThatNoReceiptHolds) {
    EXPECT_EQ(failure([&] {
                  session_->transaction("k", [&] {
                      insert(1);
                      return Value(std::string(kMaxResultBytes, 'x'));
                  });
              }).code(),
              ErrorCode::Lua);
    EXPECT_EQ(count("t"), 0);
}

TEST_P(KeyedTransactionTest, EachOfManyHasItsWholeReceipt) {
    begin_attempt();
    insert_once("a", 1);
    session_->transaction("none", [] { return Value(); });
    ASSERT_TRUE(receipt("a").has_value());
    EXPECT_EQ(receipt("a")->result, "10");
    EXPECT_EQ(receipt("a")->rows, 1);
    EXPECT_EQ(receipt("a")->seq, scope_.seq);
    ASSERT_TRUE(receipt("none").has_value());
    EXPECT_EQ(receipt("none")->result, std::nullopt);
    EXPECT_EQ(committed_, (std::vector<std::string>{"first:1", "a:1", "none:0"}));
    EXPECT_FALSE(database_->in_transaction());
}

TEST_P(KeyedTransactionTest, AKeyThatTheAttemptHasCommittedIsNotDoneAgain) {
    begin_attempt();
    insert_once("a", 1);
    EXPECT_EQ(insert_once("a", 2), Value(10));
    EXPECT_EQ(called_, 2);
    EXPECT_EQ(count("t"), 2);
}

// A stalled owner of the run that wakes up: somebody else has done its work since.
TEST_P(KeyedTransactionTest, WorkThatAnotherAttemptHasDoneIsRolledBack) {
    begin_attempt();
    const auto database = open();
    ReceiptScope second = scope_;
    second.attempt = 2;
    StepSession other("app", *database, second, hooks(), system_clock(), cancel_);
    other.transaction("a", [&] {
        other.exec("insert into t values (7, 'x')", kNone, {});
        return Value(70);
    });
    EXPECT_EQ(insert_once("a", 1), Value(70)) << "what is recorded";
    EXPECT_EQ(called_, 2) << "it could not know";
    EXPECT_EQ(count("t"), 2) << "the first and the other attempt's";
    EXPECT_FALSE(database_->in_transaction());
    EXPECT_EQ(committed_, (std::vector<std::string>{"first:1", "a:1"})) << "its own is not counted";
    insert_once("b", 2);
    EXPECT_EQ(count("t"), 3);
}

// The other way round: whoever writes the receipt first is waited for.
TEST_P(KeyedTransactionTest, WorkThatAnotherAttemptIsDoingWaits) {
    if (GetParam() == Driver::Sqlite) return;  // its writers stand in line
    begin_attempt();
    const auto other = open();
    ReceiptScope second = scope_;
    second.attempt = 2;
    ASSERT_EQ(insert_receipt(*other, second, "a"), std::nullopt);
    EXPECT_EQ(failure([&] { insert_once("a", 1); }).code(), ErrorCode::Busy);
    other->rollback();
    EXPECT_EQ(insert_once("a", 1), Value(10));
    EXPECT_EQ(count("t"), 2);
}

TEST_P(KeyedTransactionTest, AKeyOfBatchesIsNotDoneAgain) {
    begin_attempt();
    EXPECT_EQ(expire(), 1);
    EXPECT_EQ(insert_once("expire", 1), Value(1)) << "the number of batches";
    EXPECT_EQ(called_, 1);
}

TEST_P(KeyedTransactionTest, TheStepsOwnReceiptComesFirstAlsoAfterKeys) {
    begin_attempt();
    insert(1);
    std::int64_t there = 0;
    session_->query("select count(*) from " + database_->receipts_table() + " where key = ''",
                    kNone, [&](const Row& row) {
                        there = row.value(0).as<std::int64_t>();
                        return true;
                    });
    EXPECT_EQ(there, 1);
    EXPECT_TRUE(session_->finish(std::nullopt));
}

// It was begun in the middle of a read, and must not begin with the next one.
TEST_P(KeyedTransactionTest, NoneIsBegunWhileRowsAreRead) {
    if (GetParam() == Driver::Sqlite) return;  // there it may
    begin_attempt();
    const std::string rows = "select n from generate_series(1, 3) n";
    const auto begin_one = [&](const Row&) {
        EXPECT_EQ(failure([&] { insert_once("a", 1); }).code(), ErrorCode::Lua);
        return true;
    };
    session_->each(rows, kNone, begin_one);
    session_->query(rows, kNone, begin_one);
    EXPECT_EQ(failure([&] { session_->query("insert into t values (7, 'x')", kNone, {}); }).code(),
              ErrorCode::Permission);
    EXPECT_EQ(insert_once("a", 1), Value(10));
    EXPECT_EQ(count("t"), 2);
}

TEST_P(KeyedTransactionTest, SaysThatTheTableOfReceiptsIsNotItsOwn) {
    begin_attempt();
    outside("create unique index no on " + database_->receipts_table() + " (run, scope)");
    const Error error = failure([&] { insert_once("a", 1); });
    EXPECT_EQ(error.code(), ErrorCode::Sql);
    EXPECT_NE(error.message().find("refused the receipt"), std::string::npos) << error.message();
    EXPECT_FALSE(database_->in_transaction());
}

TEST_P(KeyedTransactionTest, ALaterAttemptLooksBeforeItWorks) {
    begin_attempt();
    insert_once("a", 1);
    restart();
    insert_once("new", 2);
    EXPECT_EQ(insert_once("a", 1), Value(10)) << "the row is there: the work would fail";
    EXPECT_EQ(called_, 3);
    EXPECT_EQ(count("t"), 3);
}

TEST_P(KeyedTransactionTest, ThatNoReceiptCanBeWrittenIsFoundBeforeTheWork) {
    prepare_receipts(*open());
    const std::string& table = database_->receipts_table();
    outside(GetParam() == Driver::Sqlite
                ? "create trigger no before insert on " + table +
                      " begin select raise(abort, 'not here'); end"
                : "alter table " + table + " add constraint no check (attempt < 0)");
    EXPECT_EQ(failure([&] { insert_once("a", 1); }).code(), ErrorCode::Sql);
    EXPECT_EQ(called_, 0);
}

TEST_P(KeyedTransactionTest, WithoutTheReceiptsTableNothingIsCommitted) {
    begin_attempt();
    insert_once("second", 200);
    outside("drop table " + database_->receipts_table());
    EXPECT_EQ(failure([&] { insert_once("a", 1); }).code(), ErrorCode::Sql);
    EXPECT_FALSE(database_->in_transaction());
    EXPECT_EQ(count("t"), 2);
}

INSTANTIATE_TEST_SUITE_P(Driver, KeyedTransactionTest,
                         testing::Values(Driver::Sqlite, Driver::Postgres), driver_name);

}  // namespace
}  // namespace drydock::sql
