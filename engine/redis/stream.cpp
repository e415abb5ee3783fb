#include "engine/redis/stream.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "engine/clock.h"
#include "engine/error.h"

namespace drydock::redis {
namespace {

constexpr std::size_t kPiece = std::size_t{64} << 10;

struct Endpoint {
    sockaddr_storage address{};
    socklen_t size = 0;
};

struct Answer {
    std::vector<Endpoint> endpoints;
    int error = 0;
};

Answer look_up(const std::string& host, const std::string& port) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    Answer answer;
    answer.error = ::getaddrinfo(host.c_str(), port.c_str(), &wanted, &found);
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
        Endpoint endpoint;
        endpoint.size = one->ai_addrlen;
        std::memcpy(&endpoint.address, one->ai_addr, one->ai_addrlen);
        answer.endpoints.push_back(endpoint);
    }
    if (found != nullptr) ::freeaddrinfo(found);
    return answer;
}

// The resolver cannot be interrupted, so it has a thread of its own that owns all that it needs:
// who has waited long enough goes away.
std::vector<Endpoint> resolve(const Address& address, Microseconds until, const Waiter& waiter) {
    struct Shared {
        os::UniqueFd done{::eventfd(0, EFD_CLOEXEC)};
        Answer answer;
    };
    const auto shared = std::make_shared<Shared>();
    std::thread([shared, host = address.host, port = std::to_string(address.port)] {
        shared->answer = look_up(host, port);
        (void)::eventfd_write(shared->done.get(), 1);
    }).detach();
    if (waiter.wait(shared->done.get(), POLLIN, until) == 0) {
        throw Error(ErrorCode::Timeout, "the name " + address.host + " was not resolved in time",
                    "look at the name servers of this machine");
    }
    eventfd_t ignored = 0;
    (void)::eventfd_read(shared->done.get(), &ignored);
    if (shared->answer.error != 0) {
        throw Error(
            ErrorCode::Connection,
            "the host " + address.host + " is not known: " + ::gai_strerror(shared->answer.error),
            "look at the host of the connection");
    }
    return std::move(shared->answer.endpoints);
}

std::vector<Endpoint> endpoints_of(const Address& address, Microseconds until,
                                   const Waiter& waiter) {
    if (address.socket.empty()) return resolve(address, until, waiter);
    Endpoint endpoint;
    auto& local = reinterpret_cast<sockaddr_un&>(endpoint.address);
    if (address.socket.size() >= sizeof local.sun_path) {
        throw Error(ErrorCode::Connection, "the path of the socket is too long",
                    "107 bytes are the most that the system takes");
    }
    local.sun_family = AF_UNIX;
    address.socket.copy(local.sun_path, address.socket.size());
    endpoint.size = sizeof local;
    return {endpoint};
}

// 0, or why not; ETIMEDOUT when `until` passes.
int try_connect(int fd, const Endpoint& endpoint, Microseconds until, const Waiter& waiter) {
    const auto* address = reinterpret_cast<const sockaddr*>(&endpoint.address);
    if (::connect(fd, address, endpoint.size) == 0) return 0;
    if (errno != EINPROGRESS) return errno;
    if (waiter.wait(fd, POLLOUT, until) == 0) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    (void)::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

[[noreturn]] void refuse(const Address& address, int error) {
    const std::string what = "cannot connect to redis at " + address.shown() + ": ";
    if (error == ETIMEDOUT) {
        throw Error(ErrorCode::Timeout, what + "no answer in time",
                    "look at host and port of the connection, and at the network between");
    }
    if (error == EACCES || error == EPERM) {
        throw Error(ErrorCode::Permission, what + std::strerror(error),
                    "look at the mode of the socket (unixsocketperm)");
    }
    throw Error(ErrorCode::Connection, what + std::strerror(error),
                "look at host and port of the connection, and whether the server runs");
}

Error lost() {
    return {ErrorCode::Connection, "the connection was lost",
            "look at the server and the network, then resume"};
}

}  // namespace

Stream::Stream(const Address& address, Microseconds timeout, const Waiter& waiter) {
    const Microseconds until = system_clock().boot() + timeout;
    connect(address, until, waiter);
    if (address.tls) secure(address, until, waiter);
}

void Stream::connect(const Address& address, Microseconds until, const Waiter& waiter) {
    int error = ENOENT;
    for (const Endpoint& endpoint : endpoints_of(address, until, waiter)) {
        socket_.reset(
            ::socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!socket_.valid()) throw_errno(ErrorCode::Connection, "making a socket", errno);
        error = try_connect(socket_.get(), endpoint, until, waiter);
        if (error == 0) break;
    }
    if (error != 0) refuse(address, error);
    const int on = 1;
    // Has no meaning for a socket in the file system, and fails there.
    (void)::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)::setsockopt(socket_.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

void Stream::secure(const Address& address, Microseconds until, const Waiter& waiter) {
    std::array<char, kPiece> piece{};
    try {
        tls_ = std::make_unique<crypto::TlsClient>(*address.tls);
        while (!tls_->handshake()) {
            unsent_ += tls_->to_send();
            const bool all = flush();
            const short wanted = all ? POLLIN : POLLIN | POLLOUT;
            if (waiter.wait(socket_.get(), wanted, until) == 0) {
                throw Error(ErrorCode::Timeout, "the server does not speak TLS",
                            "look at port and tls: of the connection");
            }
            if (const std::size_t size = receive(piece); size > 0)
                tls_->received({piece.data(), size});
        }
        unsent_ += tls_->to_send();
    } catch (const Error& error) {
        throw error.in("connecting to redis at " + address.shown());
    }
}

void Stream::put(std::string_view text) {
    if (!tls_) {
        unsent_ += text;
        return;
    }
    tls_->write(text);
    unsent_ += tls_->to_send();
}

bool Stream::flush() {
    while (sent_ < unsent_.size()) {
        const ssize_t size =
            ::send(socket_.get(), unsent_.data() + sent_, unsent_.size() - sent_, MSG_NOSIGNAL);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return false;
        if (size < 0) throw lost();
        sent_ += static_cast<std::size_t>(size);
    }
    unsent_.clear();
    sent_ = 0;
    return true;
}

std::size_t Stream::receive(std::span<char> into) {
    for (;;) {
        const ssize_t size = ::recv(socket_.get(), into.data(), into.size(), 0);
        if (size > 0) return static_cast<std::size_t>(size);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return 0;
        throw lost();
    }
}

std::size_t Stream::take(std::span<char> into) {
    if (!tls_) return receive(into);
    if (const std::size_t size = tls_->read(into); size > 0) return size;
    std::array<char, kPiece> piece{};
    const std::size_t size = receive(piece);
    if (size > 0) tls_->received({piece.data(), size});
    const std::size_t text = tls_->read(into);
    if (text == 0 && tls_->ended()) throw lost();
    return text;
}

bool Stream::is_stale() {
    pollfd one{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&one, 1, 0) == 0) return false;
    if (!tls_) return true;
    // A TLS server may send session tickets of its own accord; its end is a record as well.
    std::array<char, kPiece> piece{};
    try {
        return take(piece) > 0;
    } catch (const Error&) {
        return true;
    }
}

}  // namespace drydock::redis
