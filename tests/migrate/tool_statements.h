#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/migrate/migration.h"
#include "engine/sql/database.h"

// What the migration tools themselves do with their tables, written down from their sources and
// documentation: the statements that they send, with the values in place of the parameters. The
// histories of Drydock are held against these.
namespace drydock::migrate {

// One tool with three migrations of its format; `index` is 0, 1 or 2.
struct Tool {
    Format format;
    std::string table;  // where it keeps them unless it is told otherwise
    std::vector<std::pair<std::string, std::string>> files;
    std::vector<std::string> keys;                // what its table has for each
    std::vector<std::string> times;               // columns with the time at which it wrote
    std::function<std::string(bool server)> make; // the table
    std::function<std::string(std::size_t index)> up, down;
    // Which it takes for applied, from a session of its own; golang-migrate knows the last alone.
    std::function<std::vector<std::string>(sql::Database&)> reads;
};

[[nodiscard]] const std::vector<Tool>& tools();
// What the migrations do: they make and drop the tables t1, t2 and t3.
[[nodiscard]] std::string up_text(std::size_t index);
[[nodiscard]] std::string down_text(std::size_t index);

}  // namespace drydock::migrate
