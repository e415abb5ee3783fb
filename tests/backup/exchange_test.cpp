#include "engine/backup/exchange.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/backup/backup_fixture.h"

namespace drydock::backup {
namespace {

class ExchangeTest : public BackupTest {
  protected:
    // A database in WAL mode whose last commit is only in the log, as a killed program leaves it.
    void leave_a_log() {
        outside(database(), "pragma journal_mode = wal");
        const pid_t child = ::fork();
        if (child == 0) {
            sqlite::Connection writer(database(), {.checkpoint_on_close = false});
            writer.exec("insert into users values (9000, 'in the log')");
            ::_exit(0);
        }
        ::waitpid(child, nullptr, 0);
    }
    [[nodiscard]] std::string kept() const { return kept_name(database(), kNight); }
};

TEST_F(ExchangeTest, PreservesTheFileAndItsLogByteForByte) {
    leave_a_log();
    const std::string before = bytes(database());
    const std::string log = bytes(database() + "-wal");
    ASSERT_FALSE(log.empty());
    const Preserved preserved = preserve(job_, database(), file("aside"));
    EXPECT_EQ(bytes(preserved.path), before);
    EXPECT_EQ(bytes(preserved.path + "-wal"), log);
    EXPECT_EQ(bytes(database()), before);
    EXPECT_GE(preserved.files.size(), 2U);
}

TEST_F(ExchangeTest, NeverTouchesAFileThatThisProcessHasOpen) {
    const sqlite::Connection open(database(), {});
    (void)open.autocommit();
    EXPECT_EQ(failure([&] { preserve(job_, database(), file("aside")); }).code(), ErrorCode::Busy);
    const Found backup = take(kNight);
    EXPECT_EQ(failure([&] { replace_database(job_, database(), backup.path, kept()); }).code(),
              ErrorCode::Busy);
}

TEST_F(ExchangeTest, ReplacesAndKeepsTheOldFileWithItsLog) {
    const Found backup = take(kNight);
    leave_a_log();
    ASSERT_EQ(::chmod(database().c_str(), 0640), 0);
    replace_database(job_, database(), backup.path, kept());
    EXPECT_EQ(number(database(), "select count(*) from users where id = 9000"), 0);
    EXPECT_EQ(number(database(), "select count(*) from users"), 3000);
    EXPECT_EQ(number(kept(), "select count(*) from users where id = 9000"), 1) << "with its log";
    struct stat status {};
    ASSERT_EQ(::stat(database().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0640U);
    EXPECT_TRUE(is_replaced(database(), kept()));
    sqlite::Connection connection(database(), {});
    sqlite::Statement mode = connection.prepare("pragma journal_mode");
    mode.step();
    EXPECT_EQ(mode.column_text(0), "wal") << "as the file that it replaces";
}

TEST_F(ExchangeTest, KeepsTheOldFileNowhereElse) {
    const Found backup = take(kNight);
    for (const std::string& name : {file("elsewhere.db"), database() + ".before-/../x"}) {
        EXPECT_EQ(failure([&] { replace_database(job_, database(), backup.path, name); }).code(),
                  ErrorCode::Lua);
        EXPECT_EQ(failure([&] { put_back(job_, database(), name); }).code(), ErrorCode::Lua);
    }
}

TEST_F(ExchangeTest, ReplacesFromACompressedBackup) {
    const Found backup = take(kNight, true);
    outside(database(), "delete from users");
    replace_database(job_, database(), backup.path, kept());
    EXPECT_EQ(number(database(), "select count(*) from users"), 3000);
}

TEST_F(ExchangeTest, ChangesNothingWhenTheNewFileIsNotWhole) {
    const Found backup = take(kNight);
    damage(backup.path, 30 * 4096, 8192);
    const std::string before = bytes(database());
    EXPECT_EQ(failure([&] { replace_database(job_, database(), backup.path, kept()); }).code(),
              ErrorCode::Check);
    EXPECT_EQ(bytes(database()), before);
    EXPECT_FALSE(std::filesystem::exists(kept()));
    EXPECT_FALSE(std::filesystem::exists(database() + ".incoming"));
}

TEST_F(ExchangeTest, ComesToTheSameEndFromEveryPlaceWhereItMayBeCut) {
    const Found backup = take(kNight);
    leave_a_log();
    const std::string log = bytes(database() + "-wal");
    // Cut after the second names were given, and after the log lost its first one.
    for (const bool log_gone : {false, true}) {
        std::filesystem::create_hard_link(database(), kept());
        std::filesystem::create_hard_link(database() + "-wal", kept() + "-wal");
        if (log_gone) std::filesystem::remove(database() + "-wal");
        EXPECT_FALSE(is_replaced(database(), kept()));
        replace_database(job_, database(), backup.path, kept());
        replace_database(job_, database(), backup.path, kept());
        EXPECT_EQ(number(database(), "select count(*) from users"), 3000);
        EXPECT_EQ(bytes(kept() + "-wal"), log);
        put_back(job_, database(), kept());
        EXPECT_EQ(bytes(database() + "-wal"), log);
        for (const char* const companion : {"", "-wal", "-shm"})
            std::filesystem::remove(kept() + ".undone" + companion);
    }
}

TEST_F(ExchangeTest, PutsTheOldFileBackWithItsLogAndOnlyOnce) {
    const Found backup = take(kNight);
    leave_a_log();
    replace_database(job_, database(), backup.path, kept());
    outside(database(), "delete from users");
    put_back(job_, database(), kept());
    put_back(job_, database(), kept());
    EXPECT_EQ(number(database(), "select count(*) from users where id = 9000"), 1);
    EXPECT_EQ(number(kept() + ".undone", "select count(*) from users"), 0);
    EXPECT_FALSE(std::filesystem::exists(kept()));
}

TEST_F(ExchangeTest, PutsBackWhatWasCutBeforeTheSwap) {
    leave_a_log();
    const std::string log = bytes(database() + "-wal");
    std::filesystem::create_hard_link(database(), kept());
    std::filesystem::create_hard_link(database() + "-wal", kept() + "-wal");
    std::filesystem::remove(database() + "-wal");
    put_back(job_, database(), kept());
    EXPECT_EQ(bytes(database() + "-wal"), log);
    EXPECT_FALSE(std::filesystem::exists(kept()));
    EXPECT_FALSE(std::filesystem::exists(kept() + "-wal"));
}

}  // namespace
}  // namespace drydock::backup
