#include "engine/journal/open.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "engine/error.h"
#include "engine/journal/load.h"
#include "tests/doubles/temp_folder.h"
#include "tests/journal/journal_story.h"

namespace drydock::journal {
namespace {

OpenOptions options_for(const std::string& path) {
    return {.place = path,
            .uuid = std::string(16, 'u'),
            .self = {.host = "here", .pid = 1},
            .now = [] { return std::int64_t{1}; },
            .on_create = {}};
}

std::string said(const auto& work) {
    try {
        work();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Journal);
        return error.message();
    }
    return "no error";
}

void run_sql(const std::string& path, const char* sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
}

TEST(OpenJournal, MakesItPrivateAndSaysSo) {
    const TempFolder folder;
    const std::string path = folder.file("state/drydock/journal.db");
    OpenOptions options = options_for(path);
    std::string made;
    options.on_create = [&](const std::string& at) { made = at; };
    (void)open(options);
    EXPECT_EQ(made, path);
    struct stat info {};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    ASSERT_EQ(::stat(folder.file("state/drydock").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0700U);
    made.clear();
    (void)open(options);
    EXPECT_EQ(made, "");
}

TEST(OpenJournal, RefusesOneThatOthersCanRead) {
    const TempFolder folder;
    const std::string path = folder.file("j/journal.db");
    (void)open(options_for(path));
    ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
    EXPECT_NE(said([&] { (void)open(options_for(path)); }), "no error");
    EXPECT_NE(said([&] { (void)open_reader(path); }), "no error");
}

TEST(OpenJournal, RefusesOneOfAnotherUser) {
    if (::getuid() != 0) GTEST_SKIP() << "this test gives a file away: run it as root";
    const TempFolder folder;
    const std::string path = folder.file("j/journal.db");
    (void)open(options_for(path));
    ASSERT_EQ(::chown(path.c_str(), 12345, 12345), 0);
    EXPECT_NE(said([&] { (void)open(options_for(path)); }), "no error");
}

TEST(OpenJournal, RefusesADatabaseThatIsNoJournalAndLeavesItAlone) {
    const TempFolder folder;
    std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
    const std::string path = folder.file("app.db");
    run_sql(path, "create table t (x); insert into t values (1)");
    ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
    std::ifstream before(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(before), {}};
    EXPECT_NE(said([&] { (void)open(options_for(path)); }).find("not a drydock journal"),
              std::string::npos);
    std::ifstream after(path, std::ios::binary);
    EXPECT_EQ(bytes, (std::string{std::istreambuf_iterator<char>(after), {}}));
}

TEST(OpenJournal, RefusesANewerSchema) {
    const TempFolder folder;
    const std::string path = folder.file("j/journal.db");
    (void)open(options_for(path));
    run_sql(path, "update journal set schema = 99");
    EXPECT_NE(said([&] { (void)open(options_for(path)); }).find("schema 99"), std::string::npos);
    EXPECT_NE(said([&] { (void)open_reader(path); }).find("schema 99"), std::string::npos);
}

TEST(OpenJournal, RefusesWhatIsNoDatabase) {
    const TempFolder folder;
    const std::string path = folder.file("journal.db");
    std::ofstream(path) << std::string(5000, 'x');
    ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
    EXPECT_NE(said([&] { (void)open(options_for(path)); }), "no error");
}

TEST(OpenJournal, KeepsEventsAppendOnly) {
    const TempFolder folder;
    const std::string path = folder.file("j/journal.db");
    Chain chain(run_id(1));
    (void)open(options_for(path))->create(new_run(1), chain.created());
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    EXPECT_NE(
        sqlite3_exec(db, "update events set line = 'x' where seq = 1", nullptr, nullptr, nullptr),
        SQLITE_OK);
    EXPECT_NE(sqlite3_exec(db, "delete from events where seq = 2", nullptr, nullptr, nullptr),
              SQLITE_OK);
    const char* erase = "update events set salt = null, body = null where seq = 1";
    EXPECT_NE(sqlite3_exec(db, erase, nullptr, nullptr, nullptr), SQLITE_OK);
    run_sql(path, "update runs set ended = 5");
    EXPECT_EQ(sqlite3_exec(db, erase, nullptr, nullptr, nullptr), SQLITE_OK);
    EXPECT_NE(sqlite3_exec(db, "update ledger set line = 'x'", nullptr, nullptr, nullptr),
              SQLITE_OK);
    EXPECT_NE(sqlite3_exec(db, "delete from ledger", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(db);
    // An erased body leaves the chain whole.
    EXPECT_EQ(load(*open_reader(path), 1).state.seq(), 2);
}

TEST(OpenJournal, MovesItsLogIntoTheFileAsItGrows) {
    const TempFolder folder;
    SqliteJournal::Options options = journal_options(folder.path());
    options.passive_frames = 50;
    SqliteJournal journal(options);
    Chain chain(run_id(1));
    const auto claim = journal.create(new_run(1), chain.created());
    for (int i = 0; i < 200; ++i) journal.append(*claim, chain.one());
    EXPECT_GT(std::filesystem::file_size(folder.file("journal.db")), 50'000U);
    EXPECT_LT(std::filesystem::file_size(folder.file("journal.db-wal")), 600'000U);
}

TEST(OpenJournal, FindsAnAlteredLine) {
    const TempFolder folder;
    const std::string path = folder.file("j/journal.db");
    Chain chain(run_id(1));
    (void)open(options_for(path))->create(new_run(1), chain.created());
    run_sql(path,
            "drop trigger events_keep_lines; drop trigger events_erase_ended; update events set "
            "line = cast(replace(line, 'demo', 'dem0') as blob) where seq = 1");
    EXPECT_EQ(code_thrown([&] { (void)load(*open_reader(path), 1); }), ErrorCode::Integrity);
}

TEST(OpenJournal, RefusesToReadFromAReadOnlyMedium) {
    if (::getuid() != 0) GTEST_SKIP() << "this test mounts a folder read-only: run it as root";
    const TempFolder folder;
    const std::string path = folder.file("j/journal.db");
    (void)open(options_for(path));
    const pid_t pid = ::fork();
    if (pid == 0) {
        // In a mount namespace of its own, which ends with the process.
        const std::string at = folder.file("j");
        const bool mounted =
            ::unshare(CLONE_NEWNS) == 0 &&
            ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
            ::mount(at.c_str(), at.c_str(), nullptr, MS_BIND, nullptr) == 0 &&
            ::mount(nullptr, at.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) == 0;
        if (!mounted) ::_exit(2);
        const bool refused =
            said([&] { (void)open_reader(path); }).find("read-only") != std::string::npos;
        ::_exit(refused ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace drydock::journal
