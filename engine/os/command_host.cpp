#include "engine/os/command_host.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

#include "engine/check.h"
#include "engine/clock.h"
#include "engine/error.h"
#include "engine/os/guard_process.h"
#include "engine/os/guard_wire.h"
#include "engine/os/unique_fd.h"
#include "engine/seam.h"

namespace drydock::os {
namespace {

constexpr std::size_t kBlockBytes = 64 * 1024;  // what a pipe holds

using OnOutput = std::function<void(bool error, std::string_view piece)>;

[[noreturn]] void fail(const char* what) { throw_errno(ErrorCode::Command, what, errno); }

struct Pipe {
    UniqueFd read_end;
    UniqueFd write_end;
};

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("making a pipe");
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Only our end: the flag belongs to the open end of the pipe, and programs expect theirs to block.
void set_nonblocking(const UniqueFd& fd) {
    if (::fcntl(fd.get(), F_SETFL, O_NONBLOCK) != 0) fail("preparing a pipe");
}

// While it lives, a write of this thread to a closed pipe is EPIPE and no signal, whatever the
// process has decided about SIGPIPE.
class NoBrokenPipe {
  public:
    NoBrokenPipe() {
        sigemptyset(&pipe_);
        sigaddset(&pipe_, SIGPIPE);
        CHECK(::pthread_sigmask(SIG_BLOCK, &pipe_, &before_) == 0);
    }
    ~NoBrokenPipe() {
        const timespec at_once{};
        while (::sigtimedwait(&pipe_, nullptr, &at_once) > 0) {
        }
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    NoBrokenPipe(const NoBrokenPipe&) = delete;
    NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;

  private:
    sigset_t pipe_{};
    sigset_t before_{};
};

// One command, from Start to Ended.
class Running {
  public:
    Running(GuardProcess& guard, const CommandSpec& spec, CancelToken& cancel,
            const OnOutput& on_output)
        : guard_(guard), spec_(spec), cancel_(cancel), on_output_(on_output) {
        woken_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        timer_.reset(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK));
        if (!woken_.valid() || !timer_.valid()) fail("preparing a command");
    }

    CommandEnd run() {
        start();
        if (spec_.boot_deadline) set_timer(*spec_.boot_deadline);
        const CancelToken::Waker waker(cancel_, [fd = woken_.get()] {
            const std::uint64_t one = 1;
            [[maybe_unused]] const ssize_t written = ::write(fd, &one, sizeof one);
        });
        while (!ended_) turn();
        drain(output_);
        drain(error_);
        return finish();
    }

  private:
    struct Stream {
        UniqueFd fd;
        bool is_error = false;
        std::string kept;
        std::int64_t bytes = 0;
    };
    enum class Stopping : std::uint8_t { No, Asked, Killed };

    void start() {
        UniqueFd child_input;
        if (spec_.input.empty()) {
            child_input.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
            if (!child_input.valid()) fail("opening /dev/null");
        } else {
            Pipe input = make_pipe();
            set_nonblocking(input.write_end);
            input_ = std::move(input.write_end);
            child_input = std::move(input.read_end);
        }
        Pipe output = make_pipe();
        Pipe error = make_pipe();
        set_nonblocking(output.read_end);
        set_nonblocking(error.read_end);
        output_.fd = std::move(output.read_end);
        error_.fd = std::move(error.read_end);
        error_.is_error = true;
        const UniqueFd request = wire::to_file(request_of(spec_));
        const std::array<int, 4> fds{child_input.get(), output.write_end.get(),
                                     error.write_end.get(), request.get()};
        if (!wire::send_ask(guard_.control(), wire::Ask::Start, fds)) guard_.died();
    }

    static wire::Request request_of(const CommandSpec& spec) {
        wire::Request request{.program = spec.program,
                              .directory = spec.directory,
                              .argv = spec.argv,
                              .environment = {}};
        for (const auto& [name, value] : spec.environment) {
            request.environment.push_back(name + "=" + value);
        }
        return request;
    }

    // Waits for one thing to happen and does what it asks for. Closed descriptors are -1, which
    // poll passes over.
    void turn() {
        enum : std::size_t { kControl, kWoken, kTimer, kOutput, kError, kInput, kCount };
        std::array<pollfd, kCount> watched{{{guard_.control(), POLLIN, 0},
                                            {woken_.get(), POLLIN, 0},
                                            {timer_.get(), POLLIN, 0},
                                            {output_.fd.get(), POLLIN, 0},
                                            {error_.fd.get(), POLLIN, 0},
                                            {input_.get(), POLLOUT, 0}}};
        if (::poll(watched.data(), watched.size(), -1) < 0) {
            if (errno == EINTR) return;
            fail("waiting for a command");
        }
        if (watched[kInput].revents != 0) feed();
        if (watched[kOutput].revents != 0) read_some(output_);
        if (watched[kError].revents != 0) read_some(error_);
        if (watched[kWoken].revents != 0) woken();
        if (watched[kTimer].revents != 0) time_is_over();
        if (watched[kControl].revents != 0) listen();
    }

    void feed() {
        const NoBrokenPipe no_signal;
        const std::string_view rest = std::string_view(spec_.input).substr(fed_);
        const ssize_t written = ::write(input_.get(), rest.data(), rest.size());
        if (written < 0) {
            // A command that does not read its input to the end is no failure.
            if (errno != EAGAIN && errno != EINTR) input_.reset();
            return;
        }
        fed_ += static_cast<std::size_t>(written);
        if (fed_ == spec_.input.size()) input_.reset();
    }

    // False when there is nothing more to read now.
    bool read_some(Stream& stream) {
        const ssize_t size = ::read(stream.fd.get(), block_.data(), block_.size());
        if (size < 0) return errno == EINTR;
        if (size == 0) {
            stream.fd.reset();
            return false;
        }
        const std::string_view piece(block_.data(), static_cast<std::size_t>(size));
        stream.bytes += size;
        stream.kept += piece.substr(0, spec_.keep_output_bytes - stream.kept.size());
        on_output_(stream.is_error, piece);
        return true;
    }

    // After the end: what is in the pipe, not what somebody may still write who got hold of it.
    void drain(Stream& stream) {
        if (!stream.fd.valid()) return;
        const int capacity = std::max(::fcntl(stream.fd.get(), F_GETPIPE_SZ), 0);
        const std::int64_t most = stream.bytes + capacity;
        while (stream.bytes < most && stream.fd.valid() && read_some(stream)) {
        }
    }

    void woken() {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t size = ::read(woken_.get(), &count, sizeof count);
        stop(cancel_.reason() == StopReason::Deadline ? CommandEnd::How::TimedOut
                                                      : CommandEnd::How::Stopped);
    }

    void time_is_over() {
        std::uint64_t count = 0;
        if (::read(timer_.get(), &count, sizeof count) < 0) return;
        if (stopping_ == Stopping::No) {
            stop(CommandEnd::How::TimedOut);
        } else if (stopping_ == Stopping::Asked) {
            stopping_ = Stopping::Killed;
            ask(wire::Ask::Kill);
        }
    }

    void stop(CommandEnd::How why) {
        if (stopping_ != Stopping::No) return;
        stopping_ = Stopping::Asked;
        why_ = why;
        ask(wire::Ask::Terminate);
        set_timer(system_clock().boot() + spec_.grace);
    }

    void ask(wire::Ask ask) {
        if (!wire::send_ask(guard_.control(), ask)) guard_.died();
    }

    void listen() {
        const std::optional<wire::Answer> answer = wire::receive_answer(guard_.control());
        if (!answer) guard_.died();
        if (answer->kind == wire::Tell::Started) {
            kill_point("command.started");
        } else {
            ended_ = *answer;
        }
    }

    CommandEnd finish() {
        CommandEnd end{.how = CommandEnd::How::Exited,
                       .status = 0,
                       .output = std::move(output_.kept),
                       .error = std::move(error_.kept),
                       .output_bytes = output_.bytes,
                       .error_bytes = error_.bytes};
        if (ended_->kind == wire::Tell::NotStarted) {
            end.how = CommandEnd::How::NotStarted;
            end.status = ended_->number;
            end.error =
                (ended_->stage == wire::Stage::Directory ? "working folder " + spec_.directory
                                                         : spec_.program) +
                ": " + std::strerror(ended_->number);
            return end;
        }
        const bool signaled = WIFSIGNALED(ended_->number);
        end.status = signaled ? WTERMSIG(ended_->number) : WEXITSTATUS(ended_->number);
        if (signaled) end.how = CommandEnd::How::Signaled;
        if (stopping_ != Stopping::No) end.how = why_;
        return end;
    }

    void set_timer(Microseconds boot_time) {
        constexpr Microseconds kSecond{1'000'000};
        // Zero would disarm it; a time that has passed fires at once.
        const Microseconds at = std::max(boot_time, Microseconds(1));
        itimerspec when{};
        when.it_value.tv_sec = at / kSecond;
        when.it_value.tv_nsec = (at % kSecond).count() * 1000;
        CHECK(::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr) == 0);
    }

    GuardProcess& guard_;
    const CommandSpec& spec_;
    CancelToken& cancel_;
    const OnOutput& on_output_;
    UniqueFd woken_;
    UniqueFd timer_;
    UniqueFd input_;
    std::size_t fed_ = 0;
    Stream output_;
    Stream error_;
    Stopping stopping_ = Stopping::No;
    CommandEnd::How why_ = CommandEnd::How::Stopped;
    std::optional<wire::Answer> ended_;
    std::vector<char> block_ = std::vector<char>(kBlockBytes);
};

}  // namespace

struct CommandHost::Impl {
    std::string guard_program;
    std::vector<int> inherit;
    std::unique_ptr<GuardProcess> guard;
};

CommandHost::CommandHost(std::string guard_program, std::vector<int> inherit)
    : impl_(std::make_unique<Impl>(Impl{std::move(guard_program), std::move(inherit), nullptr})) {}

CommandHost::~CommandHost() = default;

CommandEnd CommandHost::run(const CommandSpec& spec, CancelToken& cancel,
                            const OnOutput& on_output) {
    CHECK(!spec.argv.empty() && spec.program.starts_with('/'));
    // Taken out of the host: when `on_output` or the guard throws, the guard goes, and the command
    // with it; the next command starts another.
    std::unique_ptr<GuardProcess> guard = std::move(impl_->guard);
    if (guard == nullptr) {
        guard = std::make_unique<GuardProcess>(impl_->guard_program, impl_->inherit);
    }
    kill_point("command.before_start");
    CommandEnd end = Running(*guard, spec, cancel, on_output).run();
    kill_point("command.ended");
    impl_->guard = std::move(guard);
    return end;
}

}  // namespace drydock::os
