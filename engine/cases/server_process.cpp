#include "engine/cases/server_process.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>

#include "engine/error.h"
#include "engine/os/process.h"

namespace drydock::cases {
namespace {

bool become(const SystemUser& user) {
    return ::setgroups(0, nullptr) == 0 && ::setgid(user.group) == 0 && ::setuid(user.user) == 0;
}

// The child. It has no thread but this one, so it may do what it likes.
[[noreturn]] void be_the_server(const ServerProcess::Start& start, pid_t parent) {
    ::setsid();  // a Ctrl-C is not for it
    if (start.as && !become(*start.as)) ::_exit(126);
    // A change of user clears this, so it comes after; the parent may have died before.
    ::prctl(PR_SET_PDEATHSIG, start.end_signal);
    if (::getppid() != parent) ::_exit(0);
    const int nothing = ::open("/dev/null", O_RDWR);
    const int log = start.log.empty()
                        ? nothing
                        : ::open(start.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    std::vector<char*> words;
    for (const std::string& word : start.words) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    // Nothing of ours steers it: no PGDATA, no locale.
    std::string path = "PATH=" + std::string(os::kProgramPath);
    char* environment[]{path.data(), nullptr};
    ::execve(words[0], words.data(), environment);
    ::_exit(127);
}

}  // namespace

ServerProcess::ServerProcess(const Start& start) : end_signal_(start.end_signal) {
    const std::string program = std::filesystem::path(start.words[0]).filename();
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) throw_errno(ErrorCode::Command, "starting " + program, errno);
    if (pid_ == 0) be_the_server(start, parent);
    alive_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    if (alive_.valid()) return;
    const int why = errno;
    ::kill(pid_, SIGKILL);
    (void)wait();
    throw_errno(ErrorCode::Command, "watching " + program, why);
}

ServerProcess::~ServerProcess() {
    if (pid_ <= 0) return;
    // By its handle: whoever waits for all children may have waited for this one already.
    ::syscall(SYS_pidfd_send_signal, alive_.get(), end_signal_, nullptr, 0);
    (void)wait();
}

bool ServerProcess::ends_within(Microseconds time) const {
    pollfd one{.fd = alive_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&one, 1, static_cast<int>(time.count() / 1000)) > 0;
}

int ServerProcess::wait() {
    int status = 0;
    pid_t ended = -1;
    do {
        ended = ::waitpid(pid_, &status, 0);
    } while (ended < 0 && errno == EINTR);
    pid_ = -1;
    return ended > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace drydock::cases
