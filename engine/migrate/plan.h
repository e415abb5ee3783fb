#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/migrate/apply.h"
#include "engine/migrate/lint.h"
#include "engine/migrate/table_locks.h"

// What a way through migrations would do, told before it is gone: transactions, statements, locks,
// what is read or written anew. Pure; what the statements are is known by the same words that lint
// goes by. What the database is like is given by surroundings.h.
namespace drydock::migrate {

// What is known of the database. Names are those of Deed.
struct Surroundings {
    std::string server_version;   // "15.4"; empty: not known
    std::int64_t file_bytes = 0;  // of SQLite's file, which each writing transaction locks whole
    std::map<std::string, TableSize, std::less<>> sizes;  // of tables and materialized views
    std::map<std::string, std::string, std::less<>> tables_of_indexes;
    // A drop locks the table at the other end too.
    struct ForeignKey {
        std::string table, name;
        std::set<std::string> columns;
        std::string references;
    };
    std::vector<ForeignKey> foreign_keys;
};

struct PlannedStatement {
    runbook::Place place;
    std::string does;  // "alter table users: add column nickname"
    // Of PostgreSQL's tables that are there before; on SQLite any write locks the whole file.
    std::vector<TableLock> locks;
    Cost cost = Cost::None;
    std::string of;  // the table that the cost is for
};

// A transaction; or a single statement that the database runs outside of any.
struct PlannedPiece {
    std::vector<PlannedStatement> statements;
    bool alone = false;
};

struct PlannedMigration {
    Passage::Way way = Passage::Way::Up;
    const Migration* migration = nullptr;
    std::string file;
    std::vector<PlannedPiece> pieces;
};

struct Plan {
    std::vector<PlannedMigration> migrations;
    std::string digest;  // in hex
};

// Throws Error{Document} for a script that cannot be cut, see pieces_of(). `folder` outlives what
// comes back.
[[nodiscard]] Plan plan_of(const Folder& folder, const std::vector<Passage>& passages,
                           sql::Dialect dialect, const Surroundings& surroundings);

// SHA-256 over directions, keys and files, in their order; not over how large anything is.
[[nodiscard]] std::string plan_digest(const std::vector<Passage>& passages);

// A plan that somebody has looked at, and that alone is to be run.
struct AgreedPlan {
    std::string digest;      // its beginning suffices, from 8 digits on
    std::string run;         // whose records count as part of it: those of this run …
    std::int64_t since = 0;  // … that are newer than this one
};
// Has apply() refuse anything else, with Error{Refused} and the digest that it has now, before it
// runs something. What the run itself has done before a cut counts as part of the plan. A migration
// that another run has begun and not ended is in no plan. Error{Usage} for what is no digest.
// `folder` outlives the options.
void require_plan(ApplyOptions& options, const Folder& folder, const AgreedPlan& agreed);

}  // namespace drydock::migrate
