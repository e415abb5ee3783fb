#pragma once

#include <string>
#include <vector>

#include "engine/backup/job.h"
#include "engine/value.h"

namespace drydock::backup {

// Moving whole database files. No connection of this process may be open on them: closing a plain
// descriptor would drop SQLite's locks, so each function refuses when one is, and when another
// program has the file open (Error{Busy} naming it).

struct Preserved {
    std::string path;                // of the copy of the database itself
    std::vector<std::string> files;  // all copies
};
// Copies the database at `database` and its -wal, -shm and -journal byte for byte into `folder`.
Preserved preserve(Job& job, const std::string& database, const std::string& folder);

// Puts `from` (plain or compressed) in the place of the database `target`, whose old file is kept
// as `kept_as` with its log:
//
//   copy to TARGET.incoming → checked, mode and owner of the old file, synced
//   old file and its log get a second name (hard links), the log loses its first one
//   rename TARGET.incoming TARGET
//
// After a crash at any place the same call, with the same `kept_as`, completes it. Errors:
// Error{Check} when `from` is not whole; nothing has changed then.
void replace_database(Job& job, const std::string& target, const std::string& from,
                      const std::string& kept_as);
// keystone.db.before-20261121T020000Z, beside it.
[[nodiscard]] std::string kept_name(const std::string& target, Timestamp at);

// Whether replace_database with this `kept_as` has come to its end.
[[nodiscard]] bool is_replaced(const std::string& target, const std::string& kept_as);

// Takes the replacement back: the file in place is kept as `kept_as`.undone, the old one returns
// with its log. Nothing happens when it has returned already.
void put_back(Job& job, const std::string& target, const std::string& kept_as);

}  // namespace drydock::backup
