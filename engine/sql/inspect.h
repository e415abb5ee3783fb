#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/sql/database.h"
#include "engine/sql/lexer.h"

// What a script's SQL may not do, said in the same words by `check` and at run time, for every
// driver. Pure.
namespace drydock::sql {

struct Refusal {
    std::string message;
    std::string hint;
};

// Why `statement` may not run with that access; nullopt when nothing in its words forbids it (the
// driver looks again: SQLite's authorizer, PostgreSQL's transaction status).
[[nodiscard]] std::optional<Refusal> refusal(const ScriptStatement& statement, Access access,
                                             Dialect dialect = Dialect::Sqlite);

// The first reason why `sql` (one or more statements) can never run as a write of a step: it is
// empty, has an open quote, controls the transaction, attaches a file or must run alone. What has
// dollar quotes ($$ … $$) is taken for PostgreSQL's, the rest for SQLite's, which forbids more.
[[nodiscard]] std::optional<std::string> script_problem(std::string_view sql);

}  // namespace drydock::sql
