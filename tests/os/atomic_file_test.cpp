#include "engine/os/atomic_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "engine/error.h"
#include "tests/os/seam_switch.h"
#include "tests/os/temporary_folder.h"

namespace drydock::os {
namespace {

unsigned mode_of(const std::string& path) {
    struct stat found {};
    EXPECT_EQ(::lstat(path.c_str(), &found), 0);
    return found.st_mode & 07777U;
}

TEST(AtomicFile, AppearsWithExactlyTheModeThatWasAsked) {
    const test::TemporaryFolder folder;
    const mode_t before = ::umask(077);
    write_file(folder / "a", "text", 0644);
    ::umask(before);
    EXPECT_EQ(folder.get("a"), "text");
    EXPECT_EQ(mode_of(folder / "a"), 0644U);
    EXPECT_EQ(folder.count(), 1);
}

TEST(AtomicFile, ReplacesAFileAndLeavesNothingElse) {
    const test::TemporaryFolder folder;
    write_file(folder / "a", "old");
    (void)test::take_kill_points();
    write_file(folder / "a", "new");
    EXPECT_EQ(folder.get("a"), "new");
    EXPECT_EQ(folder.count(), 1);
    EXPECT_EQ(test::take_kill_points(),
              (std::vector<std::string>{"file.before_rename", "file.after_rename"}));
}

TEST(AtomicFile, IsNotThereUntilItIsCommitted) {
    const test::TemporaryFolder folder;
    const UniqueFd handle(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY));
    {
        AtomicFile file(handle.get(), "a", 0600);
        file.write("half");
        EXPECT_FALSE(std::filesystem::exists(folder / "a"));
    }
    EXPECT_EQ(folder.count(), 0);
}

TEST(AtomicFile, ReplacesALinkInsteadOfWritingThroughIt) {
    const test::TemporaryFolder folder;
    folder.put("target", "untouched");
    std::filesystem::create_symlink("target", folder / "link");
    write_file(folder / "link", "new");
    EXPECT_EQ(folder.get("target"), "untouched");
    EXPECT_FALSE(std::filesystem::is_symlink(folder / "link"));
}

TEST(AtomicFile, TakesTheLongestName) {
    const test::TemporaryFolder folder;
    const std::string name(255, 'n');
    write_file(folder / name, "old");
    write_file(folder / name, "new");
    EXPECT_EQ(folder.get(name), "new");
    EXPECT_EQ(folder.count(), 1);
}

TEST(AtomicFile, IsWholeAlsoWhenManyWriteItAtOnce) {
    const test::TemporaryFolder folder;
    {
        std::vector<std::jthread> writers;
        for (char letter = 'a'; letter < 'e'; ++letter) {
            writers.emplace_back([&folder, letter] {
                for (int count = 0; count < 25; ++count) {
                    write_file(folder / "a", std::string(10'000, letter));
                }
            });
        }
    }
    const std::string text = folder.get("a");
    EXPECT_EQ(text, std::string(10'000, text.at(0)));
    EXPECT_EQ(folder.count(), 1);
}

TEST(AtomicFile, SaysWhichFolderIsMissing) {
    const test::TemporaryFolder folder;
    try {
        write_file(folder / "no/a", "text");
        FAIL() << "written";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::File);
        EXPECT_EQ(error.message(),
                  "opening folder " + (folder / "no") + ": No such file or directory");
    }
}

TEST(AtomicFile, OverAFolderFailsAndLeavesNothing) {
    const test::TemporaryFolder folder;
    std::filesystem::create_directory(folder / "a");
    EXPECT_THROW(write_file(folder / "a", "text"), Error);
    EXPECT_EQ(folder.count(), 1);
}

}  // namespace
}  // namespace drydock::os
