#include "engine/os/private_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/os/child_process.h"

namespace drydock::os {
namespace {

std::string text_at(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(PrivateFile, IsReadByItsPathWithModeOf0600) {
    const PrivateFile file("a line\n");
    struct stat found {};
    ASSERT_EQ(::stat(file.path().c_str(), &found), 0);
    EXPECT_EQ(found.st_mode, S_IFREG | 0600U);
    // In another process, and more than once.
    test::ChildProcess other([&](const test::ChildProcess::Line& line) {
        line.tell(text_at(file.path()) + text_at(file.path()));
    });
    EXPECT_EQ(other.hear() + other.hear(), "a linea line");
}

TEST(PrivateFile, IsGoneWithItsOwner) {
    std::string path;
    {
        const PrivateFile file("text");
        path = file.path();
        EXPECT_EQ(text_at(path), "text");
    }
    EXPECT_NE(::access(path.c_str(), F_OK), 0);
}

TEST(PrivateFile, IsGoneWhenItsProcessIsKilled) {
    test::ChildProcess owner([](const test::ChildProcess::Line& line) {
        const PrivateFile file("text");
        line.tell(file.path());
        (void)line.hear();
    });
    const std::string path = owner.hear();
    EXPECT_EQ(text_at(path), "text");
    owner.kill();
    EXPECT_NE(::access(path.c_str(), F_OK), 0);
}

}  // namespace
}  // namespace drydock::os
