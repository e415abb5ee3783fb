#pragma once

#include "engine/inspect/schema.h"
#include "engine/sql/database.h"

namespace drydock::inspect {

// The same of a PostgreSQL database, as its session sees it now, with what its transaction has
// changed: a column, an index, a constraint, a view … each an object of its own. The numbers of
// rows are estimates of the server, moved by what this transaction inserted and deleted: to count
// large tables would take too long. Leaves out the server's own and the schema `receipts`.
[[nodiscard]] Schema look_at_schema(sql::Database& session, const std::string& receipts);

}  // namespace drydock::inspect
