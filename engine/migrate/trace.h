#pragma once

#include <cstdint>

#include "engine/migrate/migration.h"
#include "engine/sql/database.h"

// What a statement has left in the database, as the catalog shows it: for somebody who has to find
// out how far a migration came that nobody counted.
namespace drydock::migrate {

enum class Trace : std::uint8_t {
    There,     // what it makes is there, or what it takes away is not
    NotThere,  // the other way round
    Unknown,   // rows, rights, bodies: the catalog does not tell
};

// Reads only. Tables, indexes, views, sequences and columns are looked for.
[[nodiscard]] Trace trace_of(sql::Database& database, const Statement& statement);

}  // namespace drydock::migrate
