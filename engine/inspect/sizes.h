#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/inspect/looking.h"

namespace drydock::inspect {

// One table or index, as its pages in the file say.
struct TreeSize {
    std::string name;
    std::string table;  // whose it is; its own name when it is one
    bool is_index = false;
    std::int64_t bytes = 0;         // of all its pages
    std::int64_t unused_bytes = 0;  // room within them that holds nothing
    std::int64_t pages = 0;
    std::int64_t jumps = 0;  // leaves that do not follow the one before them in the file
};

struct Sizes {
    std::int64_t page_bytes = 0;
    std::int64_t pages = 0;
    std::int64_t free_pages = 0;  // that VACUUM would give back
    bool per_tree = false;        // this SQLite can tell (SQLITE_ENABLE_DBSTAT_VTAB)
    std::vector<TreeSize> trees;  // largest first
};

// Reads every page once. SQLite's own tables are among the trees: they take room too.
[[nodiscard]] Sizes look_at_sizes(Looking& looking);

}  // namespace drydock::inspect
