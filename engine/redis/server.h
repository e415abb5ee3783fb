#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/cancel.h"
#include "engine/clock.h"
#include "engine/redis/connection.h"

namespace drydock::redis {

struct ServerSettings {
    ConnectOptions connect;
    // A server that is not there is tried again every so often, for so long.
    Microseconds retry_every{2'000'000}, retry_for{0};
    bool read_only = false;   // nothing may be changed through it
    std::string min_version;  // "6.2"; empty: any
};

// What the server says of a command.
struct CommandFacts {
    bool reads = false;   // it changes nothing
    std::size_t key = 0;  // place of its first key among the words; 0: none is known
};

// A Redis server with one database as the target of a run. Connects with the first command, and
// again when the connection was lost while no command was under way. A command that was under way
// is never repeated: last_in_doubt() says whether the one that failed may have been done. Owned by
// the run's targets, used on one thread, except interrupt().
class Server final {
  public:
    // Does not connect. Throws Error{Connection} for settings that lead nowhere.
    Server(ServerSettings settings, Clock& clock, CancelToken& cancel);

    // "cache.example.com:6379/0": the same for every way of writing it, and without secrets. A run
    // knows its target by it (docs/decisions/0031 says why by nothing else).
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] bool read_only() const { return settings_.read_only; }

    // As of Connection, on a connection that stands.
    Reply call(const Words& words);
    void exchange(std::string_view commands, std::size_t count, const Connection::Sink& sink);
    [[nodiscard]] bool last_in_doubt() const { return in_doubt_; }

    // What `words` is known to do. Servers that do not tell are believed to change something.
    [[nodiscard]] CommandFacts facts(const Words& words);
    // True when a key without a time to live stays until somebody removes it, and any two keys may
    // be used by one script: no allkeys-* eviction, no cluster. A server that does not tell: false.
    [[nodiscard]] bool keeps_tokens();
    // Why keeps_tokens() is false: "maxmemory-policy is allkeys-lru".
    [[nodiscard]] std::string why_not_kept();

    // A connection of its own, for what ends one (the stream of a replica).
    [[nodiscard]] Connection another();
    [[nodiscard]] const Waiter& waiter() const { return waiter_; }

    // When the step's time is over, on the boot clock. Forgets an interrupt().
    void set_deadline(std::optional<Microseconds> boot_deadline);
    // From any thread: the running command is given up, and later ones fail at once.
    void interrupt() noexcept { waiter_.interrupt(); }

  private:
    Connection& ready();
    void connect_patiently();
    void require_version();
    [[nodiscard]] Value::Map info();
    template <class Work>
    void careful(const Work& work);

    ServerSettings settings_;
    Clock& clock_;
    CancelToken& cancel_;
    Address address_;
    std::string name_;
    Waiter waiter_;
    std::optional<Connection> connection_;
    bool in_doubt_ = false;
    std::map<std::string, CommandFacts, std::less<>> facts_;
    std::optional<std::string> eviction_;  // why tokens are not kept; empty text: they are
};

}  // namespace drydock::redis
