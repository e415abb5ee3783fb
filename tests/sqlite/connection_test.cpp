#include "engine/sqlite/connection.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "engine/error.h"
#include "engine/sqlite/errors.h"
#include "tests/sqlite/temp_folder.h"

namespace drydock::sqlite {
namespace {

class ConnectionTest : public testing::Test {
  protected:
    [[nodiscard]] std::string path() const { return folder_.file("a.db"); }

    static Error failure(const std::function<void()>& act) {
        try {
            act();
        } catch (const Error& error) {
            return error;
        }
        return {ErrorCode::Check, "nothing failed"};
    }

    tests::TempFolder folder_;
};

TEST_F(ConnectionTest, NeverMakesAMissingFileUnlessAsked) {
    const Error error = failure([&] { Connection missing(path(), {}); });
    EXPECT_EQ(error.code(), ErrorCode::File);
    EXPECT_EQ(error.code_text(), "SQLITE_CANTOPEN");
    EXPECT_NE(error.message().find(path()), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(path()));
    Connection made(path(), {.mode = Mode::Create});
    made.exec("create table t (a)");
    EXPECT_TRUE(std::filesystem::exists(path()));
}

TEST_F(ConnectionTest, RefusesAZeroByteWhereverItStands) {
    Connection connection(path(), {.mode = Mode::Create});
    for (const std::string_view text :
         {std::string_view("select 1;\0\0", 11), std::string_view("select 1\0; drop table t", 23),
          std::string_view("\0", 1)}) {
        EXPECT_EQ(failure([&] { (void)connection.prepare(text); }).code(), ErrorCode::Sql);
    }
}

TEST_F(ConnectionTest, SaysThatAFileIsNoDatabase) {
    std::ofstream(path()) << std::string(4096, 'x');
    Connection connection(path(), {.mode = Mode::ReadOnly});
    const Error error = failure([&] { connection.exec("select * from sqlite_schema"); });
    EXPECT_EQ(error.code(), ErrorCode::File);
    EXPECT_TRUE(is_damage(error));
    EXPECT_FALSE(error.hint().empty());
}

TEST_F(ConnectionTest, GivesUpAfterTheBusyTimeoutWhenAnotherHoldsTheLock) {
    Connection holder(path(), {.mode = Mode::Create});
    holder.exec("create table t (a); begin immediate");
    Connection other(path(), {.busy_timeout = std::chrono::milliseconds(20)});
    const Error error = failure([&] { other.exec("begin immediate"); });
    EXPECT_EQ(error.code(), ErrorCode::Busy);
    EXPECT_TRUE(other.autocommit());
    holder.exec("commit");
    other.exec("begin immediate; commit");
}

TEST_F(ConnectionTest, StopsWaitingForALockWhenAskedToStop) {
    Connection holder(path(), {.mode = Mode::Create});
    holder.exec("create table t (a); begin immediate");
    Connection other(path(), {.busy_timeout = std::chrono::hours(1)});
    int asked = 0;
    other.set_stop([&] { return ++asked > 2; });
    EXPECT_EQ(failure([&] { other.exec("begin immediate"); }).code(), ErrorCode::Busy);
    EXPECT_EQ(asked, 3);
}

TEST_F(ConnectionTest, EndsAnEndlessStatementWhenAskedToStop) {
    Connection connection(path(), {.mode = Mode::Create});
    connection.set_stop([] { return true; });
    const Error error = failure([&] {
        connection.exec(
            "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from "
            "n");
    });
    EXPECT_EQ(error.code(), ErrorCode::Interrupted);
}

TEST_F(ConnectionTest, IsInterruptedFromAnotherThread) {
    Connection connection(path(), {.mode = Mode::Create});
    std::atomic<bool> running{false};
    connection.set_stop([&] {
        running = true;
        running.notify_all();
        return false;
    });
    std::jthread other([&] {
        running.wait(false);
        connection.interrupt();
    });
    const Error error = failure([&] {
        connection.exec(
            "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from "
            "n");
    });
    EXPECT_EQ(error.code_text(), "SQLITE_INTERRUPT");
}

TEST_F(ConnectionTest, CompilesExactlyOneStatement) {
    Connection connection(path(), {.mode = Mode::Create});
    EXPECT_NO_THROW((void)connection.prepare("select 1; -- and that was all \n /* it */ ;"));
    EXPECT_EQ(failure([&] { (void)connection.prepare("select 1; select 2"); }).code(),
              ErrorCode::Sql);
    EXPECT_EQ(failure([&] { (void)connection.prepare("select 1; nonsense"); }).code(),
              ErrorCode::Sql);
    EXPECT_EQ(failure([&] { (void)connection.prepare("  -- nothing"); }).code(), ErrorCode::Sql);
}

TEST_F(ConnectionTest, AsksTheAuthorizerBeforeAStatementIsCompiled) {
    Connection connection(path(), {.mode = Mode::Create});
    std::string seen;
    connection.set_authorizer([&](Action action, std::string_view first, const char*) {
        if (action == Action::Transaction) seen = first;
        return action != Action::Transaction;
    });
    EXPECT_EQ(failure([&] { connection.exec("begin"); }).code(), ErrorCode::Permission);
    EXPECT_EQ(seen, "BEGIN");
    EXPECT_NO_THROW(connection.exec("create table t (a)"));
}

TEST_F(ConnectionTest, NeverCheckpointsByItself) {
    Connection connection(path(), {.mode = Mode::Create, .checkpoint_on_close = false});
    connection.exec("pragma journal_mode=wal; create table t (a)");
    for (int i = 0; i < 1200; ++i)
        connection.exec("insert into t values (zeroblob(3000))");
    EXPECT_GT(connection.wal_frames(), 1200);
    const CheckpointResult result = connection.checkpoint(CheckpointMode::Truncate);
    EXPECT_TRUE(result.complete);
    EXPECT_EQ(std::filesystem::file_size(path() + "-wal"), 0U);
}

TEST_F(ConnectionTest, LeavesTheLogOnCloseWhenToldSo) {
    for (const bool checkpoint : {false, true}) {
        {
            Connection connection(path(),
                                  {.mode = Mode::Create, .checkpoint_on_close = checkpoint});
            connection.exec(
                "pragma journal_mode=wal; create table if not exists t (a); insert into t values "
                "(1)");
        }
        EXPECT_EQ(std::filesystem::exists(path() + "-wal"), !checkpoint);
    }
}

TEST_F(ConnectionTest, SaysWhenATruncatingCheckpointWasInTheWayOfAReader) {
    Connection writer(path(), {.mode = Mode::Create});
    writer.exec("pragma journal_mode=wal; create table t (a); insert into t values (1)");
    Connection reader(path(), {});
    Statement open = reader.prepare("select a from t");
    ASSERT_TRUE(open.step());
    writer.exec("insert into t values (2)");
    EXPECT_FALSE(writer.checkpoint(CheckpointMode::Truncate).complete);
    open.reset();
    EXPECT_TRUE(writer.checkpoint(CheckpointMode::Truncate).complete);
}

}  // namespace
}  // namespace drydock::sqlite
