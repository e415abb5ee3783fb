#include "engine/sql/advisory_lock.h"

#include <algorithm>
#include <utility>

#include "engine/error.h"

namespace drydock::sql {
namespace {

constexpr Microseconds kPause{100'000};
// {} is the number.
constexpr std::string_view kTry = "select pg_try_advisory_lock({})";
constexpr std::string_view kRelease = "select pg_advisory_unlock({})";
constexpr std::string_view kHeldHere = R"(
select exists (select from pg_locks where pid = pg_backend_pid() and locktype = 'advisory'
   and objsubid = 1 and (classid::bigint << 32) | objid::bigint = {}))";
constexpr std::string_view kHolder = R"(
select format('pid %s (%s%s) for %s s', a.pid, usename,
              case when application_name = '' then '' else ', ' || application_name end,
              extract(epoch from clock_timestamp() - backend_start)::bigint)
  from pg_locks l join pg_stat_activity a on a.pid = l.pid
 where locktype = 'advisory' and granted and objsubid = 1
   and l.database = (select oid from pg_database where datname = current_database())
   and (classid::bigint << 32) | objid::bigint = {} limit 1)";

}  // namespace

AdvisoryLock::AdvisoryLock(Database& database, AdvisoryKey key)
    : database_(database), key_(std::move(key)) {
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
                        "the advisory lock " + key_.name + " is held by " +
                            (has_it.empty() ? "somebody" : has_it),
                        "wait until it is done and resume; a session that nobody uses ends "
                        "by select pg_terminate_backend(PID)");
        }
        if (!told && hooks.notice)
            hooks.notice("warning",
                         "waits for the advisory lock " + key_.name + ", held by " + has_it);
        clock.sleep_until(std::min(until, clock.boot() + kPause), cancel);
        hooks.check_stop();
    }
}

bool AdvisoryLock::try_acquire() {
    if (!answers_yes(kTry)) return false;
    held_ = true;
    if (answers_yes(kHeldHere)) return true;
    throw Error(
        ErrorCode::Connection,
        "the advisory lock " + key_.name + " is not with this session: a pooler stands between",
        "connect to the server itself, or let the pooler keep sessions");
}

std::string AdvisoryLock::holder() {
    std::string text;
    ask(kHolder, [&](const Value& answer) { text = to_text(answer); });
    return text;
}

void AdvisoryLock::release() {
    if (std::exchange(held_, false)) (void)answers_yes(kRelease);
}

bool AdvisoryLock::answers_yes(std::string_view question) {
    bool yes = false;
    ask(question, [&](const Value& answer) { yes = answer == Value(true); });
    return yes;
}

void AdvisoryLock::ask(std::string_view question, const std::function<void(const Value&)>& tell) {
    const std::string_view number = key_.id ? "$1::bigint" : "hashtextextended($1, 0)";
    std::string statement(question);
    statement.replace(statement.find("{}"), 2, number);
    const Value known = key_.id ? Value(*key_.id) : Value(key_.name);
    database_.run(statement, {.positional = {known}, .named = {}}, Access::Read,
                  [&](const Row& row) {
                      tell(row.value(0));
                      return false;
                  });
}

}  // namespace drydock::sql
