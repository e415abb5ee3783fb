#include "engine/os/signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "tests/os/child_process.h"

namespace drydock::os {
namespace {

using Line = test::ChildProcess::Line;

TEST(SignalWatch, TurnsSignalsIntoSomethingToRead) {
    SignalWatch watch;
    EXPECT_FALSE(watch.read());
    ::kill(::getpid(), SIGINT);
    EXPECT_EQ(watch.read(), SIGINT);
    ::kill(::getpid(), SIGTERM);
    EXPECT_EQ(watch.read(), SIGTERM);
    ::kill(::getpid(), SIGWINCH);
    EXPECT_EQ(watch.read(), SIGWINCH);
    EXPECT_FALSE(watch.read());
}

TEST(SignalWatch, SurvivesAHangUpAndAClosedPipe) {
    test::ChildProcess child([](const Line& line) {
        const SignalWatch watch;
        ::raise(SIGHUP);
        ::raise(SIGPIPE);
        ::raise(SIGXFSZ);
        line.tell("alive");
    });
    EXPECT_EQ(child.hear(), "alive");
}

TEST(SignalWatch, PutsBackWhatItFoundAndDropsWhatWasNotRead) {
    test::ChildProcess child([](const Line& line) {
        {
            const SignalWatch watch;
            ::raise(SIGINT);
        }
        line.tell("still alive");
        ::raise(SIGINT);
        line.tell("not ended by SIGINT");
    });
    EXPECT_EQ(child.hear(), "still alive");
    EXPECT_EQ(child.hear(), "");
    const int status = child.wait();
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
}

TEST(SignalWatch, IsUndoneForAChild) {
    test::ChildProcess child([](const Line& line) {
        const SignalWatch watch;
        reset_signals_for_child();
        ::raise(SIGHUP);
        line.tell("not ended by SIGHUP");
    });
    EXPECT_EQ(child.hear(), "");
    const int status = child.wait();
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
}

}  // namespace
}  // namespace drydock::os
