#include "engine/os/descendants.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/os/child_process.h"

namespace drydock::os {
namespace {

using Line = test::ChildProcess::Line;

// Forks `generations` processes, each the child of the one before, in a session of its own and
// deaf to SIGTERM; the last one tells.
[[noreturn]] void fork_chain(int generations, const Line& line) {
    for (int left = generations; left > 0 && ::fork() == 0; --left) {
        ::setsid();
        ::signal(SIGTERM, SIG_IGN);
        if (left == 1) line.tell("all there");
    }
    while (true) ::pause();
}

TEST(Descendants, AreKilledDownToTheLastGeneration) {
    test::ChildProcess child([](const Line& line) {
        adopt_orphans();
        const pid_t first = ::fork();
        if (first == 0) fork_chain(5, line);
        (void)line.hear();
        int ended = 0;
        kill_descendants([&](pid_t, int status) { ended += WIFSIGNALED(status) ? 1 : 0; });
        line.tell("ended " + std::to_string(ended));
    });
    ASSERT_EQ(child.hear(), "all there");
    child.tell("now");
    EXPECT_EQ(child.hear(), "ended 6");
}

TEST(Descendants, ThatEndedByThemselvesAreReapedWithTheirStatus) {
    test::ChildProcess child([](const Line& line) {
        const pid_t pid = ::fork();
        if (pid == 0) ::_exit(7);
        siginfo_t info{};
        ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT);
        std::string seen;
        const bool more = reap_children([&](pid_t ended, int status) {
            seen = ended == pid ? std::to_string(WEXITSTATUS(status)) : "another";
        });
        line.tell(seen + (more ? " more" : " none left"));
    });
    EXPECT_EQ(child.hear(), "7 none left");
}

}  // namespace
}  // namespace drydock::os
