#include "engine/sql/split.h"

#include <algorithm>
#include <array>
#include <utility>

namespace drydock::sql {
namespace {

// Says after which semicolon a statement is over.
//
//   SQLite:      create trigger … begin  S ; S ;  end ;      the body ends with `; end ;`
//   PostgreSQL:  create function … begin atomic  S ; case … end ;  end ;
//                create rule … do ( S ; S ) ;
class StatementEnd {
  public:
    explicit StatementEnd(Dialect dialect) : dialect_(dialect) {}

    // The next token of the statement; a semicolon only when it did not end it.
    void see(const Token& token) {
        if (dialect_ == Dialect::Sqlite) {
            see_sqlite(token);
        } else {
            see_postgres(token);
        }
        before_last_ends_command_ = last_.text == ";";
        last_ = token;
        ++count_;
    }

    // A semicolon that comes now ends the statement.
    [[nodiscard]] bool semicolon_ends() const {
        return depth_ == 0 && blocks_ == 0 && (!trigger_body_ || body_is_over());
    }

    // What the statement still has open, if it ends now; nullopt when it may.
    struct Unended {
        const char* begin;
        std::string message;
        std::string hint;
    };
    [[nodiscard]] std::optional<Unended> unended() const {
        if (depth_ > 0) {
            return Unended{opened_.data(), "a parenthesis is not closed",
                           "close it; until then no semicolon ends the statement"};
        }
        if (blocks_ > 0) return Unended{opened_.data(), "begin atomic has no end", "end it: end;"};
        if (trigger_body_ && !body_is_over())
            return Unended{opened_.data(), "the body of the trigger has no end", "end it: end;"};
        return std::nullopt;
    }

  private:
    // END right after a semicolon; CASE … END ends within a command.
    [[nodiscard]] bool body_is_over() const { return last_.is("end") && before_last_ends_command_; }

    void see_sqlite(const Token& token) {
        if (head_ != Head::Trigger) {
            see_head(token);
        } else if (!trigger_body_ && token.is("begin")) {
            trigger_body_ = true;
            opened_ = token.text;
        }
    }

    void see_postgres(const Token& token) {
        if (token.text == "(") {
            if (depth_++ == 0) opened_ = token.text;
        } else if (token.text == ")") {
            depth_ = std::max(depth_ - 1, 0);
        }
        if (head_ != Head::Routine) {
            see_head(token);
            return;
        }
        // As a label or a column of something, each keyword is a name.
        if (last_.is("as") || last_.text == ".") return;
        if (blocks_ == 0 && token.is("atomic") && last_.is("begin")) {
            blocks_ = 1;
            opened_ = last_.text;
        } else if (blocks_ > 0 && token.is("case")) {
            ++blocks_;
        } else if (blocks_ > 0 && token.is("end")) {
            --blocks_;
        }
    }

    // explain query plan create temp trigger, create or replace function
    void see_head(const Token& token) {
        if (head_ == Head::Other) return;
        constexpr std::array<std::string_view, 8> kBefore{
            "explain", "query", "plan", "create", "temp", "temporary", "or", "replace"};
        const bool made = created_ || last_.is("create");
        created_ = made;
        if (made && dialect_ == Dialect::Sqlite && token.is("trigger")) {
            head_ = Head::Trigger;
        } else if (made && dialect_ == Dialect::Postgres &&
                   (token.is("function") || token.is("procedure"))) {
            head_ = Head::Routine;
        } else if (std::none_of(kBefore.begin(), kBefore.end(),
                                [&](std::string_view word) { return token.is(word); })) {
            head_ = Head::Other;
        }
    }

    enum class Head : std::uint8_t { Open, Trigger, Routine, Other };

    Dialect dialect_;
    Head head_ = Head::Open;
    bool created_ = false;
    bool trigger_body_ = false;
    bool before_last_ends_command_ = false;
    int depth_ = 0;   // of parentheses (PostgreSQL)
    int blocks_ = 0;  // BEGIN ATOMIC, and each CASE in it
    std::size_t count_ = 0;
    Token last_;
    std::string_view opened_;
};

std::string_view spanned(const std::vector<Token>& tokens) {
    const char* const from = tokens.front().text.data();
    const char* const to = tokens.back().text.data() + tokens.back().text.size();
    return {from, static_cast<std::size_t>(to - from)};
}

bool copies_from_stdin(const std::vector<Token>& tokens) {
    if (!tokens.front().is("copy")) return false;
    for (std::size_t i = 1; i + 1 < tokens.size(); ++i) {
        // STDOUT: the server does not mind the wrong one.
        if (tokens[i].is("from")) return tokens[i + 1].is("stdin") || tokens[i + 1].is("stdout");
    }
    return false;
}

// set standard_conforming_strings = off: from here on the server reads plain strings otherwise.
std::optional<bool> sets_plain_escapes(const std::vector<Token>& tokens) {
    std::size_t at = 1;
    if (tokens.front().is("reset") && tokens.size() == 2)
        return tokens[1].is("standard_conforming_strings") || tokens[1].is("all")
                   ? std::optional(false)
                   : std::nullopt;
    if (!tokens.front().is("set")) return std::nullopt;
    if (tokens.size() > 1 && (tokens[1].is("session") || tokens[1].is("local"))) ++at;
    if (tokens.size() != at + 3 || !tokens[at].is("standard_conforming_strings"))
        return std::nullopt;
    const Token& value = tokens[at + 2];
    return value.is("off") || value.is("false") || value.is("no") || value.text == "0" ||
           value.text == "'off'" || value.text == "'false'" || value.text == "'0'" ||
           value.text == "'no'";
}

class FileSplitter {
  public:
    FileSplitter(std::string_view text, Dialect dialect)
        : text_(text), dialect_(dialect), lexer_(text, dialect), end_(dialect) {}

    SplitText split() {
        while (const auto token = lexer_.next()) {
            if (!token->closed) {
                tell_unclosed(*token);
                tokens_.clear();
                break;
            }
            if (is_shell_command(*token)) {
                tell_shell_command(*token);
            } else if (token->text == ";" && end_.semicolon_ends()) {
                finish(true);
            } else {
                tokens_.push_back(*token);
                end_.see(*token);
            }
        }
        if (!tokens_.empty()) {
            if (const auto open = end_.unended()) {
                tell(open->begin, open->message, open->hint);
            } else {
                finish(false);
            }
        }
        return std::move(found_);
    }

  private:
    [[nodiscard]] std::size_t offset_of(const char* at) const {
        return static_cast<std::size_t>(at - text_.data());
    }

    void tell(const char* at, std::string message, std::string hint) {
        found_.problems.push_back(
            {.offset = offset_of(at), .message = std::move(message), .hint = std::move(hint)});
    }

    void tell_unclosed(const Token& token) {
        if (token.kind == Token::Kind::Symbol) {
            tell(token.text.data(), "a comment is not closed", "end it with */");
        } else if (token.text.starts_with('$')) {
            const std::string tag(token.text.substr(0, token.text.find('$', 1) + 1));
            tell(token.text.data(), "the text that begins with " + tag + " is not closed",
                 "end it with " + tag);
        } else {
            tell(token.text.data(), "a quote is not closed",
                 "end it; inside it the quote itself is written twice");
        }
    }

    // PostgreSQL has no backslash outside of quotes; SQLite no statement that begins with a dot.
    [[nodiscard]] bool is_shell_command(const Token& token) const {
        if (token.kind != Token::Kind::Symbol) return false;
        if (dialect_ == Dialect::Postgres) return token.text == "\\";
        const std::size_t at = offset_of(token.text.data());
        return token.text == "." && tokens_.empty() && (at == 0 || text_[at - 1] == '\n');
    }

    void tell_shell_command(const Token& token) {
        const std::size_t from = offset_of(token.text.data());
        const std::size_t line_end = std::min(text_.find('\n', from), text_.size());
        const std::string_view line = text_.substr(from, line_end - from);
        const std::string command(line.substr(0, line.find_first_of(" \t\r;", 1)));
        if (command == "\\.") {
            tell(token.text.data(), "\\. ends data, but no copy … from stdin stands before it",
                 "take the line away");
        } else if (dialect_ == Dialect::Postgres) {
            tell(token.text.data(), command + " is a command of psql, not SQL",
                 command == "\\restrict" || command == "\\unrestrict"
                     ? "take the line away: pg_dump writes it for psql alone"
                     : "write what it does as SQL, or take it away");
        } else {
            tell(token.text.data(), command + " is a command of the sqlite3 shell, not SQL",
                 "write what it does as SQL, or take it away");
        }
        tokens_.clear();
        end_ = StatementEnd(dialect_);
        lexer_.move_to(line_end);
    }

    void finish(bool ended) {
        end_ = StatementEnd(dialect_);
        if (tokens_.empty()) return;
        FileStatement statement{
            .text = spanned(tokens_), .tokens = std::move(tokens_), .data = {}, .ended = ended};
        tokens_.clear();
        if (dialect_ == Dialect::Postgres) {
            if (copies_from_stdin(statement.tokens)) statement.data = copy_data(statement);
            if (const auto escapes = sets_plain_escapes(statement.tokens))
                lexer_.set_plain_escapes(*escapes);
        }
        found_.statements.push_back(std::move(statement));
    }

    // The lines after the one that the lexer stands in; it goes on behind them.
    std::string_view copy_data(const FileStatement& statement) {
        const std::size_t line_end = std::min(text_.find('\n', lexer_.position()), text_.size());
        const std::string_view rest = text_.substr(lexer_.position(), line_end - lexer_.position());
        if (const auto behind = Lexer(rest, dialect_).next()) {
            tell(behind->text.data(), "something stands behind copy … from stdin on its line",
                 "begin its data on the next line, and what comes after it behind \\.");
        }
        const std::size_t from = std::min(line_end + 1, text_.size());
        if (!statement.ended) return text_.substr(from);
        for (std::size_t at = from; at < text_.size();) {
            const std::size_t end = std::min(text_.find('\n', at), text_.size());
            const std::string_view line = text_.substr(at, end - at);
            if (line == "\\." || line == "\\.\r") {
                lexer_.move_to(end);
                return text_.substr(from, at - from);
            }
            at = end + 1;
        }
        lexer_.move_to(text_.size());
        return text_.substr(from);
    }

    std::string_view text_;
    Dialect dialect_;
    Lexer lexer_;
    StatementEnd end_;
    std::vector<Token> tokens_;
    SplitText found_;
};

}  // namespace

std::vector<ScriptStatement> split(std::string_view sql, Dialect dialect) {
    std::vector<ScriptStatement> statements;
    std::vector<Token> tokens;
    StatementEnd end(dialect);
    const auto finish = [&] {
        if (!tokens.empty()) {
            const std::string_view text = spanned(tokens);
            statements.push_back({.text = text, .tokens = std::exchange(tokens, {})});
        }
        end = StatementEnd(dialect);
    };
    for (const Token& token : lex(sql, dialect)) {
        if (token.text == ";" && end.semicolon_ends()) {
            finish();
        } else {
            tokens.push_back(token);
            end.see(token);
        }
    }
    finish();
    return statements;
}

SplitText split_file(std::string_view text, Dialect dialect) {
    return FileSplitter(text, dialect).split();
}

}  // namespace drydock::sql
