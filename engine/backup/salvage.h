#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/backup/job.h"

namespace drydock::backup {

struct Salvaged {
    std::string path;
    std::int64_t rows_read = 0;
    // Rows that were there and could not be read. Exact where a whole index tells; of other tables
    // as many as the gaps in the row ids have room for, and none of those WITHOUT ROWID.
    std::int64_t rows_lost = 0;
    bool lost_is_exact = true;
    std::vector<std::string> problems;  // tables and indexes that are not all there, one line each
};

// Copies every row that can be read out of the damaged database `from` (a copy of it, made by
// preserve) into the new database `to`, with its tables, indexes, views and triggers:
//
//   rowid tables   upwards until a page fails, then a leap over it that doubles until a row can be
//                  read again, then halving back to the edge: a bad page costs about 100 look-ups
//   WITHOUT ROWID  upwards until a page fails, then downwards from the end
//
// Throws Error{File} when not even the list of tables can be read.
Salvaged salvage(Job& job, const std::string& from, const std::string& to);
[[nodiscard]] std::string summary(const Salvaged& salvaged);

}  // namespace drydock::backup
