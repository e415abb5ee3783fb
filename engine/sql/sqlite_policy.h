#pragma once

#include <string_view>

#include "engine/sql/database.h"
#include "engine/sqlite/connection.h"

namespace drydock::sql {

// Whether a statement of a script may do `action` on SQLite. The words of a statement were looked
// at before (sql/inspect.h); this is SQLite's own account of what it compiled, which no spelling
// evades. Reading PRAGMAs are for everyone; those that change something only for Access::Alone,
// because most of them do nothing, or something else, inside a transaction. `vacuum`: the statement
// is VACUUM, which by itself attaches a temporary file and begins a transaction.
[[nodiscard]] bool allowed(Access access, bool vacuum, sqlite::Action action,
                           std::string_view first, const char* second);

// The same for a migration, which may set what it likes. `vacuum` as above.
[[nodiscard]] bool allowed_in_migration(bool vacuum, sqlite::Action action);

}  // namespace drydock::sql
