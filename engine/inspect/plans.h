#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/inspect/indexes.h"
#include "engine/inspect/looking.h"

namespace drydock::inspect {

// What makes a statement slow as its table grows.
struct PlanFinding {
    enum class Kind : std::uint8_t {
        FullScan,        // every row of the table is read
        TemporaryTree,   // the result is sorted, grouped or made distinct outside any index
        AutomaticIndex,  // SQLite makes an index for this one statement, each time
    };
    Kind kind;
    std::string table;      // of FullScan and AutomaticIndex
    std::int64_t rows = 0;  // of that table, now
    std::string what;       // for people
};

[[nodiscard]] std::string_view kind_name(PlanFinding::Kind kind);

// How SQLite would go about one statement. Nothing is executed.
struct StatementPlan {
    std::int64_t line = 1;           // in the text
    std::string sql;                 // on one line
    bool is_query = false;           // others have no plan: PRAGMA, CREATE, BEGIN …
    std::string problem;             // it does not compile; then nothing else
    std::vector<std::string> steps;  // EXPLAIN QUERY PLAN, as SQLite says it
    std::vector<PlanFinding> findings;
    std::set<std::string> indexes;  // that it uses
};

// The plan of each statement of `text`. Parameters need no values.
[[nodiscard]] std::vector<StatementPlan> plans_of(Looking& looking, std::string_view text);

// The declared indexes that no plan uses and that keep nothing unique. Only as true as `plans` are
// all that the application asks.
[[nodiscard]] std::vector<IndexFacts> unused(const std::vector<IndexFacts>& indexes,
                                             const std::vector<StatementPlan>& plans);

}  // namespace drydock::inspect
