#include "engine/sql/lexer.h"

#include <algorithm>
#include <cstddef>

namespace drydock::sql {
namespace {

bool is_word_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_word_start(c) || is_digit(c); }
bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

class Lexer {
  public:
    Lexer(std::string_view sql, Dialect dialect) : sql_(sql), dialect_(dialect) {}

    std::optional<Token> next() {
        if (!skip_blanks()) return token(Token::Kind::Symbol, start_, sql_.size(), false);
        if (at_ >= sql_.size()) return std::nullopt;
        start_ = at_;
        const char c = sql_[at_];
        if (c == '\'') return quoted(Token::Kind::String, start_, '\'', false);
        if (c == '"' || c == '`') return quoted(Token::Kind::QuotedName, start_, c, false);
        if (c == '[' && dialect_ == Dialect::Sqlite) return bracketed();
        if (is_word_start(c)) return word_or_prefixed_string();
        if (is_digit(c)) return number();
        if (c == '?' || c == ':' || c == '@' || c == '$') return parameter(c);
        return token(Token::Kind::Symbol, start_, start_ + 1, true);
    }

  private:
    [[nodiscard]] char peek(std::size_t offset) const {
        return at_ + offset < sql_.size() ? sql_[at_ + offset] : '\0';
    }

    Token token(Token::Kind kind, std::size_t from, std::size_t to, bool closed) {
        at_ = to;
        return {.kind = kind, .text = sql_.substr(from, to - from), .closed = closed};
    }

    // False: a comment that does not end; `start_` is where it begins.
    bool skip_blanks() {
        while (at_ < sql_.size()) {
            if (is_blank(sql_[at_])) {
                ++at_;
            } else if (sql_[at_] == '-' && peek(1) == '-') {
                at_ = std::min(sql_.find('\n', at_), sql_.size());
            } else if (sql_[at_] == '/' && peek(1) == '*') {
                start_ = at_;
                if (!skip_block_comment()) return false;
            } else {
                break;
            }
        }
        return true;
    }

    bool skip_block_comment() {
        int depth = 0;
        while (at_ < sql_.size()) {
            if (sql_[at_] == '/' && peek(1) == '*' &&
                (depth == 0 || dialect_ == Dialect::Postgres)) {
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

    Token quoted(Token::Kind kind, std::size_t from, char quote, bool escapes) {
        for (++at_; at_ < sql_.size(); ++at_) {
            if (escapes && sql_[at_] == '\\') {
                ++at_;
            } else if (sql_[at_] == quote) {
                if (peek(1) != quote) return token(kind, from, at_ + 1, true);
                ++at_;
            }
        }
        return token(kind, from, sql_.size(), false);
    }

    Token bracketed() {
        const std::size_t end = sql_.find(']', at_);
        if (end == std::string_view::npos)
            return token(Token::Kind::QuotedName, start_, sql_.size(), false);
        return token(Token::Kind::QuotedName, start_, end + 1, true);
    }

    Token word_or_prefixed_string() {
        const char c = sql_[at_];
        if (peek(1) == '\'' && (c == 'x' || c == 'X' || c == 'b' || c == 'B' || c == 'e' ||
                                c == 'E' || c == 'n' || c == 'N')) {
            ++at_;
            return quoted(Token::Kind::String, start_, '\'', c == 'e' || c == 'E');
        }
        // Both engines let a name go on with a dollar sign.
        while (at_ < sql_.size() && (is_word(sql_[at_]) || sql_[at_] == '$'))
            ++at_;
        return token(Token::Kind::Word, start_, at_, true);
    }

    Token number() {
        while (at_ < sql_.size() && (is_word(sql_[at_]) || sql_[at_] == '.'))
            ++at_;
        return token(Token::Kind::Word, start_, at_, true);
    }

    Token parameter(char sigil) {
        if (sigil == ':' && peek(1) == ':')
            return token(Token::Kind::Symbol, start_, start_ + 2, true);
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
        while (at_ < sql_.size() && is_word(sql_[at_]))
            ++at_;
        const bool named = at_ > start_ + 1;
        const bool is_parameter =
            sigil == '?' || (named && (sigil != '@' || dialect_ == Dialect::Sqlite));
        return token(is_parameter ? Token::Kind::Parameter : Token::Kind::Symbol, start_, at_,
                     true);
    }

    std::optional<Token> dollar_quoted() {
        std::size_t end = at_ + 1;
        while (end < sql_.size() && is_word(sql_[end]))
            ++end;
        if (end >= sql_.size() || sql_[end] != '$') return std::nullopt;
        const std::string_view tag = sql_.substr(at_, end + 1 - at_);
        const std::size_t close = sql_.find(tag, end + 1);
        if (close == std::string_view::npos)
            return token(Token::Kind::String, start_, sql_.size(), false);
        return token(Token::Kind::String, start_, close + tag.size(), true);
    }

    std::string_view sql_;
    Dialect dialect_;
    std::size_t at_ = 0;
    std::size_t start_ = 0;
};

// Says after which semicolon a statement is over.
//
//   create trigger … begin  S ; S ;  end ;      the body ends with `; end ;`
//   create function … begin atomic  S ; S ;  end ;
class StatementEnd {
  public:
    explicit StatementEnd(const std::vector<Token>& tokens) : tokens_(tokens) {}

    // `tokens_` up to here, and a semicolon follows.
    [[nodiscard]] bool semicolon_ends() const {
        if (!has_body()) return true;
        // A body ends with END right after a semicolon; CASE … END ends within a statement.
        const std::size_t size = tokens_.size();
        return size >= 2 && tokens_[size - 1].is("end") && tokens_[size - 2].text == ";";
    }

  private:
    [[nodiscard]] bool has_body() const {
        if (tokens_.empty() || !tokens_[0].is("create")) return false;
        const std::size_t kind =
            tokens_.size() > 2 && (tokens_[1].is("temp") || tokens_[1].is("temporary")) ? 2 : 1;
        if (tokens_.size() > kind && tokens_[kind].is("trigger")) return has_words("begin", {});
        return has_words("begin", "atomic");
    }

    [[nodiscard]] bool has_words(std::string_view first, std::string_view second) const {
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            if (!tokens_[i].is(first)) continue;
            if (second.empty() || (i + 1 < tokens_.size() && tokens_[i + 1].is(second)))
                return true;
        }
        return false;
    }

    const std::vector<Token>& tokens_;
};

std::string_view spanned(const std::vector<Token>& tokens) {
    const char* const from = tokens.front().text.data();
    const char* const to = tokens.back().text.data() + tokens.back().text.size();
    return {from, static_cast<std::size_t>(to - from)};
}

}  // namespace

bool Token::is(std::string_view word) const {
    if (kind != Kind::Word || text.size() != word.size()) return false;
    return std::equal(text.begin(), text.end(), word.begin(), [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
    });
}

std::vector<Token> lex(std::string_view sql, Dialect dialect) {
    std::vector<Token> tokens;
    Lexer lexer(sql, dialect);
    while (const auto token = lexer.next())
        tokens.push_back(*token);
    return tokens;
}

std::vector<ScriptStatement> split(std::string_view sql, Dialect dialect) {
    std::vector<ScriptStatement> statements;
    std::vector<Token> tokens;
    const auto finish = [&] {
        if (!tokens.empty()) statements.push_back({.text = spanned(tokens), .tokens = tokens});
        tokens.clear();
    };
    for (const Token& token : lex(sql, dialect)) {
        if (token.text == ";" && StatementEnd(tokens).semicolon_ends()) {
            finish();
        } else {
            tokens.push_back(token);
        }
    }
    finish();
    return statements;
}

}  // namespace drydock::sql
