#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/sql/step_session.h"

// Rows on their way out of a database, in the two formats of PostgreSQL's COPY (its documentation,
// "File Formats"), so that COPY and psql read them back whichever database they came from.
//
//   text   a tab between fields; NULL is \N; \\ \t \n \r for what would be read otherwise
//   csv    a comma between fields; NULL is nothing and the empty text ""; quoted where it must be
//
// A field is what the database itself writes for it; a blob is \x and its bytes in hex.
namespace drydock::sql {

enum class CopyFormat : std::uint8_t { Text, Csv };

struct CopyOut {
    std::string statement;  // a query
    Arguments arguments;
    CopyFormat format = CopyFormat::Csv;
    bool header = true;  // a first line with the names of the columns, also where no row follows
};

// The query for all rows of `table` (PostgreSQL: or schema.table); no columns: all of them.
[[nodiscard]] std::string select_all(std::string_view table,
                                     const std::vector<std::string>& columns, Dialect dialect);

// Takes a piece of the file, of many rows, and how many rows it were until then.
using PieceSink = std::function<void(std::string_view piece, std::int64_t rows)>;

// Reads the query in the memory of a few rows (StepSession::each), gives them to `sink` and returns
// how many it were.
std::int64_t copy_out(StepSession& session, const CopyOut& wanted, const PieceSink& sink);

}  // namespace drydock::sql
