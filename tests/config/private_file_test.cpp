#include "engine/config/private_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "engine/error.h"
#include "runbook/temporary_folder.h"

namespace drydock::config {
namespace {

std::string refusal(const std::string& path, std::size_t limit = 100) {
    try {
        return "read: " + read_private_file(path, limit);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Document);
        EXPECT_EQ(error.message().find("geheim"), std::string::npos);
        return error.message();
    }
}

TEST(PrivateFile, IsReadWhenOnlyOwnerAndGroupMayReadIt) {
    const runbook::TemporaryFolder folder;
    const std::string path = folder.write("key", "geheim");
    for (const mode_t mode : {0400U, 0600U, 0640U}) {
        ASSERT_EQ(::chmod(path.c_str(), mode), 0);
        EXPECT_EQ(refusal(path), "read: geheim");
    }
}

TEST(PrivateFile, IsRefusedWhenOthersMayReadOrTheGroupMayWriteIt) {
    const runbook::TemporaryFolder folder;
    const std::string path = folder.write("key", "geheim");
    for (const mode_t mode : {0604U, 0602U, 0660U, 0777U}) {
        ASSERT_EQ(::chmod(path.c_str(), mode), 0);
        EXPECT_EQ(refusal(path), path + " can be read or changed by other users");
    }
}

TEST(PrivateFile, IsAFileOfItsSize) {
    const runbook::TemporaryFolder folder;
    const std::string path = folder.write("key", "geheim");
    EXPECT_EQ(refusal(path, 5), path + " has more than 5 bytes");
    EXPECT_EQ(refusal(folder.path()), folder.path() + " is not a regular file");
    EXPECT_EQ(refusal(folder.path("none")),
              "reading " + folder.path("none") + ": No such file or directory");
    ASSERT_EQ(::mkfifo(folder.path("fifo").c_str(), 0600), 0);
    EXPECT_EQ(refusal(folder.path("fifo")),
              folder.path("fifo") + " is not a regular file");  // and does not hang
}

}  // namespace
}  // namespace drydock::config
