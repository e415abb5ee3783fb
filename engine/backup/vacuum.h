#pragma once

#include <cstdint>
#include <string>

namespace drydock::backup {

// What VACUUM of a database takes: SQLite writes the compacted copy into its temporary folder, then
// back through the journal or WAL beside the file.
struct VacuumNeed {
    std::int64_t copy_bytes = 0;   // of the pages in use
    std::string temporary_folder;  // where SQLite puts the copy
    std::string database_folder;
};

[[nodiscard]] VacuumNeed vacuum_need(const std::string& database, std::int64_t page_count,
                                     std::int64_t free_pages, std::int64_t page_bytes);
// Throws Error{File} naming the bytes needed and the bytes free when it cannot end well: once the
// copy in each of the two folders, both together when they share a file system.
void check_vacuum_room(const VacuumNeed& need);

// Whether this process may checkpoint the database: nobody else has it open. SQLite before 3.44.6
// can lose rows when two programs write and checkpoint one WAL at once; the other one's next
// commits will do it.
[[nodiscard]] bool may_checkpoint(const std::string& database);

}  // namespace drydock::backup
