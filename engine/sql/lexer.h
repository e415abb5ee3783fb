#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace drydock::sql {

enum class Dialect : std::uint8_t { Sqlite, Postgres };

// A piece of SQL that means something. Views point into the text that was lexed.
struct Token {
    enum class Kind : std::uint8_t {
        Word,           // select, users, 1e5: names, keywords and numbers as they stand
        QuotedName,     // "users", `users`, [users]
        String,         // 'it''s', x'00', E'\n', $tag$…$tag$
        Parameter,      // ?, ?1, $1, :name, @name, $name
        NameParameter,  // :"name": an identifier given by name
        Symbol,         // everything else, one byte each
    };
    Kind kind = Kind::Symbol;
    std::string_view text;
    bool closed = true;  // false: a quote or comment that the text does not end

    // True for the keyword `word` (lower case), in any case.
    [[nodiscard]] bool is(std::string_view word) const;
};

// Cuts SQL into tokens, without blanks and comments. Knows strings, quoted names, dollar quotes and
// nested comments (Postgres), and never fails: what it does not know is a Symbol.
[[nodiscard]] std::vector<Token> lex(std::string_view sql, Dialect dialect);

// One statement of a script, without its semicolon, surrounding blanks and comments.
struct ScriptStatement {
    std::string_view text;
    std::vector<Token> tokens;  // at least one
};

// Cuts a script at the semicolons that end a statement: not those in strings, comments, the body of
// CREATE TRIGGER … BEGIN … END, or BEGIN ATOMIC … END.
[[nodiscard]] std::vector<ScriptStatement> split(std::string_view sql, Dialect dialect);

}  // namespace drydock::sql
