#include <gtest/gtest.h>

#include "engine/clock.h"
#include "engine/postgres/connection.h"
#include "engine/sql/postgres_database.h"
#include "engine/sql/receipt.h"
#include "tests/sql/postgres_fixture.h"

// Transactions on PostgreSQL: sent with what is first in them, and committed with what is last.
namespace drydock::sql {
namespace {

class PostgresTransactionTest : public PostgresDatabaseTest {
  protected:
    std::int64_t write(const std::string& statement) {
        return database_->run(statement, {}, Access::Write, {});
    }
    // The transaction that the session has at the server, as another one sees it.
    std::string state_at_server() {
        return to_text(ask(*open(), "select state from pg_stat_activity where pid = $1", {pid_}));
    }
    const Value pid_ = ask(*database_, "select pg_backend_pid()");
};

TEST_F(PostgresTransactionTest, WritesOnlyInItsTransaction) {
    database_->begin();
    database_->run("insert into t values (1, 'x'); insert into t values (2, 'y')", {},
                   Access::Write, {});
    EXPECT_EQ(target_.count("t"), 0);
    database_->commit();
    EXPECT_EQ(target_.count("t"), 2);
    database_->begin();
    EXPECT_EQ(database_->run("delete from t", {}, Access::Write, {}), 2);
    database_->rollback();
    EXPECT_EQ(target_.count("t"), 2);
}

TEST_F(PostgresTransactionTest, ACommitThatRolledBackIsNone) {
    database_->begin();
    database_->run("insert into t values (1, 'x')", {}, Access::Write, {});
    EXPECT_EQ(failure([&] { database_->run("select 1/0", {}, Access::Write, {}); }).code_text(),
              "22012");
    EXPECT_EQ(failure([&] { database_->commit(); }).code(), ErrorCode::Sql);
    database_->rollback();
    EXPECT_EQ(target_.count("t"), 0);
}

TEST_F(PostgresTransactionTest, ALostSessionIsNoticedAndNotReplaced) {
    const Value pid = ask(*database_, "select pg_backend_pid()");
    database_->begin();
    database_->run("insert into t values (1, 'x')", {}, Access::Write, {});
    target_.outside("select pg_terminate_backend(" + to_text(pid) + ")");
    EXPECT_EQ(failure([&] { database_->commit(); }).code(), ErrorCode::Connection);
    database_->rollback();
    EXPECT_EQ(failure([&] { ask(*database_, "select 1"); }).code(), ErrorCode::Connection);
    EXPECT_EQ(target_.count("t"), 0);
}

TEST_F(PostgresTransactionTest, ASecondInsertOfAReceiptWaitsForTheFirst) {
    const ReceiptScope scope{
        .run = "01RUN", .scope = "do/x", .journal = "uuid", .term = 1, .seq = 3, .attempt = 1};
    prepare_receipts(*database_);
    const auto other = open();
    other->begin();
    EXPECT_EQ(insert_receipt(*other, scope, "k"), std::nullopt);
    database_->begin();
    EXPECT_EQ(failure([&] { (void)insert_receipt(*database_, scope, "k"); }).code(),
              ErrorCode::Busy)
        << "it may yet commit";
    database_->rollback();
    other->commit();
    database_->begin();
    EXPECT_TRUE(insert_receipt(*database_, scope, "k").has_value());
    database_->rollback();
}

TEST_F(PostgresTransactionTest, IsOpenedWithItsFirstStatement) {
    database_->begin();
    EXPECT_TRUE(database_->in_transaction());
    EXPECT_EQ(state_at_server(), "idle") << "it costs no round trip of its own";
    EXPECT_EQ(write("insert into t values (1, 'x')"), 1);
    EXPECT_EQ(state_at_server(), "idle in transaction");
    EXPECT_EQ(target_.count("t"), 0);
    database_->commit();
    EXPECT_EQ(target_.count("t"), 1);
}

TEST_F(PostgresTransactionTest, WithoutAStatementIsOverAllTheSame) {
    database_->begin();
    database_->rollback();
    EXPECT_EQ(failure([&] { write("insert into t values (1, 'x')"); }).code(),
              ErrorCode::Permission)
        << "it is not the transaction that was due";
    database_->begin();
    database_->commit();
    EXPECT_EQ(state_at_server(), "idle");
}

TEST_F(PostgresTransactionTest, WhateverComesFirstIsInIt) {
    const auto rolled_back = [&](const std::function<void()>& first) {
        database_->begin();
        first();
        write("insert into t values (100, 'x')");
        EXPECT_EQ(target_.count("t"), 0);
        database_->rollback();
        EXPECT_EQ(target_.count("t"), 0);
    };
    rolled_back([&] { write("insert into t values (1, 'x')"); });
    rolled_back([&] { write("create table made (a int)"); });
    rolled_back([&] { write("insert into t values (1, 'x'); insert into t values (2, 'x')"); });
    rolled_back([&] { database_->begin_savepoint(); });
    rolled_back([&] { EXPECT_EQ(ask(*database_, "select $1::int + 1", {Value(1)}), Value(2)); });
    rolled_back([&] { EXPECT_EQ(database_->each("select a from t", {}, {}), 0); });
    rolled_back([&] { (void)database_->column_names("select a from t", {}); });
    rolled_back([&] { database_->take_own_role(); });
    rolled_back([&] {
        database_->run_written({.text = "insert into t values (1, 'x')", .data = {}},
                               Access::Write);
    });
    rolled_back([&] {
        int left = 3;
        database_->copy_in("t", {"a", "b"}, [&](std::vector<Value>& row) {
            row = {Value(left), Value("x")};
            return left-- > 0;
        });
    });
    EXPECT_EQ(ask(*database_, "select to_regclass('made')::text"), Value());
}

TEST_F(PostgresTransactionTest, ALongFirstResultStreamsAndMayBeStopped) {
    database_->begin();
    std::int64_t seen = 0;
    database_->run("select n from generate_series(1, 1000000) n", {}, Access::Write,
                   [&](const Row& row) {
                       EXPECT_EQ(row.value(0), Value(++seen));
                       return seen < 3;
                   });
    EXPECT_EQ(seen, 3);
    write("insert into t values (1, 'x')");
    database_->commit();
    EXPECT_EQ(target_.count("t"), 1);
}

TEST_F(PostgresTransactionTest, AFirstStatementThatFailsFailsTheTransaction) {
    for (const char* first : {"select 1/0", "insert into nowhere values (1)",
                              "copy t from stdin", "copy t to stdout"}) {
        database_->begin();
        EXPECT_EQ(failure([&] { write(first); }).code(), ErrorCode::Sql) << first;
        if (std::string_view(first).starts_with("select")) {
            EXPECT_EQ(failure([&] { write("select 1"); }).code_text(), "25P02");
            EXPECT_EQ(failure([&] { database_->commit(); }).code(), ErrorCode::Sql);
        }
        database_->rollback();
        EXPECT_EQ(ask(*database_, "select 1"), Value(1)) << first;
    }
    EXPECT_EQ(target_.count("t"), 0);
}

TEST_F(PostgresTransactionTest, AStopBeforeItsFirstStatementOpensNone) {
    database_->begin();
    database_->interrupt();
    for (int i = 0; i < 2; ++i)
        EXPECT_EQ(failure([&] { write("insert into t values (1, 'x')"); }).code(),
                  ErrorCode::Interrupted);
    database_->rollback();
    database_->set_deadline(std::nullopt);
    EXPECT_EQ(state_at_server(), "idle");
    EXPECT_EQ(ask(*database_, "select 1"), Value(1));
}

TEST_F(PostgresTransactionTest, AStopDuringItsFirstStatementCancelsIt) {
    database_->begin();
    database_->set_deadline(system_clock().boot() + Microseconds(50'000));
    EXPECT_EQ(failure([&] { write("select pg_sleep(60)"); }).code(), ErrorCode::Timeout);
    database_->set_deadline(std::nullopt);
    database_->rollback();
    EXPECT_EQ(ask(*database_, "select 1"), Value(1));
}

TEST_F(PostgresTransactionTest, ALossBeforeItsFirstStatementIsNoticed) {
    database_->begin();
    target_.outside("select pg_terminate_backend(" + to_text(pid_) + ")");
    const Error error = failure([&] { write("insert into t values (1, 'x')"); });
    EXPECT_EQ(error.code(), ErrorCode::Connection);
    EXPECT_EQ(error.code_text(), "08006");
    database_->rollback();
    EXPECT_EQ(target_.count("t"), 0);
}

TEST_F(PostgresTransactionTest, MoreValuesThanTheProtocolCountsAreRefused) {
    std::string marks = "$1";
    for (int i = 2; i <= 65'536; ++i) marks += ", $" + std::to_string(i);
    const Arguments values{.positional = std::vector<Value>(65'536, Value(1)), .named = {}};
    database_->begin();
    const Error error = failure(
        [&] { database_->run("select 1 where 1 in (" + marks + ")", values, Access::Write, {}); });
    EXPECT_EQ(error.message(), "the statement has 65536 values, PostgreSQL takes 65535");
    database_->rollback();
    EXPECT_EQ(ask(*database_, "select 1"), Value(1));
}

// It has taken the BEGIN then, and nothing makes the server answer that.
TEST_F(PostgresTransactionTest, WhatTheClientLibraryRefusesLeavesTheSessionUsable) {
    postgres::Connection one(connect_options(target_.settings()));
    one.set_deadline(system_clock().boot() + Microseconds(10'000'000));
    one.begin_later({.statement = "begin", .name = {}, .parameters = {}});
    const Error error = failure(
        [&] { one.run_with_begin("select 1", postgres::Connection::Parameters(70'000), {}, {}); });
    EXPECT_EQ(error.code(), ErrorCode::Sql) << error.message();
    EXPECT_NE(error.message().find("could not be sent"), std::string::npos) << error.message();
    one.exec("rollback");
    EXPECT_EQ(one.run("select 1", {}, {}, {}).seen, 1);
}

// Each deadline falls into another moment of what a session asks about a statement, which it asks
// anew after a failure.
TEST_F(PostgresTransactionTest, ADeadlineWhileAStatementIsDescribedIsOver) {
    for (int session = 0; session < 30; ++session) {
        database_ = open();
        for (int micros = 5 + session % 5; micros < 400; micros += 5) {
            database_->set_deadline(system_clock().boot() + Microseconds(micros));
            (void)failure([&] {
                (void)ask(*database_, "insert into t values ($1, 'x') returning a", {Value(1)});
            });
        }
        database_->set_deadline(system_clock().boot() + Microseconds(20'000));
        const Error error = failure([&] { (void)ask(*database_, "select pg_sleep(60)"); });
        EXPECT_EQ(error.code(), ErrorCode::Timeout) << error.message();
        database_->set_deadline(std::nullopt);
        EXPECT_EQ(ask(*database_, "select 1"), Value(1)) << "no cancel is still under way";
    }
}

class CommitWithTest : public PostgresTransactionTest {
  protected:
    bool commit_with(int a) {
        return database_->commit_with("insert into t values ($1, 'last')",
                                      {.positional = {a}, .named = {}});
    }
};

TEST_F(CommitWithTest, CommitsWithTheLastInsert) {
    database_->begin();
    write("insert into t values (1, 'x')");
    EXPECT_TRUE(commit_with(2));
    EXPECT_FALSE(database_->in_transaction());
    EXPECT_EQ(target_.count("t"), 2);
    database_->begin();
    EXPECT_TRUE(commit_with(3)) << "also when it is the only one";
    EXPECT_EQ(target_.count("t"), 3);
}

TEST_F(CommitWithTest, DoesNotCommitWhenTheKeyIsThere) {
    target_.outside("insert into t values (2, 'before')");
    database_->begin();
    write("insert into t values (1, 'x')");
    EXPECT_FALSE(commit_with(2));
    EXPECT_TRUE(database_->in_transaction());
    database_->rollback();
    EXPECT_EQ(target_.count("t"), 1);
}

TEST_F(CommitWithTest, DoesNotTakeWhatTheCommitFindsForTheKey) {
    target_.outside(
        "create table later (a int unique deferrable initially deferred); insert into later "
        "values (1)");
    database_->begin();
    write("insert into later values (1)");
    EXPECT_EQ(failure([&] { (void)commit_with(2); }).code_text(), "23505");
    database_->rollback();
    EXPECT_EQ(target_.count("t"), 0);
}

TEST_F(CommitWithTest, SurvivesThatAScriptForgetsWhatTheSessionKeeps) {
    database_->begin();
    EXPECT_TRUE(commit_with(1));
    for (const int a : {2, 3}) {
        database_->begin();
        if (a == 2) write("deallocate all");
        else database_->run_written({.text = "deallocate all", .data = {}}, Access::Write);
        EXPECT_TRUE(commit_with(a));
    }
    EXPECT_EQ(target_.count("t"), 3);
}

// Nothing tells of it but the failure of the transaction that has done it.
TEST_F(CommitWithTest, IsItselfAgainAfterABlockHasForgottenWhatTheSessionKeeps) {
    database_->begin();
    EXPECT_TRUE(commit_with(1));
    database_->begin();
    write("do $$ begin execute 'deallocate all'; end $$");
    EXPECT_EQ(failure([&] { (void)commit_with(2); }).code_text(), "26000");
    database_->rollback();
    database_->begin();
    EXPECT_TRUE(commit_with(3));
    EXPECT_EQ(target_.count("t"), 2);
}

TEST_F(CommitWithTest, NamesWhoHoldsTheLock) {
    const auto other = open();
    other->begin();
    other->run("lock table t", {}, Access::Write, {});
    const auto expect_named = [&] {
        database_->begin();
        const Error error = failure([&] { (void)commit_with(1); });
        EXPECT_EQ(error.code(), ErrorCode::Busy);
        EXPECT_NE(error.message().find("held by"), std::string::npos) << error.message();
        database_->rollback();
    };
    expect_named();  // before the statement is kept
    other->rollback();
    database_->begin();
    EXPECT_TRUE(commit_with(1));
    other->begin();
    other->run("lock table t", {}, Access::Write, {});
    expect_named();
    other->rollback();
}

}  // namespace
}  // namespace drydock::sql
