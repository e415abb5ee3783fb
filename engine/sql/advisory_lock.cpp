#include "engine/sql/advisory_lock.h"

#include <algorithm>
#include <utility>

#include "engine/error.h"

namespace drydock::sql {
namespace {

constexpr Microseconds kPause{100'000};
constexpr std::string_view kTry = "select pg_try_advisory_lock(hashtextextended($1, 0))";
constexpr std::string_view kRelease = "select pg_advisory_unlock(hashtextextended($1, 0))";
constexpr std::string_view kHeldHere = R"(
select exists (select from pg_locks where pid = pg_backend_pid() and locktype = 'advisory'
   and objsubid = 1 and (classid::bigint << 32) | objid::bigint = hashtextextended($1, 0)))";
constexpr std::string_view kHolder = R"(
select format('pid %s (%s%s) for %s s', a.pid, usename,
              case when application_name = '' then '' else ', ' || application_name end,
              extract(epoch from clock_timestamp() - backend_start)::bigint)
  from pg_locks l join pg_stat_activity a on a.pid = l.pid
 where locktype = 'advisory' and granted and objsubid = 1
   and l.database = (select oid from pg_database where datname = current_database())
   and (classid::bigint << 32) | objid::bigint = hashtextextended($1, 0) limit 1)";

}  // namespace

AdvisoryLock::AdvisoryLock(Database& database, std::string name)
    : database_(database), name_(std::move(name)) {
    if (database_.dialect() == Dialect::Postgres) return;
    throw Error(ErrorCode::Lua, "SQLite has no advisory locks",
                "list the name under locks: in the runbook; runs of this journal respect it");
}

AdvisoryLock::~AdvisoryLock() {
    try {
        release();
    } catch (const Error&) {
        // The session is gone, and the lock with it.
    }
}

void AdvisoryLock::wait_for(Microseconds wait, const SessionHooks& hooks, Clock& clock,
                            CancelToken& cancel) {
    const Microseconds until = clock.boot() + wait;
    for (bool told = false; !try_acquire(); told = true) {
        const bool over = clock.boot() >= until;
        const std::string has_it = over || !told ? holder() : std::string();
        if (over) {
            throw Error(ErrorCode::Busy,
                        "the advisory lock " + name_ + " is held by " +
                            (has_it.empty() ? "somebody" : has_it),
                        "wait until it is done and resume");
        }
        if (!told && hooks.notice)
            hooks.notice("info", "waits for the advisory lock " + name_ + ", held by " + has_it);
        clock.sleep_until(std::min(until, clock.boot() + kPause), cancel);
        hooks.check_stop();
    }
}

bool AdvisoryLock::try_acquire() {
    if (!answers_yes(kTry)) return false;
    held_ = true;
    if (answers_yes(kHeldHere)) return true;
    throw Error(ErrorCode::Connection,
                "the advisory lock " + name_ + " is not with this session: a pooler stands between",
                "connect to the server itself, or let the pooler keep sessions");
}

std::string AdvisoryLock::holder() {
    std::string text;
    database_.run(kHolder, {.positional = {name_}, .named = {}}, Access::Read, [&](const Row& row) {
        text = to_text(row.value(0));
        return false;
    });
    return text;
}

void AdvisoryLock::release() {
    if (std::exchange(held_, false)) (void)answers_yes(kRelease);
}

bool AdvisoryLock::answers_yes(std::string_view question) {
    bool yes = false;
    database_.run(question, {.positional = {name_}, .named = {}}, Access::Read,
                  [&](const Row& row) {
                      yes = row.value(0) == Value(true);
                      return false;
                  });
    return yes;
}

}  // namespace drydock::sql
