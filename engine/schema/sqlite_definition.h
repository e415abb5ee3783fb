#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/sql/lexer.h"

// What a CREATE statement of SQLite says, apart from how it was typed. Pure.
namespace drydock::schema {

// The names of tables and columns that quotes may be dropped around, in lower case.
using KnownNames = std::set<std::string, std::less<>>;

// The tokens as canonical text: words in lower case, quotes gone where the name needs none, blanks
// where they must be. A quoted text that is no known name keeps its case: it may be a string.
[[nodiscard]] std::string canonical(const std::vector<sql::Token>& tokens, const KnownNames& names);
[[nodiscard]] std::string canonical(std::string_view sql, const KnownNames& names);

struct ColumnDefinition {
    std::string name;  // as it was written, without quotes
    std::string type;  // may be empty
    std::string rest;  // its constraints, default, generation, in their order
};
struct TableDefinition {
    std::vector<ColumnDefinition> columns;
    struct Constraint {
        std::string name;  // empty: it has none
        std::string text;
    };
    std::vector<Constraint> constraints;  // of the table, not those within a column
    std::string options;                  // "strict, without rowid"
};
// Takes apart what SQLite keeps of CREATE TABLE.
[[nodiscard]] TableDefinition table_definition(std::string_view sql, const KnownNames& names);

// `name` in lower case, as SQLite compares names: ASCII only.
[[nodiscard]] std::string folded(std::string_view name);
// `token` without its quotes, when it has some.
[[nodiscard]] std::string unquoted(const sql::Token& token);

}  // namespace drydock::schema
