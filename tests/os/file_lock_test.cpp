#include "engine/os/file_lock.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "tests/os/child_process.h"
#include "tests/os/temporary_folder.h"

namespace drydock::os {
namespace {

constexpr Microseconds kAtOnce{0};
constexpr Microseconds kLong{30'000'000};
using Line = test::ChildProcess::Line;

class Locks : public testing::Test {
  protected:
    test::TemporaryFolder folder_;
    std::string path_ = folder_ / "write.lock";

    // A process that holds the lock until it is told to let go.
    [[nodiscard]] auto holder(LockMode mode) const {
        return [path = path_, mode](const Line& line) {
            FileLock lock(path);
            line.tell(lock.acquire(mode, kLong) ? "held" : "not held");
            (void)line.hear();
            lock.release();
            line.tell("released");
            (void)line.hear();
        };
    }
};
using FileLockTest = Locks;
using ByteLockTest = Locks;

TEST_F(FileLockTest, IsHeldByOneProcessWhoseNumberStandsInIt) {
    test::ChildProcess child(holder(LockMode::Exclusive));
    ASSERT_EQ(child.hear(), "held");
    FileLock lock(path_);
    EXPECT_FALSE(lock.acquire(LockMode::Exclusive, kAtOnce));
    EXPECT_FALSE(lock.acquire(LockMode::Shared, kAtOnce));
    EXPECT_EQ(lock.holder_pid(), child.pid());
    EXPECT_FALSE(lock.held());
}

TEST_F(FileLockTest, GivesUpWhenTheTimeIsOver) {
    test::ChildProcess child(holder(LockMode::Exclusive));
    ASSERT_EQ(child.hear(), "held");
    FileLock lock(path_);
    EXPECT_FALSE(lock.acquire(LockMode::Exclusive, Microseconds(20'000)));
    child.tell("let go");
    ASSERT_EQ(child.hear(), "released");
    EXPECT_TRUE(lock.acquire(LockMode::Exclusive, kAtOnce))
        << "the interrupted wait left something behind";
}

TEST_F(FileLockTest, IsGivenToWhoWaitsAsSoonAsItIsFree) {
    test::ChildProcess child(holder(LockMode::Exclusive));
    ASSERT_EQ(child.hear(), "held");
    FileLock lock(path_);
    const std::jthread releases([&] { child.tell("let go"); });
    EXPECT_TRUE(lock.acquire(LockMode::Exclusive, kLong));
    EXPECT_EQ(lock.holder_pid(), ::getpid());
}

TEST_F(FileLockTest, IsFreeWhenItsHolderIsKilled) {
    test::ChildProcess child(holder(LockMode::Exclusive));
    ASSERT_EQ(child.hear(), "held");
    child.kill();
    FileLock lock(path_);
    EXPECT_TRUE(lock.acquire(LockMode::Exclusive, kAtOnce));
}

TEST_F(FileLockTest, IsSharedByReadersAndRefusedToAWriter) {
    test::ChildProcess child(holder(LockMode::Shared));
    ASSERT_EQ(child.hear(), "held");
    FileLock reader(path_);
    FileLock writer(path_);
    EXPECT_TRUE(reader.acquire(LockMode::Shared, kAtOnce));
    reader.release();
    EXPECT_FALSE(writer.acquire(LockMode::Exclusive, kAtOnce));
}

TEST_F(FileLockTest, FollowsAFileThatWasRemovedSoThatThereAreNeverTwoHolders) {
    FileLock first(path_);
    std::filesystem::remove(path_);
    FileLock second(path_);
    ASSERT_TRUE(second.acquire(LockMode::Exclusive, kAtOnce));
    EXPECT_FALSE(first.acquire(LockMode::Exclusive, kAtOnce));
    second.release();
    EXPECT_TRUE(first.acquire(LockMode::Exclusive, kAtOnce));
    EXPECT_FALSE(second.acquire(LockMode::Exclusive, kAtOnce));
}

TEST_F(FileLockTest, LetsNoIncrementOfFourProcessesBeLost) {
    folder_.put("counter", "0");
    const auto increment = [this](const Line& line) {
        FileLock lock(path_);
        for (int count = 0; count < 250; ++count) {
            if (!lock.acquire(LockMode::Exclusive, kLong)) ::_exit(1);
            const int before = std::stoi(folder_.get("counter"));
            folder_.put("counter", std::to_string(before + 1));
            lock.release();
        }
        line.tell("done");
    };
    std::vector<std::unique_ptr<test::ChildProcess>> children;
    for (int count = 0; count < 4; ++count) {
        children.push_back(std::make_unique<test::ChildProcess>(increment));
    }
    for (const auto& child : children) EXPECT_EQ(child->hear(), "done");
    EXPECT_EQ(folder_.get("counter"), "1000");
}

TEST_F(ByteLockTest, IsHeldByteByByte) {
    const auto third = ByteLock::try_acquire(path_, 3);
    ASSERT_TRUE(third);
    EXPECT_FALSE(ByteLock::try_acquire(path_, 3));
    EXPECT_TRUE(ByteLock::try_acquire(path_, 4));
    EXPECT_TRUE(ByteLock::is_held(path_, 3));
    EXPECT_FALSE(ByteLock::is_held(path_, 4));
}

TEST_F(ByteLockTest, SurvivesTheClosingOfAnotherDescriptorOfItsFile) {
    const auto lock = ByteLock::try_acquire(path_, 1);
    EXPECT_EQ(folder_.get("write.lock"),
              "");  // opened, read and closed: a POSIX lock would be gone
    EXPECT_TRUE(ByteLock::is_held(path_, 1));
}

TEST_F(ByteLockTest, StaysUntilTheLastHeirIsDead) {
    auto lock = ByteLock::try_acquire(path_, 1);
    ASSERT_TRUE(lock);
    test::ChildProcess heir([](const Line& line) { (void)line.hear(); });
    lock.reset();
    EXPECT_TRUE(ByteLock::is_held(path_, 1));
    heir.kill();
    EXPECT_FALSE(ByteLock::is_held(path_, 1));
}

TEST_F(ByteLockTest, IsNotHeldInAFileThatDoesNotExistAndAskingDoesNotMakeIt) {
    EXPECT_FALSE(ByteLock::is_held(path_, 1));
    EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace drydock::os
