#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "engine/cancel.h"
#include "engine/clock.h"
#include "engine/sql/database.h"
#include "engine/sql/session_hooks.h"

namespace drydock::sql {

// What an advisory lock is known by: its number, or the number that its name is hashed to.
struct AdvisoryKey {
    AdvisoryKey(std::string of) : name(std::move(of)) {}  // NOLINT(google-explicit-constructor)
    AdvisoryKey(std::string of, std::int64_t number) : name(std::move(of)), id(number) {}

    std::string name;  // for messages, when it has a number
    std::optional<std::int64_t> id;
};

// A lock of PostgreSQL that belongs to a session and protects whatever its users agree on. It is
// taken by asking again and again: a session that is blocked in pg_advisory_lock while the holder
// builds an index concurrently would end in a deadlock. The key is hashtextextended(NAME, 0), so
// that other programs can take the same one. Released when the session ends, at the latest.
class AdvisoryLock final {
  public:
    // Error{Lua} when the database has no such locks.
    AdvisoryLock(Database& database, AdvisoryKey key);
    ~AdvisoryLock();  // releases
    AdvisoryLock(const AdvisoryLock&) = delete;
    AdvisoryLock& operator=(const AdvisoryLock&) = delete;

    // Asks until it is had or `wait` is over: Error{Busy} naming the holder. Who holds it while it
    // waits is told by hooks.notice, once.
    void wait_for(Microseconds wait, const SessionHooks& hooks, Clock& clock, CancelToken& cancel);
    // False: somebody else has it. Error{Connection} when a pooler stands between, which gives each
    // statement another session.
    [[nodiscard]] bool try_acquire();
    // "pid 4711 (anna, app) for 3 s"; empty when nobody has it any more.
    [[nodiscard]] std::string holder();
    void release();

  private:
    [[nodiscard]] bool answers_yes(std::string_view question);
    void ask(std::string_view question, const std::function<void(const Value&)>& tell);

    Database& database_;
    AdvisoryKey key_;
    bool held_ = false;
};

}  // namespace drydock::sql
