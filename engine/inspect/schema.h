#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/inspect/looking.h"

namespace drydock::inspect {

// What a database is made of, and how much is in it: to be compared with another moment.
struct Schema {
    // "table users" → its CREATE, on one line; without what SQLite and Drydock made for themselves.
    std::map<std::string, std::string> objects;
    std::map<std::string, std::int64_t> rows;  // by table
};

[[nodiscard]] Schema look_at_schema(Looking& looking);

struct Difference {
    enum class Kind : std::uint8_t { Added, Removed, Changed };
    Kind kind;
    std::string object;  // "index by_name"
    std::string before, after;
};
// What `after` has otherwise than `before`, by object; the numbers of rows do not count.
[[nodiscard]] std::vector<Difference> difference(const Schema& before, const Schema& after);

// "users 10 → 12", for each table that is in both and has another number of rows.
[[nodiscard]] std::vector<std::string> changed_rows(const Schema& before, const Schema& after);

}  // namespace drydock::inspect
