#include "engine/config/secret_command.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "engine/error.h"
#include "runbook/temporary_folder.h"

namespace drydock::config {
namespace {

std::string refusal(const std::vector<std::string>& argv, const SecretCommandLimits& limits = {}) {
    try {
        return "printed " + std::to_string(run_secret_command(argv, limits).size());
    } catch (const Error& error) {
        EXPECT_EQ(error.message().find("geheim"), std::string::npos);
        return error.message();
    }
}

TEST(SecretCommand, GivesWhatTheProgramPrints) {
    EXPECT_EQ(run_secret_command({"printf", "%s", "$HOME; x"}), "$HOME; x");  // no shell
    EXPECT_EQ(run_secret_command({"cat"}), "");                              // no input
    EXPECT_EQ(run_secret_command({"sh", "-c", "echo geheim >&2; printf ok"}), "ok");
}

TEST(SecretCommand, SaysHowItFailedAndNotWhatItPrinted) {
    EXPECT_EQ(refusal({"sh", "-c", "echo geheim; exit 3"}), "sh failed with exit status 3");
    EXPECT_EQ(refusal({"sh", "-c", "kill -9 $$"}), "sh was killed by signal 9");
    EXPECT_EQ(refusal({"/nonexistent/program"}),
              "starting /nonexistent/program: No such file or directory");
}

TEST(SecretCommand, IsBoundedInOutput) {
    EXPECT_EQ(refusal({"cat", "/dev/zero"}), "cat printed more than 65536 bytes");
}

// The end of a process that is no child of ours, as a signal to wait for: it is gone already, or
// its descriptor becomes readable. A kill takes effect a moment after kill(2) has returned.
bool ends(pid_t pid) {
    const int fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (fd < 0) return errno == ESRCH;
    pollfd waited{fd, POLLIN, 0};
    const bool ended = ::poll(&waited, 1, 20'000) == 1;
    ::close(fd);
    return ended;
}

TEST(SecretCommand, IsKilledWithItsChildrenWhenItDoesNotEnd) {
    const runbook::TemporaryFolder folder;
    const std::string pid_file = folder.path("pid");
    EXPECT_EQ(refusal({"sh", "-c", "sleep 1000 & echo $! > " + pid_file + "; wait"},
                      {.time = std::chrono::milliseconds(500)}),
              "sh did not end in time");
    std::ifstream stream(pid_file);
    pid_t pid = 0;
    stream >> pid;
    ASSERT_GT(pid, 0);
    EXPECT_TRUE(ends(pid)) << pid;
}

TEST(SecretCommand, EndsAlsoWhenTheProgramClosesItsOutputAndStays) {
    EXPECT_EQ(
        refusal({"sh", "-c", "exec >&-; sleep 1000"}, {.time = std::chrono::milliseconds(300)}),
        "sh did not end in time");
}

}  // namespace
}  // namespace drydock::config
