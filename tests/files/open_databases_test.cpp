#include <fcntl.h>
#include <unistd.h>

#include "engine/os/unique_fd.h"
#include "tests/files/workplace.h"
#include "tests/os/child_process.h"
#include "tests/os/seam_switch.h"

namespace drydock::files {
namespace {

class OpenDatabasesTest : public Workplace {
  protected:
    OpenDatabasesTest() {
        files_.write("app.db", "database");
        files_.write("app.db-shm", "shared memory");
        files_.write("other", "text");
        databases_.add(folder_ / "in/app.db", "connections.app");
    }
    [[nodiscard]] std::string in_use(std::string_view name) const {
        return "permission: " + (folder_ / name) + " is a database in use by connections.app";
    }
    // True when another process could take the lock that this one has on app.db: a POSIX lock, as
    // SQLite uses them, which every close() of the file in this process drops.
    [[nodiscard]] bool lock_is_lost() const {
        test::ChildProcess other(
            [path = folder_ / "in/app.db"](const test::ChildProcess::Line& line) {
                const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
                struct flock lock {};
                lock.l_type = F_WRLCK;
                line.tell(::fcntl(fd, F_SETLK, &lock) == 0 ? "lost" : "kept");
            });
        return other.hear() == "lost";
    }
    [[nodiscard]] os::UniqueFd lock_database() const {
        os::UniqueFd fd(::open((folder_ / "in/app.db").c_str(), O_RDWR | O_CLOEXEC));
        struct flock lock {};
        lock.l_type = F_WRLCK;
        EXPECT_EQ(::fcntl(fd.get(), F_SETLK, &lock), 0);
        return fd;
    }
};

TEST_F(OpenDatabasesTest, AreRefusedByEveryPrimitiveThatWouldOpenOrReplaceThem) {
    const os::UniqueFd locked = lock_database();
    const std::string why = in_use("in/app.db");
    EXPECT_EQ(refusal([&] { (void)files_.read("app.db"); }), why);
    EXPECT_EQ(refusal([&] { (void)files_.sha256("app.db"); }), why);
    EXPECT_EQ(refusal([&] { files_.copy("app.db", "x"); }), why);
    EXPECT_EQ(refusal([&] { files_.copy("other", "app.db"); }), why);
    EXPECT_EQ(refusal([&] { files_.write("app.db", "x"); }), why);
    EXPECT_EQ(refusal([&] { files_.move("app.db", "x"); }), why);
    EXPECT_EQ(refusal([&] { files_.move("other", "app.db"); }), why);
    EXPECT_EQ(refusal([&] { (void)files_.remove("app.db"); }), why);
    EXPECT_EQ(refusal([&] { files_.compress("app.db", "x.gz"); }), why);
    EXPECT_EQ(refusal([&] { (void)files_.checked_path("app.db", true); }), why);
    EXPECT_EQ(refusal([&] { (void)files_.read("app.db-shm"); }), in_use("in/app.db-shm"));
    EXPECT_EQ(files_.stat("app.db").size, Size{8});
    EXPECT_FALSE(lock_is_lost());
}

TEST_F(OpenDatabasesTest, WithoutTheProtectionReadingDropsTheLock) {
    const os::UniqueFd locked = lock_database();
    ASSERT_FALSE(lock_is_lost());
    const test::Without without(Protection::OpenDatabases);
    (void)files_.sha256("app.db");
    EXPECT_TRUE(lock_is_lost()) << "the control shows nothing";
}

TEST_F(OpenDatabasesTest, AreKnownThroughLinksOfBothKinds) {
    link("app.db", "in/soft");
    std::filesystem::create_hard_link(folder_ / "in/app.db", folder_ / "in/hard");
    EXPECT_EQ(refusal([&] { (void)files_.read("soft"); }), in_use("in/soft"));
    EXPECT_EQ(refusal([&] { (void)files_.read("hard"); }), in_use("in/hard"));
}

TEST_F(OpenDatabasesTest, IncludeAFileThatComesLaterAndTheOneThatWasReplaced) {
    files_.write("app.db-wal", "later");
    EXPECT_EQ(refusal([&] { (void)files_.read("app.db-wal"); }), in_use("in/app.db-wal"));
    std::filesystem::rename(folder_ / "in/app.db", folder_ / "in/kept");
    folder_.put("in/app.db", "another");
    EXPECT_EQ(refusal([&] { (void)files_.read("app.db"); }), in_use("in/app.db"));
    EXPECT_EQ(refusal([&] { (void)files_.read("kept"); }), in_use("in/kept"));
}

TEST_F(OpenDatabasesTest, AreFreeWhenTheLastConnectionIsGone) {
    databases_.add(folder_ / "in/app.db", "connections.app");
    databases_.remove(folder_ / "in/app.db");
    EXPECT_EQ(refusal([&] { (void)files_.read("app.db"); }), in_use("in/app.db"));
    databases_.remove(folder_ / "in/app.db");
    EXPECT_EQ(files_.read("app.db"), "database");
}

}  // namespace
}  // namespace drydock::files
