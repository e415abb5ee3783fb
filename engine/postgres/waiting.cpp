#include <libpq-fe.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <span>

#include "engine/clock.h"
#include "engine/postgres/cancel.h"
#include "engine/postgres/connection.h"

// Waiting for the server, and stopping what runs there.
namespace drydock::postgres {
namespace {

// A short statement on this machine is answered sooner than a processor that went to sleep is awake
// again, which takes tens of microseconds, on a virtual machine a hundred (decision 0061). So the
// answer is looked for so long before it is slept for; whoever else wants the processor has it.
constexpr Microseconds kAwake{200};

int look(std::span<pollfd> fds) {
    const Microseconds until = system_clock().boot() + kAwake;
    do {
        if (const int ready = ::poll(fds.data(), fds.size(), 0); ready != 0) return ready;
        ::sched_yield();
    } while (system_clock().boot() < until);
    return 0;
}

}  // namespace

Connection::ResultHandle Connection::next_result() {
    while (PQflush(handle_.get()) == 1) wait(true);
    while (PQisBusy(handle_.get()) == 1) {
        wait(false);
        if (PQconsumeInput(handle_.get()) == 0) return nullptr;  // lost, see lost()
    }
    return ResultHandle(PQgetResult(handle_.get()));
}

void Connection::wait(bool also_write) {
    if (!cancel_ && must_stop()) cancel_running();
    const short wanted = also_write ? POLLIN | POLLOUT : POLLIN;
    std::array<pollfd, 2> fds{pollfd{.fd = PQsocket(handle_.get()), .events = wanted, .revents = 0},
                              // Once it is cancelled nothing more is to be heard there.
                              pollfd{.fd = cancel_ || !heeds_interrupts_ ? -1 : wake_.get(),
                                     .events = POLLIN,
                                     .revents = 0}};
    int limit_ms = -1;
    if (cancel_) limit_ms = static_cast<int>(cancel_->left().count() / 1000) + 1;
    if (!cancel_ && deadline_) {
        const Microseconds left = *deadline_ - system_clock().boot();
        limit_ms = static_cast<int>(std::clamp<std::int64_t>(left.count() / 1000 + 1, 0, 60'000));
    }
    if (watch_due_ && !cancel_) {
        const Microseconds left = *watch_due_ - system_clock().boot();
        const auto left_ms = static_cast<int>(std::max<std::int64_t>(left.count() / 1000 + 1, 0));
        if (limit_ms < 0 || left_ms < limit_ms) limit_ms = left_ms;
    }
    int ready = is_near_ && !cancel_ ? look(fds) : 0;
    if (ready == 0) ready = ::poll(fds.data(), fds.size(), limit_ms);
    if (ready == 0 && watch_due_ && !cancel_ && system_clock().boot() >= *watch_due_) {
        watch_due_.reset();
        watch_();
    }
    // Of an interrupt() that a set_deadline() has made void meanwhile.
    if (fds[1].revents != 0 && !must_stop()) drain_wake();
    if (fds[0].revents != 0) {
        if (also_write) (void)PQconsumeInput(handle_.get());
    } else if (cancel_ && cancel_->left().count() == 0) {
        // The server does not even answer a cancel: the session is given up, and what it did is
        // settled by its receipt.
        ::shutdown(PQsocket(handle_.get()), SHUT_RDWR);
    }
}

void Connection::set_deadline(std::optional<Microseconds> boot_deadline) {
    deadline_ = boot_deadline;
    interrupted_ = false;
    drain_wake();
}

void Connection::drain_wake() {
    eventfd_t ignored = 0;
    (void)::eventfd_read(wake_.get(), &ignored);
}

void Connection::interrupt() noexcept {
    interrupted_ = true;
    (void)::eventfd_write(wake_.get(), 1);
}

bool Connection::must_stop() const {
    return (interrupted_ && heeds_interrupts_) ||
           (deadline_ && system_clock().boot() >= *deadline_);
}

void Connection::cancel_running() {
    cancel_ = std::make_unique<Cancel>(handle_.get());
    cancel_->send();
}

// A cancel that comes late would hit the next statement: it must have arrived before there is one.
void Connection::finish_cancel() {
    if (!cancel_) return;
    if (!cancel_->wait()) ::shutdown(PQsocket(handle_.get()), SHUT_RDWR);
    cancel_.reset();
}

Error Connection::told(const Error& failed) const {
    return failed.code_text() == "57014" ? stopped_error(failed) : failed;
}

Error Connection::stopped_error(std::optional<Error> server) const {
    if (interrupted_) return {ErrorCode::Interrupted, "the statement was stopped", {}, "57014"};
    if (server && !must_stop()) return *std::move(server);  // statement_timeout, or somebody else
    return {ErrorCode::Timeout, "the statement ran past the time that its step has",
            "give the step a longer timeout, or do the work in batches", "57014"};
}

}  // namespace drydock::postgres
