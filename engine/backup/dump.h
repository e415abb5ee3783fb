#pragma once

#include <string>

#include "engine/backup/job.h"

namespace drydock::backup {

// Runs the SQL text at `dump`, as `sqlite3 FILE .dump` writes it, into the new database `to`, a
// statement at a time, so that a dump of any length needs little memory. Nothing in it can reach
// another file. Errors: Error{Check} with the line when it was cut, when it ends in a ROLLBACK (the
// database that it was taken of was damaged) or when a statement fails; `to` is then incomplete.
void load_dump(Job& job, const std::string& dump, const std::string& to);

}  // namespace drydock::backup
