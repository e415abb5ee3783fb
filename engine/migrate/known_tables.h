#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/migrate/migration.h"
#include "engine/sql/database.h"

// The tables by which migration tools know what they have applied, told by their columns: so that
// nobody has to name the tool, and no tool's table is taken for another one's.
namespace drydock::migrate {

struct KnownTable {
    std::string_view tool;         // as people call it: "goose", "Alembic"
    std::optional<Format> format;  // absent: Drydock does not read them
    std::string_view name;         // the usual one
    // Separated by blanks, in lower case.
    std::string_view columns;  // all of these
    std::string_view never;    // and none of these
    bool told_by_columns = false;  // no other table has them: it may have any name
};

// The one of a format that Drydock keeps.
[[nodiscard]] const KnownTable& known_table(Format format);
// Whose a table is, by its name without schema and its columns in lower case; null: nobody's.
[[nodiscard]] const KnownTable* known_table(std::string_view name,
                                            const std::vector<std::string>& columns);
[[nodiscard]] bool matches(const KnownTable& known, const std::vector<std::string>& columns);

struct FoundTable {
    const KnownTable* known = nullptr;
    std::string table;  // as ToolSettings names it: "public.goose_db_version"
};
// All such tables of a database, in the order of their names.
[[nodiscard]] std::vector<FoundTable> find_tool_tables(sql::Database& database);
// What to do about it: "drydock migrate adopt …", or to let the tool itself run.
[[nodiscard]] std::string advice(const KnownTable& known);

}  // namespace drydock::migrate
