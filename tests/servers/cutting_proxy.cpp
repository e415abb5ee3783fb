#include "tests/servers/cutting_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace drydock::test {
namespace {

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int new_socket() { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

bool send_all(int fd, const char* bytes, std::size_t size) {
    while (size > 0) {
        const ssize_t sent = ::send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes += sent;
        size -= static_cast<std::size_t>(sent);
    }
    return true;
}

// One client and its session with the server.
class Session {
  public:
    Session(int client, int server) : client_(client), server_(server) {}
    ~Session() {
        ::close(client_);
        ::close(server_);
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    [[nodiscard]] int client() const { return client_; }
    [[nodiscard]] int server() const { return server_; }

    // Takes what the client has sent; the whole messages of it, one by one. Those before the
    // session begins have no kind (PostgreSQL documentation, "Message Formats"). False: the client
    // is gone.
    template <class Each>
    bool take(const Each& each) {
        std::array<char, 16384> bytes;
        const ssize_t got = ::recv(client_, bytes.data(), bytes.size(), 0);
        if (got <= 0) return false;
        held_.append(bytes.data(), static_cast<std::size_t>(got));
        for (;;) {
            const std::size_t kind = started_ ? 1 : 0;
            if (held_.size() < kind + 4) return true;
            std::uint32_t length = 0;
            std::memcpy(&length, held_.data() + kind, 4);
            const std::size_t whole = kind + ntohl(length);
            if (held_.size() < whole) return true;
            started_ = started_ || !asks_for_encryption(held_);
            if (!each(held_.substr(0, whole))) return false;
            held_.erase(0, whole);
        }
    }
    // Passes on what the server has said. False: it has gone.
    [[nodiscard]] bool answer() {
        std::array<char, 16384> bytes;
        const ssize_t got = ::recv(server_, bytes.data(), bytes.size(), 0);
        if (got <= 0) return false;
        if (server_pid_ == 0) look_for_pid({bytes.data(), static_cast<std::size_t>(got)});
        return send_all(client_, bytes.data(), static_cast<std::size_t>(got));
    }
    // 0 until the session has begun.
    [[nodiscard]] int server_pid() const { return server_pid_; }
    // Until the server has answered the last message, and nobody hears it.
    void let_server_act() const {
        ::shutdown(server_, SHUT_WR);
        std::array<char, 16384> bytes;
        while (::recv(server_, bytes.data(), bytes.size(), 0) > 0) continue;
    }

  private:
    // SSLRequest or GSSENCRequest: the session begins with the next one.
    static bool asks_for_encryption(const std::string& message) {
        std::uint32_t code = 0;
        if (message.size() >= 8) std::memcpy(&code, message.data() + 4, 4);
        return ntohl(code) == 80877103 || ntohl(code) == 80877104;
    }

    // BackendKeyData: 'K', a length of 12, the process id, a key.
    void look_for_pid(std::string_view bytes) {
        constexpr std::string_view kBegins("K\0\0\0\x0c", 5);
        const std::size_t at = bytes.find(kBegins);
        if (at == std::string_view::npos || at + 9 > bytes.size()) return;
        std::uint32_t pid = 0;
        std::memcpy(&pid, bytes.data() + at + kBegins.size(), 4);
        server_pid_ = static_cast<int>(ntohl(pid));
    }

    int client_, server_, server_pid_ = 0;
    bool started_ = false;
    std::string held_;
};

}  // namespace

CuttingProxy::CuttingProxy(int server_port, std::function<void(int)> kill)
    : server_port_(server_port),
      kill_(std::move(kill)),
      listener_(new_socket()),
      wake_(::eventfd(0, EFD_CLOEXEC)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("the proxy cannot listen");
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this] { serve(); });
}

CuttingProxy::~CuttingProxy() {
    (void)::eventfd_write(wake_, 1);
    thread_.join();
    ::close(listener_);
    ::close(wake_);
}

void CuttingProxy::cut_at(std::int64_t nth, Cut how) {
    how_ = how;
    has_cut_ = false;
    messages_ = 0;
    nth_ = nth;
}

void CuttingProxy::serve() {
    std::vector<std::unique_ptr<Session>> sessions;
    const auto pass_on = [this](Session& session, const std::string& message) {
        const bool cut = ++messages_ == nth_;
        if (cut && how_ == Cut::Killed) {
            if (session.server_pid() != 0) kill_(session.server_pid());
            has_cut_ = true;
            return send_all(session.server(), message.data(), message.size());
        }
        const bool lost = cut && how_ == Cut::Before;
        if (!lost && !send_all(session.server(), message.data(), message.size())) return false;
        if (!cut) return true;
        if (!lost) session.let_server_act();
        has_cut_ = true;
        return false;
    };
    for (;;) {
        std::vector<pollfd> fds{{.fd = wake_, .events = POLLIN, .revents = 0},
                                {.fd = listener_, .events = POLLIN, .revents = 0}};
        for (const auto& session : sessions) {
            fds.push_back({.fd = session->client(), .events = POLLIN, .revents = 0});
            fds.push_back({.fd = session->server(), .events = POLLIN, .revents = 0});
        }
        (void)::poll(fds.data(), fds.size(), -1);
        if (fds[0].revents != 0) return;
        for (std::size_t i = sessions.size(); i-- > 0;) {
            Session& session = *sessions[i];
            bool lives = true;
            if (fds[3 + 2 * i].revents != 0) lives = session.answer();
            if (lives && fds[2 + 2 * i].revents != 0)
                lives = session.take([&](const std::string& m) { return pass_on(session, m); });
            if (!lives) sessions.erase(sessions.begin() + static_cast<std::ptrdiff_t>(i));
        }
        if (fds[1].revents == 0) continue;
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        const int server = new_socket();
        const sockaddr_in address = loopback(server_port_);
        (void)::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        const int on = 1;
        for (const int fd : {client, server})
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sessions.push_back(std::make_unique<Session>(client, server));
    }
}

}  // namespace drydock::test
