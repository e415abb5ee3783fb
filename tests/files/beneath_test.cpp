#include "engine/files/beneath.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/files/workplace.h"
#include "tests/os/seam_switch.h"

namespace drydock::files {
namespace {

using BeneathTest = Workplace;

TEST_F(BeneathTest, ReadsByAbsoluteAndByRelativePath) {
    folder_.put("in/a", "text");
    EXPECT_EQ(files_.read("a"), "text");
    EXPECT_EQ(files_.read(folder_ / "in/a"), "text");
    EXPECT_EQ(files_.read("./b/../a"), "text");
}

TEST_F(BeneathTest, RefusesEveryPathThatIsNotBeneath) {
    EXPECT_EQ(refusal([&] { (void)files_.read("../secret"); }), outside("secret"));
    EXPECT_EQ(refusal([&] { (void)files_.read(folder_ / "secret"); }), outside("secret"));
    EXPECT_EQ(refusal([&] { (void)files_.read("a/../../secret"); }), outside("secret"));
    EXPECT_EQ(refusal([&] { files_.write("../new", "x"); }), outside("new"));
    EXPECT_EQ(refusal([&] { files_.mkdir("../new"); }), outside("new"));
    EXPECT_EQ(refusal([&] { (void)files_.exists("../secret"); }), outside("secret"));
    EXPECT_EQ(refusal([&] { files_.copy("../secret", "a"); }), outside("secret"));
    EXPECT_EQ(refusal([&] { (void)files_.remove("../secret"); }), outside("secret"));
    EXPECT_EQ(refusal([&] { (void)files_.read("/proc/self/environ"); }),
              "permission: /proc/self/environ is not beneath files:");
    EXPECT_EQ(folder_.count(), 2);
}

TEST_F(BeneathTest, DoesNotTakeANeighbourWithALongerNameForAnEntry) {
    std::filesystem::create_directory(folder_ / "inner");
    folder_.put("inner/a", "x");
    EXPECT_EQ(refusal([&] { (void)files_.read("../inner/a"); }), outside("inner/a"));
}

TEST_F(BeneathTest, FollowsLinksThatStayAndRefusesThoseThatLeadOut) {
    folder_.put("in/a", "text");
    std::filesystem::create_directory(folder_ / "in/deep");
    link("../a", "in/deep/stays");
    link("../secret", "in/relative");
    link(folder_ / "secret", "in/absolute");
    link("..", "in/folder");
    EXPECT_EQ(files_.read("deep/stays"), "text");
    EXPECT_EQ(refusal([&] { (void)files_.read("relative"); }), leads_out("in/relative"));
    EXPECT_EQ(refusal([&] { (void)files_.read("absolute"); }), leads_out("in/absolute"));
    EXPECT_EQ(refusal([&] { (void)files_.read("folder/secret"); }), leads_out("in/folder/secret"));
    EXPECT_EQ(refusal([&] { files_.write("folder/new", "x"); }), leads_out("in/folder/new"));
    EXPECT_EQ(refusal([&] { files_.mkdir("folder/new"); }), leads_out("in/folder/new"));
    EXPECT_EQ(refusal([&] { (void)files_.list("folder"); }), leads_out("in/folder"));
    EXPECT_EQ(folder_.count(), 2);
}

TEST_F(BeneathTest, WithoutConfinementALinkLeadsOut) {
    link("../secret", "in/relative");
    const test::Without without(Protection::Confinement);
    EXPECT_EQ(files_.read("relative"), "secret text") << "the control shows nothing";
}

TEST_F(BeneathTest, ReplacesALinkThatLeadsOutInsteadOfWritingThroughIt) {
    link("../secret", "in/a");
    files_.write("a", "new");
    EXPECT_EQ(folder_.get("secret"), "secret text");
    EXPECT_EQ(folder_.get("in/a"), "new");
}

TEST_F(BeneathTest, IsNotFooledByALinkThatIsSwappedAllTheTime) {
    folder_.put("in/a", "text");
    link("a", "in/good");
    link("../secret", "in/bad");
    std::filesystem::copy_symlink(folder_ / "in/good", folder_ / "in/it");
    std::atomic<bool> over = false;
    std::jthread swapper([&] {
        while (!over) {
            for (const char* name : {"in/bad", "in/good"}) {
                std::filesystem::copy_symlink(folder_ / name, folder_ / "in/next");
                std::filesystem::rename(folder_ / "in/next", folder_ / "in/it");
            }
        }
    });
    int refused = 0;
    int read = 0;
    for (int round = 0; round < 20'000 && (refused < 500 || read < 500); ++round) {
        const std::string why = refusal([&] { EXPECT_EQ(files_.read("it"), "text"); });
        if (why == "accepted") {
            ++read;
        } else {
            ++refused;
            EXPECT_EQ(why, leads_out("in/it"));
        }
    }
    over = true;
    EXPECT_GT(read, 0);
    EXPECT_GT(refused, 0);
}

TEST_F(BeneathTest, IsNotFooledByAFolderThatIsSwappedForALink) {
    std::filesystem::create_directory(folder_ / "out");
    folder_.put("out/a", "secret text");
    std::filesystem::create_directory(folder_ / "in/sub");
    folder_.put("in/sub/a", "text");
    link("../out", "in/bad");
    std::atomic<bool> over = false;
    std::jthread swapper([&] {
        while (!over) {
            ASSERT_EQ(::renameat2(AT_FDCWD, (folder_ / "in/sub").c_str(), AT_FDCWD,
                                  (folder_ / "in/bad").c_str(), RENAME_EXCHANGE),
                      0);
        }
    });
    for (int round = 0; round < 3000; ++round) {
        (void)refusal([&] { EXPECT_EQ(files_.read("sub/a"), "text"); });
        (void)refusal([&] { files_.write("sub/new", "x"); });
        (void)refusal([&] { files_.mkdir("sub/folder"); });
        (void)refusal([&] { (void)files_.remove("sub/a-that-is-not-there"); });
    }
    over = true;
    swapper.join();
    EXPECT_FALSE(std::filesystem::exists(folder_ / "out/new"));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "out/folder"));
    EXPECT_TRUE(std::filesystem::exists(folder_ / "in/sub/new") ||
                std::filesystem::exists(folder_ / "in/bad/new"));
}

TEST_F(BeneathTest, HoldsItsEntryAlsoWhenThatIsSwappedForALink) {
    folder_.put("in/secret", "inside");
    EXPECT_EQ(files_.read("secret"), "inside");
    std::filesystem::rename(folder_ / "in", folder_ / "moved");
    link(".", "in");
    EXPECT_EQ(files_.read("secret"), "inside");
}

TEST_F(BeneathTest, TakesHoldAgainOfAnEntryThatWasDeletedAndMadeAnew) {
    std::filesystem::remove_all(folder_ / "in");
    EXPECT_FALSE(files_.exists("a"));
    std::filesystem::create_directory(folder_ / "in");
    folder_.put("in/a", "text");
    EXPECT_EQ(files_.read("a"), "text");
}

TEST_F(BeneathTest, AllowsAnEntryUnderTheNameBehindItsLinkToo) {
    link("in", "entry");
    folder_.put("in/a", "text");
    Confined files({folder_ / "entry"}, "/", databases_);
    EXPECT_EQ(files.read(folder_ / "entry/a"), "text");
    EXPECT_EQ(files.read(folder_ / "in/a"), "text");
}

TEST_F(BeneathTest, AllowsASingleFileAndNothingBesideIt) {
    folder_.put("conf", "old");
    Confined files({folder_ / "conf"}, "/", databases_);
    EXPECT_EQ(files.read(folder_ / "conf"), "old");
    files.write(folder_ / "conf", "new");
    EXPECT_EQ(files.read(folder_ / "conf"), "new");
    EXPECT_EQ(refusal([&] { (void)files.read(folder_ / "secret"); }), outside("secret"));
    EXPECT_EQ(refusal([&] { (void)files.read(folder_ / "conf/x"); }), outside("conf/x"));
}

TEST_F(BeneathTest, DoesNotFollowASingleFileThatBecameALink) {
    folder_.put("conf", "old");
    Confined files({folder_ / "conf"}, "/", databases_);
    std::filesystem::remove(folder_ / "conf");
    link("secret", "conf");
    EXPECT_EQ(refusal([&] { (void)files.read(folder_ / "conf"); }), leads_out("conf"));
}

TEST_F(BeneathTest, AllowsAFileThatDoesNotExistYet) {
    Confined files({folder_ / "later"}, "/", databases_);
    EXPECT_FALSE(files.exists(folder_ / "later"));
    files.write(folder_ / "later", "now");
    EXPECT_EQ(files.read(folder_ / "later"), "now");
}

TEST_F(BeneathTest, MakesAnEntryThatDoesNotExistYetWithWhatIsAboveIt) {
    Confined files({folder_ / "a/b/c"}, "/", databases_);
    EXPECT_EQ(refusal([&] { files.write(folder_ / "a/b/c/x", "x"); }),
              "file: " + (folder_ / "a/b/c/x") + ": No such file or directory");
    EXPECT_EQ(refusal([&] { files.mkdir(folder_ / "a/b"); }), outside("a/b"));
    files.mkdir(folder_ / "a/b/c/d");
    files.write(folder_ / "a/b/c/d/x", "text");
    EXPECT_EQ(files.read(folder_ / "a/b/c/d/x"), "text");
    struct stat made {};
    ASSERT_EQ(::stat((folder_ / "a").c_str(), &made), 0);
    EXPECT_EQ(made.st_mode & 0777U, 0700U);
}

TEST_F(BeneathTest, NeverChangesAnEntryItself) {
    const std::string itself = "permission: " + (folder_ / "in") + " is a folder of files: itself";
    EXPECT_EQ(refusal([&] { (void)files_.remove("."); }), itself);
    EXPECT_EQ(refusal([&] { files_.write(".", "x"); }), itself);
    EXPECT_EQ(refusal([&] { files_.move(".", "x"); }), itself);
}

}  // namespace
}  // namespace drydock::files
