#include "engine/os/guard_wire.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "engine/check.h"
#include "engine/error.h"

namespace drydock::os::wire {
namespace {

constexpr std::size_t kMostFds = 4;

[[noreturn]] void fail(const char* what) { throw_errno(ErrorCode::Command, what, errno); }

void put(std::string& out, const std::string& text) {
    const std::uint64_t size = text.size();
    out.append(reinterpret_cast<const char*>(&size), sizeof size);
    out += text;
}

void put(std::string& out, const std::vector<std::string>& texts) {
    const std::uint64_t count = texts.size();
    out.append(reinterpret_cast<const char*>(&count), sizeof count);
    for (const std::string& text : texts) put(out, text);
}

// Takes apart what put() wrote.
class Taker {
  public:
    explicit Taker(std::string_view bytes) : rest_(bytes) {}
    std::uint64_t number() {
        std::uint64_t value = 0;
        CHECK(rest_.size() >= sizeof value);
        std::memcpy(&value, rest_.data(), sizeof value);
        rest_.remove_prefix(sizeof value);
        return value;
    }
    std::string text() {
        const std::uint64_t size = number();
        CHECK(rest_.size() >= size);
        std::string out(rest_.substr(0, size));
        rest_.remove_prefix(size);
        return out;
    }
    std::vector<std::string> texts() {
        std::vector<std::string> out;
        for (std::uint64_t left = number(); left > 0; --left) out.push_back(text());
        return out;
    }

  private:
    std::string_view rest_;
};

bool send_packet(int control, std::span<const char> bytes, std::span<const int> fds) {
    CHECK(fds.size() <= kMostFds);
    iovec part{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostFds * sizeof(int))> space{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (!fds.empty()) {
        message.msg_control = space.data();
        message.msg_controllen = CMSG_SPACE(fds.size_bytes());
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(fds.size_bytes());
        std::memcpy(CMSG_DATA(header), fds.data(), fds.size_bytes());
    }
    while (::sendmsg(control, &message, MSG_NOSIGNAL) < 0) {
        if (errno == EPIPE || errno == ECONNRESET) return false;
        if (errno != EINTR) fail("talking to the guard");
    }
    return true;
}

void take_fds(msghdr& message, std::vector<UniqueFd>& fds) {
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        std::array<int, kMostFds> received{};
        const std::size_t size = header->cmsg_len - CMSG_LEN(0);
        CHECK(size <= sizeof received);
        std::memcpy(received.data(), CMSG_DATA(header), size);
        for (std::size_t at = 0; at < size / sizeof(int); ++at) fds.emplace_back(received[at]);
    }
}

// False when the other side is gone.
bool receive_packet(int control, std::span<char> bytes, std::vector<UniqueFd>& fds) {
    iovec part{.iov_base = bytes.data(), .iov_len = bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostFds * sizeof(int))> space{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = space.data();
    message.msg_controllen = space.size();
    ssize_t size = 0;
    do {
        size = ::recvmsg(control, &message, MSG_CMSG_CLOEXEC);
    } while (size < 0 && errno == EINTR);
    if (size < 0 && errno != ECONNRESET) fail("listening to the guard");
    take_fds(message, fds);
    return size == static_cast<ssize_t>(bytes.size());
}

}  // namespace

UniqueFd to_file(const Request& request) {
    std::string bytes;
    put(bytes, request.program);
    put(bytes, request.directory);
    put(bytes, request.argv);
    put(bytes, request.environment);
    UniqueFd file(::memfd_create("drydock-command", MFD_CLOEXEC));
    if (!file.valid()) fail("preparing a command");
    for (std::string_view rest = bytes; !rest.empty();) {
        const ssize_t written = ::write(file.get(), rest.data(), rest.size());
        if (written < 0) fail("preparing a command");
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    return file;
}

Request from_file(int fd) {
    struct stat found {};
    if (::fstat(fd, &found) != 0) fail("reading a command");
    std::string bytes(static_cast<std::size_t>(found.st_size), '\0');
    for (std::size_t at = 0; at < bytes.size();) {
        const ssize_t got =
            ::pread(fd, bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
        if (got <= 0) fail("reading a command");
        at += static_cast<std::size_t>(got);
    }
    Taker taker(bytes);
    Request request;
    request.program = taker.text();
    request.directory = taker.text();
    request.argv = taker.texts();
    request.environment = taker.texts();
    return request;
}

bool send_ask(int control, Ask ask, std::span<const int> fds) {
    return send_packet(control, {reinterpret_cast<const char*>(&ask), sizeof ask}, fds);
}

bool send_answer(int control, const Answer& answer) {
    return send_packet(control, {reinterpret_cast<const char*>(&answer), sizeof answer}, {});
}

std::optional<Asked> receive_ask(int control) {
    Asked asked;
    if (!receive_packet(control, {reinterpret_cast<char*>(&asked.ask), sizeof asked.ask},
                        asked.fds)) {
        return std::nullopt;
    }
    return asked;
}

std::optional<Answer> receive_answer(int control) {
    Answer answer;
    std::vector<UniqueFd> none;
    if (!receive_packet(control, {reinterpret_cast<char*>(&answer), sizeof answer}, none)) {
        return std::nullopt;
    }
    return answer;
}

}  // namespace drydock::os::wire
