#pragma once

#include <cstdint>
#include <vector>

#include "engine/sql/lexer.h"

// What a statement is by its words alone, as far as transactions go: the one list of such kinds.
// Pure. Tokens are those of one statement, at least one.
namespace drydock::sql {

// begin, start transaction, commit, end, rollback, abort, savepoint, release, prepare transaction.
[[nodiscard]] bool controls_transaction(const std::vector<Token>& tokens);

// Whether the server runs it inside of a transaction.
enum class InTransaction : std::uint8_t {
    Runs,
    RunsSincePostgres12,  // ALTER TYPE … ADD VALUE
    Refused,              // VACUUM, CREATE INDEX CONCURRENTLY, CREATE DATABASE …
    Ignored,              // SQLite's PRAGMA foreign_keys = …: no error, and no effect
};
// What depends on the catalog (CLUSTER or REINDEX of a table with partitions, DROP SUBSCRIPTION of
// one with a slot) is taken for what its words say.
[[nodiscard]] InTransaction in_transaction(const std::vector<Token>& tokens, Dialect dialect);

}  // namespace drydock::sql
