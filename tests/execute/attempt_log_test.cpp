#include "engine/execute/attempt_log.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>

#include <fstream>

#include "engine/crypto/digest.h"
#include "engine/error.h"
#include "engine/seam.h"
#include "tests/doubles/temp_folder.h"

namespace drydock::execute {
namespace {

std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(AttemptLog, MakesNoFileWithoutALine) {
    const TempFolder folder;
    AttemptLog log(folder.file("logs/run"), "do/a", 1);
    EXPECT_EQ(log.close().digest, "");
    EXPECT_FALSE(std::filesystem::exists(folder.file("logs")));
}

TEST(AttemptLog, NamesTheDigestOfWhatIsOnDisk) {
    const TempFolder folder;
    AttemptLog log(folder.file("logs/run"), "do/each[2]", 3);
    log.write("one");
    log.write("two");
    const LogEnd end = log.close();
    const std::string bytes = bytes_of(folder.file("logs/run/do.each[2].3.log"));
    EXPECT_EQ(bytes, "one\ntwo\n");
    EXPECT_EQ(end.bytes, 8);
    EXPECT_EQ(end.digest, crypto::to_base64(crypto::sha256(bytes)));
    EXPECT_EQ(AttemptLog::found(folder.file("logs/run"), "do/each[2]", 3).digest, end.digest);
}

TEST(AttemptLog, KeepsHeadAndTailOfALongOneAndCountsTheMiddle) {
    const TempFolder folder;
    AttemptLog log(folder.file("logs/run"), "do/a", 1, 1000);
    for (int i = 1000; i < 1400; ++i) log.write("line " + std::to_string(i));  // 10 bytes each
    const LogEnd end = log.close();
    const std::string bytes = bytes_of(folder.file("logs/run/do.a.1.log"));
    EXPECT_LE(end.bytes, 1100);
    EXPECT_TRUE(bytes.starts_with("line 1000\nline 1001\n"));
    EXPECT_TRUE(bytes.ends_with("line 1398\nline 1399\n"));
    EXPECT_NE(bytes.find(" bytes left out]\n"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(folder.file("logs/run/do.a.1.log.tail0")));
}

// From here on every fdatasync of this process fails, as on a disk that has just died.
void break_fdatasync() {
    sock_filter code[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                          BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fdatasync, 0, 1),
                          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EIO),
                          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    const sock_fprog program{4, code};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        ::_exit(2);
    }
}

// In a process of its own: 0 when closing the log fails, 1 when it does not.
int close_fails_with_a_dead_disk(bool protection) {
    const TempFolder folder;
    const pid_t pid = ::fork();
    if (pid == 0) {
        if (!protection)
            ::setenv("DRYDOCK_TEST_WITHOUT",
                     ("," + std::to_string(static_cast<int>(Protection::LogSync)) + ",").c_str(),
                     1);
        break_fdatasync();
        AttemptLog log(folder.file("logs/run"), "do/a", 1);
        log.write("one");
        try {
            (void)log.close();
        } catch (const Error&) {
            ::_exit(0);
        }
        ::_exit(1);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(AttemptLog, IsNotClosedWhenItCannotBeSynced) {
    EXPECT_EQ(close_fails_with_a_dead_disk(true), 0);
    EXPECT_EQ(close_fails_with_a_dead_disk(false), 1);  // without the sync nobody notices
}

}  // namespace
}  // namespace drydock::execute
