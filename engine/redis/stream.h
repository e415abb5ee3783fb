#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/crypto/tls.h"
#include "engine/os/unique_fd.h"
#include "engine/redis/address.h"
#include "engine/redis/waiter.h"

namespace drydock::redis {

// Bytes to a server and back, with TLS where the address says so. Nothing in it blocks but by the
// Waiter. Used on one thread. Errors: Error{Connection, Permission, Timeout, Interrupted}.
class Stream final {
  public:
    // Connects, and secures the connection.
    Stream(const Address& address, Microseconds timeout, const Waiter& waiter);

    [[nodiscard]] int fd() const { return socket_.get(); }
    // Gives text to be sent; flush() sends as much of it as goes without waiting and is true when
    // nothing is left.
    void put(std::string_view text);
    [[nodiscard]] bool flush();
    // Takes what has come without waiting; 0: nothing has. Throws when the other end is gone.
    [[nodiscard]] std::size_t take(std::span<char> into);
    // True when, without having been asked, the other end has closed or said something: then
    // nothing can be begun on this stream any more.
    [[nodiscard]] bool is_stale();

  private:
    void connect(const Address& address, Microseconds until, const Waiter& waiter);
    void secure(const Address& address, Microseconds until, const Waiter& waiter);
    [[nodiscard]] std::size_t receive(std::span<char> into);

    os::UniqueFd socket_;
    std::string unsent_;
    std::size_t sent_ = 0;  // of unsent_
    std::unique_ptr<crypto::TlsClient> tls_;
};

}  // namespace drydock::redis
