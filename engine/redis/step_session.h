#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cancel.h"
#include "engine/error.h"
#include "engine/redis/server.h"
#include "engine/redis/snapshot.h"
#include "engine/value.h"

namespace drydock::redis {

// What a session must know of the attempt around it. A struct of functions because redis/ is below
// execute/ and this is all that it may ask.
struct SessionHooks {
    // Throws when reading is forbidden now (inside a transaction of another connection), or when
    // the attempt must stop.
    std::function<void(std::string_view primitive)> allow_read;
    // Throws when a write that happens once is forbidden now.
    std::function<void(std::string_view primitive)> allow_keyed;
    // Throws the attempt's stop. Called between the batches of long work.
    std::function<void()> check_stop;
    // Journals an unsafe effect; durable before begin_effect returns.
    std::function<std::int64_t(std::string_view primitive, std::string_view subject,
                               const Value& arguments)>
        begin_effect;
    // `result`: "ok", "error", "lost".
    std::function<void(std::int64_t effect, std::string_view result)> end_effect;
    std::function<void(std::int64_t done, std::int64_t total, std::string_view text)> progress;
    // The write with this key is done, now or by an earlier attempt.
    std::function<void(std::string_view connection, std::string_view key)> committed;
};

// The hash that holds a run's tokens. Its braces make it one slot of a cluster.
[[nodiscard]] std::string token_hash(std::string_view run);

// How many tokens the scope has on the server; 0 when the server does not let us look.
[[nodiscard]] std::int64_t token_count(Server& server, std::string_view run,
                                       std::string_view scope);

// One Redis connection as one attempt of a step may use it. Reading is free; a write is an unsafe
// effect, journaled around; keyed() is a write that happens once:
//
//   on the server, in one script:  token there? its answer : token, command, answer into the token
//
// The token is a field of the hash drydock:{RUN}, without a time to live, so that whatever becomes
// of the server (a restart, a failover) loses both or neither. Owned by the StepContext, used on
// its thread only.
class StepSession final {
  public:
    struct Scope {
        std::string connection;  // its name in the runbook
        std::string run;
        std::string scope;  // "do/expire"
    };
    StepSession(Scope scope, Server& server, SessionHooks hooks, CancelToken& cancel);

    [[nodiscard]] Server& server() { return server_; }

    // Any command that is not of the session itself (SELECT, MULTI, SUBSCRIBE …).
    Reply command(const Words& words);
    // A command that changes nothing; Error{Lua} for any other.
    Reply query(const Words& words);
    // All at once, one effect if any of them writes. Throws the first error when all were answered.
    std::vector<Reply> pipeline(const std::vector<Words>& commands);
    // A write that happens once, with its answer, also when an earlier attempt did it. Where the
    // server may forget the token (Server::keeps_tokens) it is an unsafe effect instead.
    Reply keyed(std::string_view key, const Words& words);

    // Gives each key that fits `pattern` to `sink`, until that says false. A key that is there all
    // the time comes at least once.
    void scan(const std::string& pattern, const std::function<bool(const std::string&)>& sink);
    // Removes all keys that fit, in batches; hashes of tokens stay. Returns how many.
    std::int64_t unlink(const std::string& pattern);

    // The server's data as a file (snapshot.h). What writing the file means is the caller's affair.
    Snapshot save_snapshot(const std::string& path);

    [[nodiscard]] Value::Map info(const std::string& section);
    // Without passwords, which nobody may see.
    [[nodiscard]] Value::Map config_get(const std::string& pattern);
    // Sets them, and returns what they were.
    Value::Map config_set(const std::map<std::string, std::string>& values);

  private:
    void require_allowed(const Words& words) const;
    void require_writable(const Words& words) const;
    template <class Work>
    auto as_effect(const std::string& primitive, const Value& arguments, const Work& work);
    [[nodiscard]] Value shown(const Words& words);
    [[nodiscard]] std::int64_t unlink_all(const std::string& pattern);
    [[nodiscard]] static Error error_of_keyed(const Error& error, const Words& words);
    [[nodiscard]] static Words script_call(const std::string& hash, const std::string& field,
                                           const Words& words);

    Scope scope_;
    Server& server_;
    SessionHooks hooks_;
    CancelToken::Waker waker_;
};

}  // namespace drydock::redis
