#include "engine/sql/lexer.h"

#include <algorithm>

namespace drydock::sql {
namespace {

bool is_word_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_word(char c) {
    return is_word_start(c) || is_digit(c);
}
bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

}  // namespace

bool Token::is(std::string_view word) const {
    if (kind != Kind::Word || text.size() != word.size()) return false;
    return std::equal(text.begin(), text.end(), word.begin(), [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
    });
}

std::optional<Token> Lexer::next() {
    if (!skip_blanks()) return token(Token::Kind::Symbol, start_, sql_.size(), false);
    if (at_ >= sql_.size()) return std::nullopt;
    start_ = at_;
    const char c = sql_[at_];
    const bool sqlite = dialect_ == Dialect::Sqlite;
    if (c == '\'') return quoted(Token::Kind::String, start_, '\'', plain_escapes_ && !sqlite);
    // To PostgreSQL ` is a letter of operators, and [ begins a subscript.
    if (c == '"' || (c == '`' && sqlite)) return quoted(Token::Kind::QuotedName, start_, c, false);
    if (c == '[' && sqlite) return bracketed();
    if (is_word_start(c)) return word_or_prefixed_string();
    if (is_digit(c)) return number();
    if (c == '?' || c == ':' || c == '@' || c == '$') return parameter(c);
    return token(Token::Kind::Symbol, start_, start_ + 1, true);
}

char Lexer::peek(std::size_t offset) const {
    return at_ + offset < sql_.size() ? sql_[at_ + offset] : '\0';
}

Token Lexer::token(Token::Kind kind, std::size_t from, std::size_t to, bool closed) {
    at_ = to;
    return {.kind = kind, .text = sql_.substr(from, to - from), .closed = closed};
}

// False: a comment that does not end; `start_` is where it begins.
bool Lexer::skip_blanks() {
    // A lone carriage return ends a comment in PostgreSQL, and goes on with it in SQLite.
    const std::string_view line_end = dialect_ == Dialect::Postgres ? "\r\n" : "\n";
    while (at_ < sql_.size()) {
        if (is_blank(sql_[at_])) {
            ++at_;
        } else if (sql_[at_] == '-' && peek(1) == '-') {
            at_ = std::min(sql_.find_first_of(line_end, at_), sql_.size());
        } else if (sql_[at_] == '/' && peek(1) == '*') {
            start_ = at_;
            if (!skip_block_comment()) return false;
        } else {
            break;
        }
    }
    return true;
}

bool Lexer::skip_block_comment() {
    int depth = 0;
    while (at_ < sql_.size()) {
        if (sql_[at_] == '/' && peek(1) == '*' && (depth == 0 || dialect_ == Dialect::Postgres)) {
            ++depth;
            at_ += 2;
        } else if (sql_[at_] == '*' && peek(1) == '/') {
            at_ += 2;
            if (--depth == 0) return true;
        } else {
            ++at_;
        }
    }
    // SQLite takes the end of the text for the end of a comment; nobody means that.
    return false;
}

Token Lexer::quoted(Token::Kind kind, std::size_t from, char quote, bool escapes) {
    for (++at_; at_ < sql_.size(); ++at_) {
        if (escapes && sql_[at_] == '\\') {
            ++at_;
        } else if (sql_[at_] == quote) {
            if (peek(1) == quote) {
                ++at_;
                continue;
            }
            const std::size_t more = escapes ? continued_string(at_ + 1) : 0;
            if (more == 0) return token(kind, from, at_ + 1, true);
            at_ = more;
        }
    }
    return token(kind, from, sql_.size(), false);
}

// PostgreSQL: a string goes on in the next line, and what escapes in its first part does so in the
// next. Where the quote of that part stands; 0 when there is none.
std::size_t Lexer::continued_string(std::size_t after_quote) const {
    bool new_line = false;
    std::size_t at = after_quote;
    while (at < sql_.size()) {
        if (is_blank(sql_[at])) {
            new_line = new_line || sql_[at] == '\n' || sql_[at] == '\r';
            ++at;
        } else if (sql_.substr(at, 2) == "--") {
            at = std::min(sql_.find_first_of("\r\n", at), sql_.size());
        } else {
            break;
        }
    }
    return new_line && at < sql_.size() && sql_[at] == '\'' ? at : 0;
}

Token Lexer::bracketed() {
    const std::size_t end = sql_.find(']', at_);
    if (end == std::string_view::npos)
        return token(Token::Kind::QuotedName, start_, sql_.size(), false);
    return token(Token::Kind::QuotedName, start_, end + 1, true);
}

Token Lexer::word_or_prefixed_string() {
    const char c = static_cast<char>(sql_[at_] | 0x20);
    const std::string_view prefixes = dialect_ == Dialect::Postgres ? "xben" : "x";
    if (peek(1) == '\'' && prefixes.find(c) != std::string_view::npos) {
        ++at_;
        return quoted(Token::Kind::String, start_, '\'', c == 'e');
    }
    // Both engines let a name go on with a dollar sign.
    while (at_ < sql_.size() && (is_word(sql_[at_]) || sql_[at_] == '$')) ++at_;
    return token(Token::Kind::Word, start_, at_, true);
}

Token Lexer::number() {
    while (at_ < sql_.size() && (is_word(sql_[at_]) || sql_[at_] == '.')) ++at_;
    return token(Token::Kind::Word, start_, at_, true);
}

Token Lexer::parameter(char sigil) {
    if (sigil == ':' && peek(1) == ':') return token(Token::Kind::Symbol, start_, start_ + 2, true);
    if (sigil == ':' && peek(1) == '"') {
        ++at_;
        return quoted(Token::Kind::NameParameter, start_, '"', false);
    }
    if (sigil == '$' && dialect_ == Dialect::Postgres && !is_digit(peek(1))) {
        if (const auto text = dollar_quoted()) return *text;
    }
    // Postgres: `?` is an operator of jsonb, `[1:2]` a slice of an array.
    if (dialect_ == Dialect::Postgres && (sigil == '?' || (sigil == ':' && is_digit(peek(1)))))
        return token(Token::Kind::Symbol, start_, start_ + 1, true);
    ++at_;
    while (at_ < sql_.size() && is_word(sql_[at_])) ++at_;
    const bool named = at_ > start_ + 1;
    const bool is_parameter =
        sigil == '?' || (named && (sigil != '@' || dialect_ == Dialect::Sqlite));
    return token(is_parameter ? Token::Kind::Parameter : Token::Kind::Symbol, start_, at_, true);
}

std::optional<Token> Lexer::dollar_quoted() {
    std::size_t end = at_ + 1;
    while (end < sql_.size() && is_word(sql_[end])) ++end;
    if (end >= sql_.size() || sql_[end] != '$') return std::nullopt;
    const std::string_view tag = sql_.substr(at_, end + 1 - at_);
    const std::size_t close = sql_.find(tag, end + 1);
    if (close == std::string_view::npos)
        return token(Token::Kind::String, start_, sql_.size(), false);
    return token(Token::Kind::String, start_, close + tag.size(), true);
}

std::vector<Token> lex(std::string_view sql, Dialect dialect) {
    std::vector<Token> tokens;
    tokens.reserve(std::min<std::size_t>(sql.size() / 4 + 1, 64));  // one short statement
    Lexer lexer(sql, dialect);
    while (const auto token = lexer.next()) tokens.push_back(*token);
    return tokens;
}

}  // namespace drydock::sql
