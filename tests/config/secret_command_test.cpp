#include "engine/config/secret_command.h"

#include <gtest/gtest.h>
#include <signal.h>

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
    // Killed, and so either gone or waiting for init to notice: it runs no more.
    std::ifstream status("/proc/" + std::to_string(pid) + "/stat");
    std::string id;
    std::string name;
    char state = 'X';
    status >> id >> name >> state;
    EXPECT_TRUE(state == 'X' || state == 'Z') << state;
}

TEST(SecretCommand, EndsAlsoWhenTheProgramClosesItsOutputAndStays) {
    EXPECT_EQ(
        refusal({"sh", "-c", "exec >&-; sleep 1000"}, {.time = std::chrono::milliseconds(300)}),
        "sh did not end in time");
}

}  // namespace
}  // namespace drydock::config
