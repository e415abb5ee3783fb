#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/sql/database.h"

// Rows on their way into a table, in the forms that databases want them.
namespace drydock::sql {

// The name as an identifier; on PostgreSQL it may be schema.table.
[[nodiscard]] std::string quoted_table(std::string_view table, Dialect dialect);

// `insert into TABLE (COLUMNS) values (…)` with the names as identifiers, and the arguments that
// hold them; the values go to :v0, :v1 ….
struct InsertStatement {
    std::string text;
    Arguments arguments;
};
[[nodiscard]] InsertStatement insert_statement(std::string_view table,
                                               const std::vector<std::string>& columns);

// Copies with one insert a row: for a database that has no faster way. See Database::copy_in.
std::int64_t insert_rows(Database& database, std::string_view table,
                         const std::vector<std::string>& columns, const Database::RowSource& next);

// A blob as PostgreSQL writes bytea: \x and the bytes in hex.
[[nodiscard]] std::string blob_text(std::string_view bytes);

// Appends `text` (nullopt: NULL) as a field of PostgreSQL's COPY text format, without the tab or
// newline after it (documentation of COPY, "Text Format").
void append_copy_field(std::string& line, std::optional<std::string_view> text);

}  // namespace drydock::sql
