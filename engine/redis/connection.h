#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/redis/address.h"
#include "engine/redis/reply.h"
#include "engine/redis/stream.h"
#include "engine/redis/waiter.h"

namespace drydock::redis {

// One session with a Redis server: logged in, its database selected. It never reconnects and never
// repeats anything: when it is lost, or stopped in the middle of a command, it is over, and
// answer_missing() says whether that command may have been done. Used on one thread; stopped
// through its Waiter.
class Connection final {
  public:
    // Throws Error{Connection, Permission, Timeout, Interrupted}. No text of an error holds the
    // password.
    Connection(const Address& address, Microseconds connect_timeout, const Waiter& waiter);

    // The answer to one command; an error reply is thrown (errors.h).
    Reply call(const Words& words);

    // Sends `count` commands, already written one after the other, and gives each answer in order
    // to `sink`, error replies too. While it sends it reads, so that neither side waits for the
    // other whatever the sizes.
    using Sink = std::function<void(Reply&&)>;
    void exchange(std::string_view commands, std::size_t count, const Sink& sink);

    // Sends a command whose answer is no reply (SYNC) and hands over the stream.
    [[nodiscard]] Stream& begin_stream(const Words& words);

    // True when a command was sent and its answer did not come: whether it was done nobody knows.
    [[nodiscard]] bool answer_missing() const { return in_flight_; }
    // False when nothing more can be sent. Looks at the socket without waiting.
    [[nodiscard]] bool is_usable();

  private:
    void log_in(const Address& address);
    void read_into(std::size_t& missing, const Sink& sink);

    const Waiter& waiter_;
    std::string where_;
    Stream stream_;
    ReplyReader reader_;
    bool in_flight_ = false;
    bool over_ = false;
};

}  // namespace drydock::redis
