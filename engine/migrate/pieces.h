#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.h"
#include "engine/migrate/migration.h"

// What of a script is done at once: pure.
namespace drydock::migrate {

// Statements of a script (their indexes, one after the other) that are one transaction; or a single
// one that the database runs outside of any.
struct Piece {
    std::vector<std::size_t> statements;
    bool alone = false;
};

// A script that does not ask to run without a transaction, and holds nothing that cannot run in
// one, is a single piece, whether or not it says BEGIN and COMMIT itself. Others are cut where they
// say so, or at each statement. What the database would ignore within a transaction (SQLite's
// PRAGMA foreign_keys) is left out: keys are not enforced while migrations run, and are checked
// before each commit. Throws Error{Document} with the place for a script that rolls itself back,
// or whose BEGIN and COMMIT do not fit.
[[nodiscard]] std::vector<Piece> pieces_of(const Script& script, sql::Dialect dialect);

// SET ROLE, SET SESSION AUTHORIZATION, and their RESET.
[[nodiscard]] bool takes_on_role(const Statement& statement);

// The place of a statement, "000012_x.up.sql:14:9"; `position` is a byte in it, from 1, or 0.
[[nodiscard]] std::string place_of(const Script& script, const Statement& statement,
                                   std::size_t position);

// The first line of a statement, shortened.
[[nodiscard]] std::string beginning_of(std::string_view statement);

// What the database said of a statement, with its place in the file and its beginning.
[[nodiscard]] Error placed(const Error& error, const Script& script, const Statement& statement);

}  // namespace drydock::migrate
