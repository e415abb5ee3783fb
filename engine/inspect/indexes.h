#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/inspect/looking.h"

namespace drydock::inspect {

struct IndexFacts {
    std::string name;
    std::string table;
    // "name", "at desc", "mail collate NOCASE"; an expression as SQLite has it in the schema.
    std::vector<std::string> columns;
    std::string where;  // of a partial index
    bool unique = false;
    bool declared = false;  // by CREATE INDEX; false: SQLite made it for a UNIQUE or PRIMARY KEY
    std::optional<std::int64_t> rows_at_analyze;  // nothing: ANALYZE does not know it
};

// Something about an index that costs time or room, in words that name both sides.
struct IndexFinding {
    enum class Kind : std::uint8_t {
        Duplicate,      // another index has the same columns
        Prefix,         // another one begins with its columns
        RowId,          // the table itself is in that order
        MissingForKey,  // a foreign key whose table must be read whole when a parent goes
        NoStatistics,   // the planner guesses
        OldStatistics,  // the table has grown or shrunk tenfold since ANALYZE
    };
    Kind kind;
    std::string table;  // empty when the whole database is meant
    std::string index;  // the one that could go or is unknown; may be empty
    std::string what;   // for people: what is the matter and what to do
};

[[nodiscard]] std::string_view kind_name(IndexFinding::Kind kind);

[[nodiscard]] std::vector<IndexFacts> indexes_of(Looking& looking);

// What is wrong with `indexes`. An index that keeps rows unique is never called superfluous, nor is
// one that SQLite made for itself: neither can go.
[[nodiscard]] std::vector<IndexFinding> judge(Looking& looking,
                                              const std::vector<IndexFacts>& indexes);

}  // namespace drydock::inspect
