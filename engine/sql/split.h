#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/sql/lexer.h"

// Cuts the text of a file into the statements that a server sees, and says what no server would
// understand. Pure; the text must outlive the statements. split() of lexer.h has the same rules.
namespace drydock::sql {

// A statement of a file.
struct FileStatement {
    std::string_view text;      // without semicolon, and the blanks and comments around it
    std::vector<Token> tokens;  // at least one
    // COPY … FROM STDIN: the lines that follow it, up to the line `\.` or the end of the text, as
    // psql takes them.
    std::optional<std::string_view> data;
    bool ended = false;  // by a semicolon: the last one of a text need not be
};

struct SplitProblem {
    std::size_t offset = 0;  // of the byte where it begins
    std::string message;
    std::string hint;
};

struct SplitText {
    std::vector<FileStatement> statements;
    std::vector<SplitProblem> problems;  // in the order of the text; not empty: statements may lack
};

// What is told as a problem: a quote, comment, parenthesis or body that the text does not end, a
// command of psql (PostgreSQL) or the sqlite3 shell (SQLite) that is no SQL, and what stands behind
// COPY … FROM STDIN on its line. All else is for the server to judge.
[[nodiscard]] SplitText split_file(std::string_view text, Dialect dialect);

}  // namespace drydock::sql
