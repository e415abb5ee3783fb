#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/clock.h"
#include "engine/rehearse/copies.h"
#include "engine/sql/open.h"

namespace drydock::rehearse {

// The PostgreSQL databases of a rehearsal in place: one session for each database, whatever number
// of connections lead to it, because two of them would wait for each other's locks. Each session
// has one transaction, which is rolled back when this goes: until then it holds the locks that the
// steps took. What two connections differ in, their users, is that of the first one.
class InPlace final {
  public:
    // Opens a session for each database; everything in them ends `limit` from now.
    InPlace(std::map<std::string, sql::PostgresSettings> targets, Clock& clock, Microseconds limit);
    ~InPlace();
    InPlace(const InPlace&) = delete;
    InPlace& operator=(const InPlace&) = delete;

    // Adds them to `copies`: what has none there is rehearsed here.
    void add_to(Copies& copies) const;
    // A session for `connection` that shares the one of its database; null: there is none. It must
    // go before this does.
    [[nodiscard]] std::unique_ptr<sql::Database> lend(const std::string& connection) const;

  private:
    struct Place {
        std::vector<std::string> connections;
        std::unique_ptr<sql::Database> session;
    };
    std::vector<Place> places_;
    std::map<std::string, bool> read_only_;  // by connection
    Clock& clock_;
    Microseconds until_;  // boot clock
};

// The locks of this session that keep others from writing or more: "access exclusive on t".
[[nodiscard]] std::vector<std::string> strong_locks(sql::Database& session);

}  // namespace drydock::rehearse
