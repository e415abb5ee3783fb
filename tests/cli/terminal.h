#pragma once

#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "engine/os/unique_fd.h"

namespace drydock::test {

// The built program with a person at its terminal.
class Terminal {
  public:
    Terminal(const std::string& program, const std::string& folder,
             const std::vector<std::string>& args) {
        int master = -1;
        pid_ = ::forkpty(&master, nullptr, nullptr, nullptr);
        if (pid_ == 0) {
            ::setenv("TERM", "xterm", 1);
            ::setenv("HOME", folder.c_str(), 1);
            ::setenv("XDG_STATE_HOME", (folder + "/state").c_str(), 1);
            std::vector<char*> argv{const_cast<char*>("drydock")};
            for (const std::string& arg : args) argv.push_back(const_cast<char*>(arg.c_str()));
            argv.push_back(nullptr);
            if (::chdir(folder.c_str()) == 0) ::execv(program.c_str(), argv.data());
            ::_exit(127);
        }
        master_.reset(master);
    }
    ~Terminal() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    // Reads the screen until `text` is on it; false when the program ended before.
    bool wait_for(std::string_view text) {
        while (screen_.find(text) == std::string::npos) {
            if (!read_some()) return false;
        }
        return true;
    }
    void type(std::string_view text) const {
        EXPECT_EQ(::write(master_.get(), text.data(), text.size()),
                  static_cast<ssize_t>(text.size()));
    }
    // The exit status, once it has ended.
    int wait() {
        while (read_some()) {}
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    [[nodiscard]] const std::string& screen() const { return screen_; }

  private:
    bool read_some() {
        std::array<char, 4096> block{};
        const ssize_t got = ::read(master_.get(), block.data(), block.size());
        if (got > 0) screen_.append(block.data(), static_cast<std::size_t>(got));
        return got > 0;
    }

    pid_t pid_ = 0;
    os::UniqueFd master_;
    std::string screen_;
};

}  // namespace drydock::test
