#include "engine/journal/health.h"

#include <array>
#include <chrono>
#include <cstdio>

#include "engine/error.h"
#include "engine/journal/open.h"
#include "engine/journal/schema.h"
#include "engine/journal/wording.h"
#include "engine/sqlite/connection.h"

namespace drydock::journal {
namespace {

constexpr std::string_view kLocks = "select name from locks order by name";
constexpr std::string_view kWaitingRequests =
    "select id, run, kind, actor, at from requests order by at, id limit 1000";
// The last events of the newest runs and of those that have not ended: none can be newer.
constexpr std::string_view kNewestTime =
    "select max(json_extract(cast(e.line as text), '$.time')) from events e join ("
    "  select run, max(seq) as seq from events where run in ("
    "    select n from (select n from runs order by n desc limit 100)"
    "    union select n from (select n from runs where ended is null order by n desc limit 1000))"
    "  group by run) newest on newest.run = e.run and newest.seq = e.seq";
constexpr std::size_t kMostOpenRuns = 1000;

void look_through(sqlite::Connection& connection, Microseconds limit, Health& health) {
    const auto until = std::chrono::steady_clock::now() + limit;
    connection.set_stop([until] { return std::chrono::steady_clock::now() > until; });
    try {
        sqlite::Statement row = connection.prepare("pragma quick_check(1)");
        if (row.step() && row.column_text(0) != "ok") health.damage = row.column_text(0);
        health.looked_through = true;
    } catch (const Error& error) {
        if (error.code_text() == "SQLITE_NOMEM") throw;  // says nothing about the file
        if (error.code() != ErrorCode::Interrupted) health.damage = error.message();
    }
    connection.set_stop({});
}

std::vector<std::string> lock_names(sqlite::Connection& connection) {
    std::vector<std::string> names;
    sqlite::Statement rows = connection.prepare(kLocks);
    while (rows.step()) names.emplace_back(rows.column_text(0));
    return names;
}

void read_requests(sqlite::Connection& connection, Health& health) {
    sqlite::Statement rows = connection.prepare(kWaitingRequests);
    while (rows.step()) {
        health.requests.push_back({.id = std::string(rows.column_text(0)),
                                   .n = rows.column_int(1),
                                   .kind = std::string(rows.column_text(2)),
                                   .actor = std::string(rows.column_text(3)),
                                   .at = rows.column_int(4)});
    }
}

std::int64_t number(sqlite::Connection& connection, std::string_view sql) {
    sqlite::Statement row = connection.prepare(sql);
    return row.step() ? row.column_int(0) : 0;
}

}  // namespace

Health examine(const std::string& place, Microseconds limit) {
    Health health{.newest_schema = newest_schema()};
    const std::unique_ptr<JournalReader> reader = open_reader(place);
    const std::string path = path_of(place);
    health.schema = reader->info().schema;
    try {
        sqlite::Connection connection(path, {.mode = sqlite::Mode::ReadOnly,
                                             .busy_timeout = Microseconds(5'000'000),
                                             .checkpoint_on_close = false});
        look_through(connection, limit, health);
        health.runs = number(connection, "select count(*) from runs");
        health.newest_time = number(connection, kNewestTime);
        read_requests(connection, health);
        for (const std::string& name : lock_names(connection)) {
            if (auto holder = reader->lock_holder(name)) health.locks.push_back(*std::move(holder));
        }
    } catch (const Error& error) {
        if (health.damage.empty()) throw unavailable(path, error);
        return health;  // what is damaged can be read in part only
    }
    health.open = reader->list({.limit = kMostOpenRuns, .open_only = true});
    return health;
}

std::string store_version() {
    return sqlite::library_version();
}

// Mended in 3.51.3, and in the branches 3.50.7 and 3.44.6.
bool store_has_wal_fault(const std::string& version) {
    std::array<int, 3> parts{};
    if (std::sscanf(version.c_str(), "%d.%d.%d", &parts[0], &parts[1], &parts[2]) != 3) return true;
    const bool mended = parts >= std::array{3, 51, 3} || (parts[1] == 50 && parts[2] >= 7) ||
                        (parts[1] == 44 && parts[2] >= 6);
    return !(parts[0] >= 3 && mended);
}

}  // namespace drydock::journal
