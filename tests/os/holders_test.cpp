#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "engine/os/process.h"
#include "engine/os/unique_fd.h"
#include "tests/os/child_process.h"
#include "tests/os/temporary_folder.h"

namespace drydock::os {
namespace {

using Line = test::ChildProcess::Line;

TEST(ProcessesHolding, NamesWhoHasTheFileOpen) {
    const test::TemporaryFolder folder;
    folder.put("app.db", "text");
    const std::string path = folder / "app.db";
    EXPECT_TRUE(processes_holding(path).empty());
    test::ChildProcess child([&](const Line& line) {
        ::pthread_setname_np(::pthread_self(), "holder");
        const UniqueFd fd(::open(path.c_str(), O_RDONLY));
        line.tell("open");
        (void)line.hear();
    });
    ASSERT_EQ(child.hear(), "open");
    const std::vector<Holder> holders = processes_holding(path);
    ASSERT_EQ(holders.size(), 1U);
    EXPECT_EQ(holders[0].pid, child.pid());
    EXPECT_EQ(holders[0].command, "holder");
    EXPECT_EQ(holders[0].user, user_name(::geteuid()));
    child.kill();
    EXPECT_TRUE(processes_holding(path).empty());
}

TEST(ProcessesHolding, LeavesOurselvesOut) {
    const test::TemporaryFolder folder;
    folder.put("app.db", "text");
    const UniqueFd fd(::open((folder / "app.db").c_str(), O_RDONLY));
    EXPECT_TRUE(processes_holding(folder / "app.db").empty());
}

TEST(ProcessesHolding, OfAMissingFileAreNone) {
    EXPECT_TRUE(processes_holding("/no/such/file").empty());
}

}  // namespace
}  // namespace drydock::os
