#include "engine/inspect/looking.h"

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "tests/inspect/inspect_fixture.h"

namespace drydock::inspect {
namespace {

class LookingTest : public InspectTest {};

TEST_F(LookingTest, SaysHowAForeignFileBegins) {
    folder_.put("app.db", "this is no database at all");
    const Error error = refusal();
    EXPECT_EQ(error.code(), ErrorCode::Integrity);
    expect_in(error.message(), "its 26 bytes begin with \"this is no datab\"");
    EXPECT_EQ(folder_.get("app.db"), "this is no database at all");
}

TEST_F(LookingTest, SaysThatTheEndOfACutFileIsMissing) {
    make_users(2000);
    const auto whole = std::filesystem::file_size(database());
    std::filesystem::resize_file(database(), whole / 2);
    const Error error = refusal();
    EXPECT_EQ(error.code(), ErrorCode::Integrity);
    expect_in(error.message(), "it has " + std::to_string(whole / 2) +
                                   " bytes and its header says " + std::to_string(whole) +
                                   ": the end is missing");
    expect_in(error.hint(), "sqlite-recovery");
}

TEST_F(LookingTest, NamesWhoHoldsTheLock) {
    make_users(1);
    int ready[2], done[2];
    ASSERT_EQ(::pipe(ready), 0);
    ASSERT_EQ(::pipe(done), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        sqlite::Connection other(database(), {});
        other.exec("begin exclusive");
        char byte = 1;
        (void)!::write(ready[1], &byte, 1);
        (void)!::read(done[0], &byte, 1);
        ::_exit(0);
    }
    char byte = 0;
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    const Error error = refusal();
    EXPECT_EQ(error.code(), ErrorCode::Busy);
    expect_in(error.message(), "pid " + std::to_string(child));
    EXPECT_EQ(error.hint().find("kill"), std::string::npos);
    EXPECT_EQ(::write(done[1], &byte, 1), 1);
    ::waitpid(child, nullptr, 0);
}

TEST_F(LookingTest, ExplainsATransactionThatWasCut) {
    make_users(2000);
    // Killed with pages of its transaction in the file: its journal takes them back.
    const pid_t child = ::fork();
    if (child == 0) {
        sqlite::Connection other(database(), {});
        other.exec("pragma cache_size = 1; begin; update users set name = name || 'x'");
        ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    const std::string before = folder_.get("app.db");
    ASSERT_TRUE(std::filesystem::exists(database() + "-journal"));
    const Error error = refusal();
    expect_in(error.message(), "was cut in the middle");
    expect_in(error.hint(), "SQLite then rolls back by itself");
    EXPECT_EQ(folder_.get("app.db"), before);
}

TEST_F(LookingTest, AltersNeitherTheFileNorItsLog) {
    sql("pragma journal_mode = wal");
    const pid_t child = ::fork();
    if (child == 0) {  // dies with everything in the log
        sqlite::Connection other(database(), {.checkpoint_on_close = false});
        other.exec("create table t (a); insert into t values (1), (2)");
        ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    const std::string before = folder_.get("app.db"), log = folder_.get("app.db-wal");
    ASSERT_GT(log.size(), 0U);
    EXPECT_EQ(look().number("select count(*) from t"), 2);
    EXPECT_EQ(folder_.get("app.db"), before);
    EXPECT_EQ(folder_.get("app.db-wal"), log);
}

}  // namespace
}  // namespace drydock::inspect
