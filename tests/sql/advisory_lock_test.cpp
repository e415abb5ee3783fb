#include "engine/sql/advisory_lock.h"

#include <gtest/gtest.h>

#include "engine/sql/step_session.h"
#include "tests/sql/drivers.h"

// Advisory locks as steps use them.
namespace drydock::sql {
namespace {

class AdvisoryLockTest : public testing::Test {
  protected:
    SessionHooks hooks() {
        return {.allow_write = [](const StepSession&, std::string_view) {},
                .check_stop = [] {},
                .begin_effect = [](std::string_view, std::string_view,
                                   const Value&) { return std::int64_t{0}; },
                .end_effect = [](std::int64_t, bool, std::string_view) {},
                .progress = [](std::int64_t, std::int64_t, std::string_view) {},
                .notice = [this](std::string_view, std::string_view text) { told_ += text; },
                .committed = [](std::string_view, std::string_view, std::int64_t) {}};
    }
    bool other_takes_it() {
        bool taken = false;
        other_->run("select pg_try_advisory_lock(hashtextextended('work', 0))", {}, Access::Read,
                    [&](const Row& row) {
                        taken = row.value(0) == Value(true);
                        return false;
                    });
        return taken;
    }
    void insert(int a) {
        session_.exec("insert into t values ($1, 'x')", {.positional = {a}, .named = {}}, {});
    }
    static Value nothing() { return {}; }

    PostgresTarget target_;
    std::unique_ptr<Database> database_ = target_.open(false), other_ = target_.open(false);
    CancelToken cancel_;
    std::string told_;
    StepSession session_{"app",   *database_,     {.run = "01RUN", .scope = "do/x"},
                         hooks(), system_clock(), cancel_};
};

TEST_F(AdvisoryLockTest, KeepsTheOthersOutUntilItsBodyIsDone) {
    EXPECT_EQ(session_.lock(AdvisoryKey("work"), {},
                            [&] {
                                EXPECT_FALSE(other_takes_it());
                                return session_.transaction("k", [&] {
                                    insert(1);
                                    return Value(7);
                                });
                            }),
              Value(7));
    EXPECT_EQ(target_.count("t"), 1);
    EXPECT_TRUE(other_takes_it());
}

TEST_F(AdvisoryLockTest, IsWaitedForAsLongAsSaidAndNamesItsHolder) {
    ASSERT_TRUE(other_takes_it());
    const Error error =
        failure([&] { session_.lock(AdvisoryKey("work"), Microseconds(250'000), nothing); });
    EXPECT_EQ(error.code(), ErrorCode::Busy);
    EXPECT_NE(error.message().find("held by pid"), std::string::npos) << error.message();
    EXPECT_NE(told_.find("waits for the advisory lock work, held by pid"), std::string::npos);
    other_.reset();
    EXPECT_EQ(session_.lock(AdvisoryKey("work"), Microseconds(60'000'000), [] { return Value(2); }),
              Value(2))
        << "it goes with its session";
}

TEST_F(AdvisoryLockTest, WhatItProtectsIsCommittedBeforeItGoes) {
    const auto leaves_a_write = [&] {
        insert(1);
        return Value();
    };
    EXPECT_NE(failure([&] { session_.lock(AdvisoryKey("work"), {}, leaves_a_write); })
                  .message()
                  .find("uncommitted writes"),
              std::string::npos);
    EXPECT_FALSE(session_.has_uncommitted_writes());
    EXPECT_EQ(target_.count("t"), 0);
    EXPECT_TRUE(other_takes_it()) << "also then it is released";
    session_.transaction("k", [&] {
        EXPECT_EQ(failure([&] { session_.lock(AdvisoryKey("work"), {}, nothing); }).code(),
                  ErrorCode::Lua);
        return Value();
    });
}

// A pooler gives each statement another session: the lock is granted, but not to this one. Here the
// server's function is replaced by one that grants without locking.
TEST_F(AdvisoryLockTest, OfAPoolersSessionIsNone) {
    target_.outside(
        "create function pg_try_advisory_lock(bigint) returns boolean language sql as "
        "'select true'; alter database " +
        target_.name() + " set search_path = public, pg_catalog");
    const auto session = target_.open(false);
    AdvisoryLock lock(*session, AdvisoryKey("work"));
    const Error error = failure([&] { (void)lock.try_acquire(); });
    EXPECT_EQ(error.code(), ErrorCode::Connection);
    EXPECT_EQ(error.message(),
              "the advisory lock work is not with this session: a pooler stands between");
}

TEST_F(AdvisoryLockTest, AreNotToBeHadInSqlite) {
    const SqliteTarget file;
    const auto database = file.open(false);
    EXPECT_EQ(failure([&] { const AdvisoryLock lock(*database, AdvisoryKey("work")); }).message(),
              "SQLite has no advisory locks");
}

}  // namespace
}  // namespace drydock::sql
