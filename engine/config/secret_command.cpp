#include "engine/config/secret_command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "engine/error.h"
#include "engine/os/unique_fd.h"

namespace drydock::config {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct ActionsDeleter {
    void operator()(posix_spawn_file_actions_t* actions) const {
        ::posix_spawn_file_actions_destroy(actions);
        delete actions;
    }
};
struct AttributesDeleter {
    void operator()(posix_spawnattr_t* attributes) const {
        ::posix_spawnattr_destroy(attributes);
        delete attributes;
    }
};
using FileActions = std::unique_ptr<posix_spawn_file_actions_t, ActionsDeleter>;
using Attributes = std::unique_ptr<posix_spawnattr_t, AttributesDeleter>;

// A started program in a process group of its own. Its end is always waited for; the destructor
// kills what still runs.
class Child final {
  public:
    Child(const std::vector<std::string>& argv, int output) {
        const FileActions actions(new posix_spawn_file_actions_t);
        ::posix_spawn_file_actions_init(actions.get());
        ::posix_spawn_file_actions_addopen(actions.get(), 0, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(actions.get(), output, 1);
        ::posix_spawn_file_actions_addopen(actions.get(), 2, "/dev/null", O_WRONLY, 0);
        const Attributes attributes(new posix_spawnattr_t);
        ::posix_spawnattr_init(attributes.get());
        ::posix_spawnattr_setflags(attributes.get(), POSIX_SPAWN_SETPGROUP |
                                                         POSIX_SPAWN_SETSIGMASK |
                                                         POSIX_SPAWN_SETSIGDEF);
        ::posix_spawnattr_setpgroup(attributes.get(), 0);
        sigset_t none;
        sigset_t all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_setsigmask(attributes.get(), &none);
        ::posix_spawnattr_setsigdefault(attributes.get(), &all);
        std::vector<char*> arguments;
        for (const std::string& argument : argv)
            arguments.push_back(const_cast<char*>(argument.c_str()));
        arguments.push_back(nullptr);
        const int error = ::posix_spawnp(&pid_, arguments[0], actions.get(), attributes.get(),
                                         arguments.data(), environ);
        if (error != 0) throw_errno(ErrorCode::Document, "starting " + argv[0], error);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (pid_ <= 0) return;
        ::kill(-pid_, SIGKILL);
        (void)wait();
    }

    // The status of waitpid.
    int wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return status;
    }

    // The same, or nothing when it has not ended at `deadline`.
    [[nodiscard]] bool ended_by(SteadyClock::time_point deadline) const {
        siginfo_t info{};
        while (SteadyClock::now() < deadline) {
            info.si_pid = 0;
            if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
                info.si_pid != 0)
                return true;
            ::poll(nullptr, 0, 10);  // it has closed its output: it is about to end
        }
        return false;
    }

  private:
    pid_t pid_ = -1;
};

[[noreturn]] void too_long(const std::vector<std::string>& argv) {
    throw Error(ErrorCode::Document, argv[0] + " did not end in time",
                "it must print the secret and end, without asking anything");
}

// Everything until the end of the stream. The end may never come: a grandchild may keep it open.
std::string read_all(int fd, const std::vector<std::string>& argv, std::size_t limit_bytes,
                     SteadyClock::time_point deadline) {
    std::string bytes;
    std::array<char, 4096> buffer{};
    while (true) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now());
        struct pollfd waiting {fd, POLLIN, 0};
        const int ready =
            left.count() <= 0 ? 0 : ::poll(&waiting, 1, static_cast<int>(left.count()));
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) too_long(argv);
        const ssize_t count = ::read(fd, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw_errno(ErrorCode::Document, "reading from " + argv[0], errno);
        if (count == 0) return bytes;
        bytes.append(buffer.data(), static_cast<std::size_t>(count));
        if (bytes.size() > limit_bytes) {
            throw Error(ErrorCode::Document,
                        argv[0] + " printed more than " + std::to_string(limit_bytes) + " bytes",
                        "it must print the secret and nothing else");
        }
    }
}

}  // namespace

std::string run_secret_command(const std::vector<std::string>& argv,
                               const SecretCommandLimits& limits) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        throw_errno(ErrorCode::Document, "starting " + argv[0], errno);
    const os::UniqueFd reading(ends[0]);
    os::UniqueFd writing(ends[1]);
    const auto deadline = SteadyClock::now() + limits.time;
    Child child(argv, writing.get());
    writing.reset();
    std::string bytes = read_all(reading.get(), argv, limits.bytes, deadline);
    if (!child.ended_by(deadline)) too_long(argv);
    const int status = child.wait();
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return bytes;
    const std::string how = WIFEXITED(status)
                                ? "failed with exit status " + std::to_string(WEXITSTATUS(status))
                                : "was killed by signal " + std::to_string(WTERMSIG(status));
    throw Error(ErrorCode::Document, argv[0] + " " + how, "run it by hand to see what it says");
}

}  // namespace drydock::config
