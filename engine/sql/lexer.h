#pragma once

#include <cstddef>
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

// Cuts SQL into tokens, one after another, without blanks and comments. Knows strings, quoted
// names, dollar quotes and nested comments (Postgres), and never fails: what it does not know is a
// Symbol.
// The text must outlive the tokens. Not thread-safe.
class Lexer final {
  public:
    Lexer(std::string_view sql, Dialect dialect) : sql_(sql), dialect_(dialect) {}

    // nullopt at the end of the text.
    [[nodiscard]] std::optional<Token> next();
    // The byte after the last token.
    [[nodiscard]] std::size_t position() const noexcept { return at_; }
    // Goes on at the byte `position`.
    void move_to(std::size_t position) noexcept { at_ = position; }
    // Postgres: backslashes escape in plain strings too (standard_conforming_strings = off).
    void set_plain_escapes(bool escapes) noexcept { plain_escapes_ = escapes; }

  private:
    [[nodiscard]] char peek(std::size_t offset) const;
    Token token(Token::Kind kind, std::size_t from, std::size_t to, bool closed);
    bool skip_blanks();
    bool skip_block_comment();
    Token quoted(Token::Kind kind, std::size_t from, char quote, bool escapes);
    [[nodiscard]] std::size_t continued_string(std::size_t after_quote) const;
    Token bracketed();
    Token word_or_prefixed_string();
    Token number();
    Token parameter(char sigil);
    std::optional<Token> dollar_quoted();

    std::string_view sql_;
    Dialect dialect_;
    std::size_t at_ = 0;
    std::size_t start_ = 0;
    bool plain_escapes_ = false;
};

// All tokens of `sql`.
[[nodiscard]] std::vector<Token> lex(std::string_view sql, Dialect dialect);

// One statement of a script, without its semicolon, surrounding blanks and comments.
struct ScriptStatement {
    std::string_view text;
    std::vector<Token> tokens;  // at least one
};

// Cuts a script at the semicolons that end a statement: not those in strings, comments, SQLite's
// CREATE TRIGGER … BEGIN … END, and PostgreSQL's parentheses and BEGIN ATOMIC … END. For files, see
// split.h.
[[nodiscard]] std::vector<ScriptStatement> split(std::string_view sql, Dialect dialect);

}  // namespace drydock::sql
