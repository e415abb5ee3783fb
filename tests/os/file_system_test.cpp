#include "engine/os/file_system.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/error.h"
#include "tests/os/temporary_folder.h"

namespace drydock::os {
namespace {

std::string why_refused(const std::string& path) {
    try {
        check_private(path);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Refused);
        return error.message() + " | " + error.hint();
    }
    return "accepted";
}

TEST(CheckPrivate, AcceptsOnlyWhatNobodyElseMayTouch) {
    const test::TemporaryFolder folder;
    folder.put("key", "text");
    const std::string key = folder / "key";
    ::chmod(key.c_str(), 0600);
    EXPECT_EQ(why_refused(key), "accepted");
    EXPECT_EQ(why_refused(folder.path()), "accepted");
    ::chmod(key.c_str(), 0640);
    EXPECT_EQ(why_refused(key), key + " is open to others (mode 0640) | chmod 600 " + key);
    ::chmod(folder.path().c_str(), 0701);
    EXPECT_EQ(why_refused(folder.path()),
              folder.path() + " is open to others (mode 0701) | chmod 700 " + folder.path());
}

TEST(CheckPrivate, RefusesWhatBelongsToSomebodyElse) {
    const std::string path = ::geteuid() == 0 ? "" : "/etc/passwd";
    if (!path.empty()) {
        EXPECT_NE(why_refused(path).find("belongs to user 0"), std::string::npos);
        return;
    }
    const test::TemporaryFolder folder;
    folder.put("key", "text");
    const std::string key = folder / "key";
    ASSERT_EQ(::chown(key.c_str(), 12345, 12345), 0);
    EXPECT_NE(why_refused(key).find("belongs to user 12345, not to us (0)"), std::string::npos);
}

TEST(CheckLocal, AcceptsALocalDisk) {
    EXPECT_NO_THROW(check_local(test::TemporaryFolder().path()));
}

TEST(Space, IsWhatTheFileSystemSays) {
    const Space room = space("/tmp");
    EXPECT_GT(room.total.bytes, 0);
    EXPECT_LE(room.free, room.total);
    EXPECT_THROW((void)space("/no/such/folder"), Error);
}

}  // namespace
}  // namespace drydock::os
