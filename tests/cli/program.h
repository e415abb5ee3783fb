#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/os/unique_fd.h"
#include "tests/os/temporary_folder.h"

namespace drydock::test {

struct Ended {
    int exit = -1;
    std::string out, err;
};

// The built program, run in a folder of its own: its working folder, its home and its state are
// beneath it, so that nothing of the machine's user is read or written.
class Program {
  public:
    [[nodiscard]] const TemporaryFolder& folder() const { return folder_; }
    void put(std::string_view name, std::string_view text) { folder_.put(name, text); }
    // From now on another program of the same kind is started.
    void use(std::string path) { path_ = std::move(path); }
    [[nodiscard]] std::string journal() const { return folder_ / "state/drydock/journal.db"; }

    // A process that runs; wait() ends it.
    class Running {
      public:
        Running(pid_t pid, os::UniqueFd out, os::UniqueFd err)
            : pid_(pid), out_(std::move(out)), err_(std::move(err)) {}
        ~Running() {
            if (pid_ <= 0) return;
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
        Running(Running&& other) noexcept
            : pid_(std::exchange(other.pid_, 0)),
              out_(std::move(other.out_)),
              err_(std::move(other.err_)),
              ended_(std::move(other.ended_)) {}
        Running& operator=(Running&&) = delete;

        void signal(int number) const { ::kill(pid_, number); }
        // Reads standard output until `text` is in it; false when it ended before.
        bool wait_for(std::string_view text) {
            while (ended_.out.find(text) == std::string::npos) {
                if (!read_some()) return false;
            }
            return true;
        }
        void close_output() { out_.reset(); }
        Ended wait() {
            while (read_some()) {
            }
            int status = 0;
            ::waitpid(pid_, &status, 0);
            pid_ = 0;
            ended_.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            return ended_;
        }

      private:
        bool read_some() {
            std::array<pollfd, 2> waiting{pollfd{out_.get(), POLLIN, 0},
                                          pollfd{err_.get(), POLLIN, 0}};
            if (!out_.valid() && !err_.valid()) return false;
            ::poll(waiting.data(), waiting.size(), -1);
            take(out_, waiting[0].revents, ended_.out);
            take(err_, waiting[1].revents, ended_.err);
            return out_.valid() || err_.valid();
        }
        static void take(os::UniqueFd& fd, short happened, std::string& into) {
            if (!fd.valid() || happened == 0) return;
            std::array<char, 4096> block{};
            const ssize_t got = ::read(fd.get(), block.data(), block.size());
            if (got <= 0)
                fd.reset();
            else
                into.append(block.data(), static_cast<std::size_t>(got));
        }

        pid_t pid_;
        os::UniqueFd out_, err_;
        Ended ended_;
    };

    [[nodiscard]] Running start(const std::vector<std::string>& args,
                                const std::map<std::string, std::string>& env = {}) const {
        std::array<int, 2> out{}, err{};
        if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0)
            ADD_FAILURE() << "no pipe";
        std::vector<std::string> variables{"PATH=/usr/bin:/bin", "HOME=" + folder_.path(),
                                           "XDG_STATE_HOME=" + (folder_ / "state"), "TZ=UTC"};
        for (const auto& [name, value] : env) variables.push_back(name + "=" + value);
        std::vector<char*> argv{const_cast<char*>("drydock")}, envp;
        for (const std::string& arg : args) argv.push_back(const_cast<char*>(arg.c_str()));
        for (const std::string& variable : variables)
            envp.push_back(const_cast<char*>(variable.c_str()));
        argv.push_back(nullptr);
        envp.push_back(nullptr);
        const std::string folder = folder_.path();
        const pid_t pid = ::fork();
        if (pid == 0) {
            const int nothing = ::open("/dev/null", O_RDONLY);
            ::dup2(nothing, STDIN_FILENO);
            ::dup2(out[1], STDOUT_FILENO);
            ::dup2(err[1], STDERR_FILENO);
            if (::chdir(folder.c_str()) == 0) ::execve(path_.c_str(), argv.data(), envp.data());
            ::_exit(127);
        }
        ::close(out[1]);
        ::close(err[1]);
        return {pid, os::UniqueFd(out[0]), os::UniqueFd(err[0])};
    }

    [[nodiscard]] Ended run(const std::vector<std::string>& args,
                            const std::map<std::string, std::string>& env = {}) const {
        return start(args, env).wait();
    }

  private:
    TemporaryFolder folder_;
    std::string path_ = DRYDOCK_PROGRAM;
};

}  // namespace drydock::test
