#pragma once

#include "engine/schema/catalog.h"

namespace drydock::schema {

// The catalog of a SQLite database and its rows: see schema::look_at. SQLite keeps definitions as
// they were written; they are compared by their tokens, so that blanks, comments, the case of words
// and quotes that a name does not need make no difference. The order of the clauses of a column or
// of a constraint does: "not null default 1" is not "default 1 not null".
[[nodiscard]] Catalog look_at_sqlite(sql::Database& database);
[[nodiscard]] Rows rows_in_sqlite(sql::Database& database);

}  // namespace drydock::schema
