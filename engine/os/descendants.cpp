#include "engine/os/descendants.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>

#include "engine/check.h"
#include "engine/os/process.h"

namespace drydock::os {
namespace {

constexpr std::chrono::milliseconds kBetweenScans{20};

void reap_one(const Ended& ended) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, 0);
    if (pid > 0) ended(pid, status);
}

}  // namespace

void adopt_orphans() { CHECK(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0); }

bool reap_children(const Ended& ended) {
    while (true) {
        int status = 0;
        const pid_t pid = ::waitpid(-1, &status, WNOHANG);
        if (pid == 0) return true;
        if (pid > 0) {
            ended(pid, status);
        } else if (errno != EINTR) {
            CHECK(errno == ECHILD);
            return false;
        }
    }
}

int kill_children() {
    int killed = 0;
    const int self = ::getpid();
    for (const int pid : all_processes()) {
        if (parent_of_process(pid) == self && ::kill(pid, SIGKILL) == 0) ++killed;
    }
    return killed;
}

void kill_descendants(const Ended& ended) {
    while (reap_children(ended)) {
        // What was killed will end, so that may be waited for. A scan of /proc can miss a child
        // that appears meanwhile; then there is nothing to wait for but the next scan.
        if (kill_children() > 0) {
            reap_one(ended);
        } else {
            std::this_thread::sleep_for(kBetweenScans);
        }
    }
}

}  // namespace drydock::os
