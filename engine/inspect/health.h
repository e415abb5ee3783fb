#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/inspect/looking.h"
#include "engine/os/process.h"

namespace drydock::inspect {

// Rows that point to a row that is not there.
struct Orphans {
    std::string table;
    std::string parent;
    std::int64_t rows = 0;
};

struct TableRows {
    std::string table;
    std::int64_t rows = 0;
};

struct Health {
    std::string journal_mode;  // "wal", "delete" …
    std::int64_t page_bytes = 0;
    std::int64_t pages = 0;
    std::int64_t user_version = 0;
    bool has_receipts = false;        // Drydock has written here, or was prepared to
    std::vector<std::string> damage;  // what the check of the pages says, at most 100 lines
    std::vector<Orphans> orphans;     // unknown, and empty, when there is damage
    std::vector<TableRows> tables;    // likewise; without those of SQLite and of Drydock
    std::vector<os::Holder> holders;  // other programs that have it open
};

struct HealthOptions {
    bool quick = false;  // without comparing the indexes with their tables
};

// Looks at every page. Errors: Error{Busy} when another program holds it locked.
[[nodiscard]] Health look_at_health(Looking& looking, const HealthOptions& options);

// The names of the tables that hold somebody's rows, sorted.
[[nodiscard]] std::vector<std::string> tables_of(Looking& looking);

}  // namespace drydock::inspect
