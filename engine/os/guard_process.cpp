#include "engine/os/guard_process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "engine/check.h"
#include "engine/error.h"
#include "engine/os/descendants.h"
#include "engine/os/signals.h"
#include "engine/seam.h"

namespace drydock::os {
namespace {

constexpr int kCannotStart = 127;

void keep_over_exec(int fd) { ::fcntl(fd, F_SETFD, 0); }

// Between fork and exec, in a process that may have had many threads: system calls only.
[[noreturn]] void become_guard(const char* program, char* const* argv, int control,
                               const std::vector<int>& inherit) {
    ::setsid();  // no Ctrl-C, no hang-up of the terminal from here on
    reset_signals_for_child();
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::signal(signal, SIG_IGN);
    const int null = ::open("/dev/null", O_RDWR);
    ::dup2(null, STDIN_FILENO);
    ::dup2(null, STDOUT_FILENO);
    ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    keep_over_exec(control);
    for (const int fd : inherit) keep_over_exec(fd);
    ::execv(program, argv);
    ::_exit(kCannotStart);
}

int wait_for(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0) CHECK(errno == EINTR);
    return status;
}

}  // namespace

GuardProcess::GuardProcess(const std::string& program, const std::vector<int>& inherit)
    : program_(program) {
    // If the guard is killed, its descendants come to us, and died() can end them.
    adopt_orphans();
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        throw_errno(ErrorCode::Command, "starting the guard", errno);
    }
    control_.reset(ends[0]);
    const UniqueFd guards_end(ends[1]);
    std::string name = "drydock";
    std::string option = "--guard";
    std::string number = std::to_string(guards_end.get());
    const std::array<char*, 4> argv{name.data(), option.data(), number.data(), nullptr};
    const std::vector<int> inherited =
        protected_by(Protection::GuardLock) ? inherit : std::vector<int>{};
    pid_ = ::fork();
    if (pid_ < 0) throw_errno(ErrorCode::Command, "starting the guard", errno);
    if (pid_ == 0) become_guard(program_.c_str(), argv.data(), guards_end.get(), inherited);
}

GuardProcess::~GuardProcess() {
    control_.reset();
    if (pid_ > 0) wait_for(pid_);
}

void GuardProcess::died() {
    const int status = wait_for(pid_);
    pid_ = 0;
    kill_descendants([](pid_t, int) {});
    if (WIFEXITED(status) && WEXITSTATUS(status) == kCannotStart) {
        throw Error(ErrorCode::Command, "cannot start " + program_ + " as the guard of commands",
                    "is the program still there, and executable?");
    }
    const std::string how = WIFSIGNALED(status)
                                ? "was killed by signal " + std::to_string(WTERMSIG(status))
                                : "ended with status " + std::to_string(WEXITSTATUS(status));
    throw Error(ErrorCode::Command, "the guard of commands " + how + "; the command was killed",
                "look for an out-of-memory kill in the system's log");
}

}  // namespace drydock::os
