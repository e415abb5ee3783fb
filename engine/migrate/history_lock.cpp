#include "engine/migrate/history_lock.h"

#include <string>
#include <utility>
#include <vector>

#include "engine/sql/advisory_lock.h"

namespace drydock::migrate {
namespace {

constexpr std::string_view kLockName = "drydock migrations";

void locked(sql::StepSession& session, const std::vector<sql::AdvisoryKey>& keys, std::size_t at,
            Microseconds wait, const std::function<void()>& work) {
    if (at == keys.size()) return work();
    session.lock(keys[at], wait, [&] {
        locked(session, keys, at + 1, wait, work);
        return Value();
    });
}

}  // namespace

void with_history_locked(sql::StepSession& session, ToolHistory& tool, Microseconds wait,
                         const std::function<void()>& work) {
    std::vector<sql::AdvisoryKey> keys;
    if (session.database().dialect() == sql::Dialect::Postgres) {
        keys.emplace_back(std::string(kLockName));
        for (sql::AdvisoryKey& key : tool.locks()) keys.push_back(std::move(key));
    }
    locked(session, keys, 0, wait, work);
}

}  // namespace drydock::migrate
