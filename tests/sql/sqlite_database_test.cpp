#include "engine/sql/sqlite_database.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "engine/clock.h"
#include "tests/os/seam_switch.h"
#include "tests/sql/target_fixture.h"

namespace drydock::sql {
namespace {

class SqliteDatabaseTest : public TargetTest {
  protected:
    std::int64_t write(const std::string& sql, const Arguments& arguments = kNone) {
        return database_->run(sql, arguments, Access::Write, {});
    }
    Value read(const std::string& sql, const Arguments& arguments = kNone) {
        Value value;
        database_->run(sql, arguments, Access::Read, [&](const Row& row) {
            value = row.value(0);
            return false;
        });
        return value;
    }
    [[nodiscard]] std::string bytes() const {
        std::ifstream file(path(), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    std::unique_ptr<Database> database_ = open();
};

TEST_F(SqliteDatabaseTest, NeverCreatesATarget) {
    const Error error = failure([&] { (void)open_sqlite({.path = folder_.file("missing.db")}); });
    EXPECT_EQ(error.code(), ErrorCode::File);
    EXPECT_FALSE(error.hint().empty());
    EXPECT_FALSE(std::filesystem::exists(folder_.file("missing.db")));
}

TEST_F(SqliteDatabaseTest, RefusesWhatIsNoDatabaseAndLeavesItAsItWas) {
    database_.reset();
    std::ofstream(path(), std::ios::trunc) << std::string(8192, 'x');
    const std::string before = bytes();
    EXPECT_EQ(failure([&] { (void)open(); }).code_text(), "SQLITE_NOTADB");
    EXPECT_EQ(bytes(), before);
}

TEST_F(SqliteDatabaseTest, RefusesAFileThatIsShorterThanItSays) {
    database_.reset();
    outside(
        "insert into t select value, zeroblob(4000) from (select 1 as value union select 2 union "
        "select 3)");
    std::filesystem::resize_file(path(), 4096);
    EXPECT_EQ(failure([&] { (void)open(); }).code_text(), "SQLITE_CORRUPT");
}

TEST_F(SqliteDatabaseTest, TellsRowsChangedElseRowsSeen) {
    EXPECT_EQ(write("insert into t values (1, 'x'), (2, 'y')"), 2);
    EXPECT_EQ(write("create table u (a)"), 0);
    EXPECT_EQ(write("update t set b = 'z' returning a"), 2);
    EXPECT_EQ(database_->run("select * from t", kNone, Access::Read, {}), 2);
    EXPECT_EQ(write("delete from t where a = 1; delete from t where a = 2"), 2);
    EXPECT_EQ(write("delete from t"), 0);
}

TEST_F(SqliteDatabaseTest, RunsAScriptWhoseStatementsNeedEachOther) {
    EXPECT_EQ(
        write("create table u (a); insert into u values (1); insert into t select a, 'x' from u"),
        2);
}

TEST_F(SqliteDatabaseTest, BindsByPositionByNameAndAsIdentifier) {
    write("insert into t values ($1, :b)", {.positional = {7}, .named = {{"b", "x"}}});
    EXPECT_EQ(read("select b from :\"table\" where a = ?",
                   {.positional = {7}, .named = {{"table", "t"}}}),
              Value("x"));
    EXPECT_EQ(read("select count(*) from :\"table\"",
                   {.positional = {}, .named = {{"table", "sqlite_schema"}}}),
              Value(1));
}

TEST_F(SqliteDatabaseTest, ReadingChangesNothing) {
    for (const char* sql : {"delete from t", "insert into t values (1, 2) returning a",
                            "pragma user_version = 3", "pragma wal_checkpoint", "vacuum", "begin",
                            "attach 'x' as x", "pragma optimize", "create temp table x (a)"}) {
        const Error error = failure([&] { database_->run(sql, kNone, Access::Read, {}); });
        EXPECT_TRUE(error.code() == ErrorCode::Sql || error.code() == ErrorCode::Permission) << sql;
    }
    EXPECT_EQ(read("pragma user_version"), Value(0));
}

TEST_F(SqliteDatabaseTest, ReadsWhatTheFileSaysOfItself) {
    EXPECT_EQ(read("pragma integrity_check"), Value("ok"));
    EXPECT_EQ(read("pragma quick_check(1)"), Value("ok"));
    EXPECT_EQ(read("pragma journal_mode"), Value("delete"));
    EXPECT_EQ(read("pragma foreign_key_check"), Value());
    EXPECT_EQ(read("pragma synchronous"), Value(2));
    EXPECT_EQ(read("select name from pragma_table_info('t')"), Value("a"));
    EXPECT_FALSE(read("explain query plan select * from t").is_null());
}

TEST_F(SqliteDatabaseTest, ScriptsControlNoTransaction) {
    database_->begin();
    for (const char* sql :
         {"commit", "rollback", "savepoint x", "release x", "pragma foreign_keys = on",
          "attach ':memory:' as x", "insert or rollback into t values (1, 1)"}) {
        EXPECT_NE(failure([&] { write(sql); }).message(), "nothing failed") << sql;
        EXPECT_TRUE(database_->in_transaction());
    }
    write("insert into t values (1, 'x')");
    database_->rollback();
    EXPECT_EQ(count("t"), 0);
}

TEST_F(SqliteDatabaseTest, NoticesAStatementThatEndedTheTransaction) {
    outside("create table once (a unique on conflict rollback); insert into once values (1)");
    database_->begin();
    write("insert into t values (1, 'lost')");
    EXPECT_EQ(failure([&] { write("insert into once values (1)"); }).code(), ErrorCode::Sql);
    const Error later = failure([&] { write("insert into t values (2, 'in autocommit')"); });
    EXPECT_EQ(later.code_text(), "SQLITE_ABORT_ROLLBACK");
    EXPECT_EQ(failure([&] { database_->commit(); }).code_text(), "SQLITE_ABORT_ROLLBACK");
    database_->rollback();
    EXPECT_EQ(count("t"), 0);
    EXPECT_EQ(write("insert into t values (3, 'a new start')"), 1);
}

TEST_F(SqliteDatabaseTest, SavepointsUndoOnlyTheirPart) {
    database_->begin();
    write("insert into t values (1, 'x')");
    database_->begin_savepoint();
    write("insert into t values (2, 'y')");
    database_->begin_savepoint();
    write("insert into t values (3, 'z')");
    database_->release_savepoint();
    database_->rollback_savepoint();
    database_->commit();
    EXPECT_EQ(count("t"), 1);
}

TEST_F(SqliteDatabaseTest, SaysThatItIsLockedWhenAnotherHoldsTheLock) {
    sqlite::Connection holder(path(), {});
    holder.exec("begin immediate");
    const Error error = failure([&] { database_->begin(); });
    EXPECT_EQ(error.code(), ErrorCode::Busy);
    EXPECT_FALSE(database_->in_transaction());
    holder.exec("rollback");
    database_->begin();
    database_->commit();
}

// Another process that holds the write lock until this goes.
class OtherProcess final {
  public:
    explicit OtherProcess(const std::string& path, const char* holds = "begin immediate") {
        int ready[2];
        int end[2];
        if (::pipe(ready) != 0 || ::pipe(end) != 0) std::abort();
        pid_ = ::fork();
        if (pid_ == 0) {
            ::close(end[1]);
            sqlite::Connection holder(path, {});
            holder.exec(holds);
            char byte = 'x';
            if (::write(ready[1], &byte, 1) != 1 || ::read(end[0], &byte, 1) != 0) ::_exit(1);
            ::_exit(0);
        }
        ::close(end[0]);
        ::close(ready[1]);
        char byte = 0;
        if (::read(ready[0], &byte, 1) != 1) std::abort();
        ::close(ready[0]);
        end_ = end[1];
    }
    ~OtherProcess() {
        ::close(end_);
        ::waitpid(pid_, nullptr, 0);
    }
    OtherProcess(const OtherProcess&) = delete;
    OtherProcess& operator=(const OtherProcess&) = delete;
    [[nodiscard]] pid_t pid() const { return pid_; }

  private:
    pid_t pid_ = 0;
    int end_ = -1;
};

TEST_F(SqliteDatabaseTest, NamesTheProcessThatHasItLocked) {
    const OtherProcess other(path());
    const Error error = failure([&] { database_->begin(); });
    EXPECT_EQ(error.code(), ErrorCode::Busy);
    EXPECT_NE(error.message().find("(pid " + std::to_string(other.pid()) + ","), std::string::npos)
        << error.message();
    EXPECT_EQ(error.hint().find("kill"), std::string::npos);
}

TEST_F(SqliteDatabaseTest, CheckpointsALongLogOnlyWhenNobodyElseHasTheFile) {
    database_.reset();
    outside("pragma journal_mode = wal");
    const auto log_bytes = [&] { return std::filesystem::file_size(path() + "-wal"); };
    const auto fill = [&](int rows) {
        for (int i = 0; i < rows; ++i) {
            database_->begin();
            write("insert into t (b) values (zeroblob(20000))");
            database_->commit();
        }
    };
    {
        const OtherProcess reader(path(), "begin; select * from t");
        database_ = open();
        fill(300);
        EXPECT_GT(log_bytes(), 6'000'000U);
    }
    fill(1);
    fill(300);
    EXPECT_LT(log_bytes(), 13'000'000U) << "the log was reset and written over";
}

TEST_F(SqliteDatabaseTest, KeepsToItsDeadline) {
    database_->set_deadline(system_clock().boot());
    EXPECT_EQ(failure([&] { read("select 1"); }).code(), ErrorCode::Timeout);
    database_->set_deadline(system_clock().boot() + std::chrono::milliseconds(5));
    const Error error = failure([&] {
        read(
            "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from "
            "n");
    });
    EXPECT_EQ(error.code(), ErrorCode::Timeout);
    database_->set_deadline(std::nullopt);
    EXPECT_EQ(read("select 1"), Value(1));
}

TEST_F(SqliteDatabaseTest, AnInterruptStopsThisAndEveryLaterStatementOfTheAttempt) {
    std::jthread other([&] { database_->interrupt(); });
    const Error error = failure([&] {
        read(
            "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from "
            "n");
    });
    EXPECT_EQ(error.code(), ErrorCode::Interrupted);
    EXPECT_EQ(failure([&] { read("select 1"); }).code(), ErrorCode::Interrupted);
    database_->set_deadline(std::nullopt);
    EXPECT_EQ(read("select 1"), Value(1));
}

TEST_F(SqliteDatabaseTest, AnInterruptedWriteIsRolledBack) {
    database_->begin();
    write("insert into t values (1, 'x')");
    database_->interrupt();
    EXPECT_THROW(write("insert into t values (2, 'y')"), Error);
    database_->rollback();
    EXPECT_EQ(count("t"), 0);
}

TEST_F(SqliteDatabaseTest, RunsVacuumAloneAndNotInATransaction) {
    write("insert into t values (1, zeroblob(100000)); delete from t");
    const auto before = std::filesystem::file_size(path());
    database_->run("vacuum", kNone, Access::Alone, {});
    EXPECT_LT(std::filesystem::file_size(path()), before);
    database_->begin();
    EXPECT_EQ(failure([&] { database_->run("analyze", kNone, Access::Alone, {}); }).code(),
              ErrorCode::Lua);
    database_->rollback();
    EXPECT_THROW(database_->run("vacuum into 'x.db'", kNone, Access::Alone, {}), Error);
}

TEST_F(SqliteDatabaseTest, StopsEarlyAndRunsTheSameTextWithinItself) {
    write("insert into t values (1, 'x'), (2, 'y'), (3, 'z')");
    int outer = 0;
    int inner = 0;
    database_->run("select a from t", kNone, Access::Read, [&](const Row&) {
        database_->run("select a from t", kNone, Access::Read,
                       [&](const Row&) { return ++inner > 0; });
        return ++outer < 2;
    });
    EXPECT_EQ(outer, 2);
    EXPECT_EQ(inner, 6);
    EXPECT_EQ(write("delete from t"), 3);
}

TEST_F(SqliteDatabaseTest, SurvivesAChangeOfTheSchemaBetweenTwoRunsOfOneText) {
    const std::string insert = "insert into t (b) values ('x')";
    write(insert);
    outside("alter table t add column c default 7");
    EXPECT_EQ(write(insert), 1);
    EXPECT_EQ(read("select sum(c) from t"), Value(14));
}

TEST_F(SqliteDatabaseTest, AReadOnlyConnectionWritesNothing) {
    const auto reader = open_sqlite({.path = path(), .read_only = true});
    EXPECT_TRUE(reader->read_only());
    EXPECT_EQ(failure([&] { reader->run("delete from t", kNone, Access::Write, {}); }).code(),
              ErrorCode::Permission);
    EXPECT_EQ(reader->run("select * from sqlite_schema", kNone, Access::Read, {}), 1);
}

TEST_F(SqliteDatabaseTest, IsTheSameTargetByWhicheverPath) {
    std::filesystem::create_symlink(path(), folder_.file("link.db"));
    const Identity link = sqlite_identity(folder_.file("link.db"));
    EXPECT_EQ(link, database_->identity());
    EXPECT_NE(link.text.find("path=" + path()), std::string::npos);
    std::filesystem::copy_file(path(), folder_.file("copy.db"));
    EXPECT_NE(sqlite_identity(folder_.file("copy.db")).lock_name, link.lock_name);
}

// `on conflict rollback` ends the transaction in the middle of it; a script that catches the error
// and goes on would write in autocommit, with no receipt.
class LostTransaction : public SqliteDatabaseTest {
  protected:
    // What is in the table after a script did just that.
    std::int64_t rows_after_going_on() {
        outside(
            "create table r (a unique on conflict rollback); insert into r values (1); delete from "
            "t");
        database_->begin();
        EXPECT_NE(failure([&] { write("insert into r values (1)"); }).message(), "nothing failed");
        (void)failure([&] { write("insert into t (b) values ('outside')"); });
        database_->rollback();
        return count("t");
    }
};

TEST_F(LostTransaction, RefusesEverythingAfterwards) {
    EXPECT_EQ(rows_after_going_on(), 0);
}

TEST_F(LostTransaction, WithoutTheProtectionAScriptGoesOnOutsideOfIt) {
    const test::Without without(Protection::TransactionKept);
    EXPECT_EQ(rows_after_going_on(), 1);
}

}  // namespace
}  // namespace drydock::sql
