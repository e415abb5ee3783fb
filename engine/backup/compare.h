#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/backup/job.h"

namespace drydock::backup {

struct TableDifference {
    std::string table;
    std::int64_t only_left = 0;
    std::int64_t only_right = 0;
    bool other_columns = false;  // compared by the columns that both have
};
struct Comparison {
    std::int64_t only_left = 0;
    std::int64_t only_right = 0;
    std::vector<TableDifference> tables;  // those that differ
};

// Compares two databases row by row, table by table; either may be compressed. Rows that a table
// has twice count once; tables of SQLite and of Drydock do not count. Errors: Error{File} when one
// cannot be read.
[[nodiscard]] Comparison compare(Job& job, const std::string& left, const std::string& right);
[[nodiscard]] std::string summary(const Comparison& comparison);

}  // namespace drydock::backup
