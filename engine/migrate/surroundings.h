#pragma once

#include <string>
#include <vector>

#include "engine/migrate/plan.h"
#include "engine/sql/database.h"

// What a plan is held against: a database as it is now. Reads the catalog only, of what the role of
// the session may see; throws what the database throws.
namespace drydock::migrate {

// On SQLite rows are the largest rowid, which is an estimate, and bytes those without indexes; they
// are not told of a file over 1 GiB, which would have to be read.
[[nodiscard]] Surroundings look_around(sql::Database& database);

// A session that holds a lock now which some statement of a plan would wait for.
struct Blocker {
    std::string file;  // of the migration
    runbook::Place place;
    std::string table;
    LockMode wanted = LockMode::AccessShare;
    LockMode held = LockMode::AccessShare;
    std::int64_t pid = 0;
    std::string user, application;
    std::string state;         // "idle in transaction"; empty: this role may not know
    std::int64_t seconds = 0;  // since its transaction began
    std::string query;         // its beginning, on one line; empty likewise
};
// Of PostgreSQL; on SQLite none. One for each session and table, at the first statement.
[[nodiscard]] std::vector<Blocker> blockers_of(const Plan& plan, sql::Database& database);

}  // namespace drydock::migrate
