#include "engine/files/confined.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/os/unique_fd.h"
#include "tests/files/workplace.h"
#include "tests/os/seam_switch.h"

namespace drydock::files {
namespace {

using ConfinedTest = Workplace;

unsigned mode_of(const std::string& path) {
    struct stat found {};
    EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
    return found.st_mode & 07777U;
}

TEST_F(ConfinedTest, WritesWholeFilesWithTheModeThatWasAsked) {
    files_.write("a", "one");
    files_.write("a", std::string("two\0", 4), 0640);
    EXPECT_EQ(files_.read("a"), std::string("two\0", 4));
    EXPECT_EQ(mode_of(folder_ / "in/a"), 0640U);
    files_.write("b", "");
    EXPECT_EQ(mode_of(folder_ / "in/b"), 0600U);
    EXPECT_EQ(files_.list("."), (std::vector<std::string>{"a", "b"}));
}

TEST_F(ConfinedTest, RefusesToReadMoreThanTheLimit) {
    files_.write("a", std::string(1025, 'x'));
    EXPECT_EQ(files_.read("a", 1025).size(), 1025U);
    EXPECT_EQ(refusal([&] { (void)files_.read("a", 1024); }),
              "file: " + (folder_ / "in/a") + " is larger than the 1KiB that are read");
}

TEST_F(ConfinedTest, RefusesEverythingThatIsNoRegularFileWithoutBlocking) {
    ASSERT_EQ(::mkfifo((folder_ / "in/pipe").c_str(), 0600), 0);
    const os::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    (folder_ / "in/socket").copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    std::filesystem::create_directory(folder_ / "in/sub");
    files_.write("good", "text");
    for (const std::string name : {"pipe", "socket", "sub"}) {
        const std::string why = "file: " + (folder_ / ("in/" + name)) + " is not a regular file";
        EXPECT_EQ(refusal([&] { (void)files_.read(name); }), why);
        EXPECT_EQ(refusal([&] { files_.write(name, "x"); }), why);
        EXPECT_EQ(refusal([&] { files_.copy(name, "copy"); }), why);
        EXPECT_EQ(refusal([&] { files_.copy("good", name); }), why);
        EXPECT_EQ(refusal([&] { (void)files_.sha256(name); }), why);
        EXPECT_EQ(refusal([&] { files_.compress(name, "x.gz"); }), why);
        EXPECT_EQ(refusal([&] { (void)files_.checked_path(name, true); }), why);
    }
    EXPECT_EQ(refusal([&] { (void)files_.remove("pipe"); }),
              "file: " + (folder_ / "in/pipe") + " is not a regular file");
    Confined devices({"/dev"}, "/dev", databases_);
    EXPECT_EQ(refusal([&] { (void)devices.read("zero"); }),
              "file: /dev/zero is not a regular file");
    EXPECT_EQ(files_.stat("pipe").kind, "other");
}

TEST_F(ConfinedTest, CopiesContentAndMode) {
    files_.write("a", std::string(3'000'000, 'x'), 0750);
    files_.copy("a", "b");
    EXPECT_EQ(files_.read("b"), files_.read("a"));
    EXPECT_EQ(mode_of(folder_ / "in/b"), 0750U);
    files_.copy("a", "a");
    EXPECT_EQ(files_.stat("a").size, Size{3'000'000});
}

TEST_F(ConfinedTest, MovesFilesFoldersAndLinksWithoutFollowing) {
    files_.write("a", "text");
    files_.write("old", "old");
    (void)test::take_kill_points();
    files_.move("a", "old");
    EXPECT_EQ(test::take_kill_points(),
              (std::vector<std::string>{"file.before_rename", "file.after_rename"}));
    EXPECT_EQ(files_.read("old"), "text");
    EXPECT_FALSE(files_.exists("a"));
    files_.mkdir("x/y");
    files_.move("x", "z");
    EXPECT_EQ(files_.list("z"), std::vector<std::string>{"y"});
    link("../secret", "in/link");
    files_.move("link", "moved");
    EXPECT_EQ(files_.stat("moved").kind, "link");
    EXPECT_EQ(refusal([&] { files_.move("none", "b"); }),
              "file: " + (folder_ / "in/none") + ": No such file or directory");
}

TEST_F(ConfinedTest, MovesToAnotherFileSystem) {
    struct stat here {};
    struct stat there {};
    ASSERT_EQ(::stat(folder_.path().c_str(), &here), 0);
    if (::stat("/dev/shm", &there) != 0 || here.st_dev == there.st_dev) {
        GTEST_SKIP() << "only one file system";
    }
    std::string other = "/dev/shm/drydock-test-XXXXXX";
    ASSERT_NE(::mkdtemp(other.data()), nullptr);
    Confined files({folder_ / "in", other}, folder_ / "in", databases_);
    files.write("a", "text", 0640);
    files.move("a", other + "/b");
    EXPECT_EQ(files.read(other + "/b"), "text");
    EXPECT_EQ(mode_of(other + "/b"), 0640U);
    EXPECT_FALSE(files.exists("a"));
    std::filesystem::remove_all(other);
}

TEST_F(ConfinedTest, RemovesFilesLinksAndEmptyFoldersAndSaysWhetherThereWasOne) {
    files_.write("a", "text");
    files_.mkdir("sub/deep");
    link("../secret", "in/link");
    EXPECT_TRUE(files_.remove("a"));
    EXPECT_FALSE(files_.remove("a"));
    EXPECT_TRUE(files_.remove("link"));
    EXPECT_EQ(folder_.get("secret"), "secret text");
    EXPECT_EQ(refusal([&] { (void)files_.remove("sub"); }),
              "file: " + (folder_ / "in/sub") + ": Directory not empty");
    EXPECT_TRUE(files_.remove("sub/deep"));
    EXPECT_TRUE(files_.remove("sub"));
}

TEST_F(ConfinedTest, MakesFoldersWithThoseAboveThemAndDoesNotMindThatTheyAreThere) {
    files_.mkdir("a/b/c");
    files_.mkdir("a/b/c");
    files_.mkdir(".");
    EXPECT_EQ(files_.stat("a/b/c").kind, "folder");
    files_.write("file", "x");
    EXPECT_EQ(refusal([&] { files_.mkdir("file"); }),
              "file: " + (folder_ / "in/file") + ": Not a directory");
    EXPECT_EQ(refusal([&] { files_.mkdir("file/x"); }),
              "file: " + (folder_ / "in/file/x") + ": Not a directory");
}

TEST_F(ConfinedTest, TellsWhatIsThere) {
    files_.write("a", "12345", 0640);
    link("a", "in/link");
    link("nowhere", "in/dangling");
    EXPECT_EQ(files_.stat("a").kind, "file");
    EXPECT_EQ(files_.stat("a").size, Size{5});
    EXPECT_EQ(files_.stat("a").mode, 0640);
    EXPECT_EQ(files_.stat("a").path, folder_ / "in/a");
    EXPECT_GT(files_.stat("a").modified.micros, 1'600'000'000'000'000);
    EXPECT_EQ(files_.stat("link").kind, "link");
    EXPECT_EQ(files_.stat(".").kind, "folder");
    EXPECT_TRUE(files_.exists("dangling"));
    EXPECT_FALSE(files_.exists("none"));
    EXPECT_FALSE(files_.exists("a/b"));
    EXPECT_EQ(refusal([&] { (void)files_.stat("none"); }),
              "file: " + (folder_ / "in/none") + ": No such file or directory");
}

TEST_F(ConfinedTest, TellsHowMuchRoomThereIs) {
    const Confined::Room room = files_.room(".");
    EXPECT_GT(room.total.bytes, 0);
    EXPECT_LE(room.free, room.total);
}

TEST_F(ConfinedTest, MakesEachTemporaryFileOnce) {
    const std::string first = files_.temp(".", "dump-");
    const std::string second = files_.temp(".", "dump-");
    EXPECT_NE(first, second);
    EXPECT_TRUE(first.starts_with(folder_ / "in/dump-")) << first;
    EXPECT_EQ(mode_of(first), 0600U);
    EXPECT_EQ(files_.read(second), "");
    EXPECT_NE(refusal([&] { (void)files_.temp(".", "../x"); }), "accepted");
}

TEST_F(ConfinedTest, GivesACheckedPathWithoutLinksInIt) {
    files_.mkdir("sub");
    files_.write("sub/app.db", "x");
    link("sub", "in/link");
    link("../secret", "in/out");
    link("nowhere", "in/dangling");
    EXPECT_EQ(files_.checked_path("link/app.db", true), folder_ / "in/sub/app.db");
    EXPECT_EQ(files_.checked_path("link/new.db", false), folder_ / "in/sub/new.db");
    EXPECT_EQ(refusal([&] { (void)files_.checked_path("new.db", true); }),
              "file: " + (folder_ / "in/new.db") + ": No such file or directory");
    EXPECT_EQ(refusal([&] { (void)files_.checked_path("out", false); }), leads_out("in/out"));
    EXPECT_EQ(refusal([&] { (void)files_.checked_path("dangling", false); }),
              leads_out("in/dangling"));
}

TEST_F(ConfinedTest, RefusesAPathWithAZeroByte) {
    files_.write("a", "text");
    EXPECT_NE(refusal([&] { (void)files_.read(std::string_view("a\0b", 3)); }), "accepted");
    EXPECT_NE(refusal([&] { files_.write(std::string_view("a\0b", 3), "x"); }), "accepted");
    EXPECT_EQ(files_.read("a"), "text");
}

}  // namespace
}  // namespace drydock::files
