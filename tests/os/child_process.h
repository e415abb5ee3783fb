#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <functional>
#include <string>

namespace drydock::test {

// A process forked from the test that runs `body`, which may tell the test lines of text and wait
// for the test's word. Killed at the end at the latest.
class ChildProcess final {
  public:
    class Line {
      public:
        Line(int in, int out) : in_(in), out_(out) {}
        void tell(const std::string& text) const {
            const std::string line = text + "\n";
            if (::write(out_, line.data(), line.size()) < 0) ::_exit(99);
        }
        // The next line; "" at the end.
        [[nodiscard]] std::string hear() const {
            std::string line;
            for (char byte = 0; ::read(in_, &byte, 1) == 1 && byte != '\n';) line += byte;
            return line;
        }

      private:
        int in_;
        int out_;
    };

    explicit ChildProcess(const std::function<void(const Line&)>& body) {
        std::array<int, 2> up{};
        std::array<int, 2> down{};
        if (::pipe2(up.data(), O_CLOEXEC) != 0 || ::pipe2(down.data(), O_CLOEXEC) != 0) {
            ADD_FAILURE();
        }
        pid_ = ::fork();
        if (pid_ == 0) {
            ::close(up[0]);
            ::close(down[1]);
            body(Line(down[0], up[1]));
            ::_exit(0);
        }
        ::close(up[1]);
        ::close(down[0]);
        in_ = up[0];
        out_ = down[1];
    }
    ~ChildProcess() {
        if (pid_ > 0) kill();
        ::close(in_);
        ::close(out_);
    }
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] std::string hear() const { return Line(in_, out_).hear(); }
    void tell(const std::string& text) const { Line(in_, out_).tell(text); }
    void kill() {
        ::kill(pid_, SIGKILL);
        (void)wait();
    }
    // Its wait status.
    int wait() {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = 0;
        return status;
    }

  private:
    pid_t pid_ = 0;
    int in_ = -1;
    int out_ = -1;
};

}  // namespace drydock::test
