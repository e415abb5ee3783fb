#include "engine/schema/sqlite_definition.h"

#include <algorithm>
#include <array>
#include <span>

namespace drydock::schema {
namespace {

using sql::Token;
using Tokens = std::span<const Token>;

bool is_symbol(const Token& token, char symbol) {
    return token.kind == Token::Kind::Symbol && token.text.size() == 1 &&
           token.text.front() == symbol;
}

bool is_plain_name(std::string_view name) {
    const auto is_letter = [](char c) {
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (static_cast<unsigned char>(c) & 0x80U) != 0;
    };
    if (name.empty() || !is_letter(name.front())) return false;
    return std::ranges::all_of(name,
                               [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

// One name in the one way to write it: a known one without quotes, for no other thing can be meant
// where the database has taken the statement.
std::string written(const Token& token, const KnownNames& names) {
    if (token.kind == Token::Kind::Word) return folded(token.text);
    if (token.kind != Token::Kind::QuotedName) return std::string(token.text);
    const std::string name = unquoted(token);
    if (is_plain_name(name) && names.contains(folded(name))) return folded(name);
    std::string quoted = "\"";
    for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

// Operators of two characters, which the lexer gives as two symbols.
bool are_one_operator(std::string_view left, std::string_view right) {
    constexpr std::array<std::string_view, 9> kPairs{
        "<=", ">=", "<>", "!=", "==", "||", "<<", ">>", "->"};
    return std::ranges::find(kPairs, std::string(left) + std::string(right)) != kPairs.end();
}

bool stand_together(const Token& left, const Token& right) {
    for (const char closing : {')', ',', '.', ';'})
        if (is_symbol(right, closing)) return true;
    if (is_symbol(left, '(') || is_symbol(left, '.')) return true;
    if (is_symbol(right, '(')) return left.kind != Token::Kind::Symbol;
    return left.kind == Token::Kind::Symbol && right.kind == Token::Kind::Symbol &&
           are_one_operator(left.text, right.text);
}

std::string text_of(Tokens tokens, const KnownNames& names) {
    std::string text;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (i > 0 && !stand_together(tokens[i - 1], tokens[i])) text += ' ';
        text += written(tokens[i], names);
    }
    return text;
}

// Cuts at the commas that are in no parentheses.
std::vector<Tokens> parts_of(Tokens tokens) {
    std::vector<Tokens> parts;
    int depth = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (is_symbol(tokens[i], '(')) ++depth;
        if (is_symbol(tokens[i], ')')) --depth;
        if (depth != 0 || !is_symbol(tokens[i], ',')) continue;
        parts.push_back(tokens.subspan(begin, i - begin));
        begin = i + 1;
    }
    if (begin < tokens.size()) parts.push_back(tokens.subspan(begin));
    return parts;
}

template <std::size_t N>
bool is_one_of(const Token& token, const std::array<std::string_view, N>& words) {
    return token.kind == Token::Kind::Word &&
           std::ranges::any_of(words, [&](std::string_view word) { return token.is(word); });
}

// With these a constraint of the table begins; a column of such a name must be quoted.
constexpr std::array<std::string_view, 5> kTableConstraint{"constraint", "primary", "unique",
                                                           "check", "foreign"};
// With these the type of a column has ended.
constexpr std::array<std::string_view, 10> kColumnConstraint{
    "constraint", "primary", "not",     "null",       "unique",
    "check",      "default", "collate", "references", "generated"};

ColumnDefinition column_of(Tokens tokens, const KnownNames& names) {
    ColumnDefinition column{.name = unquoted(tokens.front())};
    std::size_t end = 1;
    while (end < tokens.size() && !is_one_of(tokens[end], kColumnConstraint) &&
           !tokens[end].is("as"))
        ++end;
    column.type = text_of(tokens.subspan(1, end - 1), names);
    column.rest = text_of(tokens.subspan(end), names);
    return column;
}

TableDefinition::Constraint constraint_of(Tokens tokens, const KnownNames& names) {
    TableDefinition::Constraint constraint;
    while (tokens.size() > 2 && tokens.front().is("constraint")) {
        constraint.name = unquoted(tokens[1]);
        tokens = tokens.subspan(2);
    }
    constraint.text = text_of(tokens, names);
    return constraint;
}

// SQLite takes constraints of the table with a comma or without between them.
std::vector<Tokens> constraints_in(Tokens tokens) {
    std::vector<Tokens> found;
    int depth = 0;
    std::size_t begin = 0;
    for (std::size_t i = 1; i < tokens.size(); ++i) {
        if (is_symbol(tokens[i], '(')) ++depth;
        if (is_symbol(tokens[i], ')')) --depth;
        const bool named = i == begin + 2 && tokens[begin].is("constraint");
        if (depth != 0 || i == begin + 1 || named || !is_one_of(tokens[i], kTableConstraint))
            continue;
        found.push_back(tokens.subspan(begin, i - begin));
        begin = i;
    }
    found.push_back(tokens.subspan(begin));
    return found;
}

std::string options_of(Tokens tokens, const KnownNames& names) {
    std::vector<std::string> options;
    for (const Tokens part : parts_of(tokens)) options.push_back(text_of(part, names));
    std::ranges::sort(options);
    std::string text;
    for (const std::string& one : options) text += (text.empty() ? "" : ", ") + one;
    return text;
}

}  // namespace

std::string folded(std::string_view name) {
    std::string text(name);
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return text;
}

std::string unquoted(const Token& token) {
    const bool quoted = token.kind == Token::Kind::QuotedName || token.kind == Token::Kind::String;
    if (!quoted || token.text.size() < 2) return std::string(token.text);
    const char quote = token.text.back();
    std::string name;
    for (std::size_t i = 1; i + 1 < token.text.size(); ++i) {
        name += token.text[i];
        if (quote != ']' && token.text[i] == quote) ++i;
    }
    return name;
}

std::string canonical(const std::vector<Token>& tokens, const KnownNames& names) {
    return text_of(tokens, names);
}

std::string canonical(std::string_view sql, const KnownNames& names) {
    return canonical(sql::lex(sql, sql::Dialect::Sqlite), names);
}

TableDefinition table_definition(std::string_view sql, const KnownNames& names) {
    const std::vector<Token> all = sql::lex(sql, sql::Dialect::Sqlite);
    TableDefinition table;
    const auto open = std::ranges::find_if(all, [](const Token& t) { return is_symbol(t, '('); });
    if (open == all.end()) return table;
    auto close = open;
    for (int depth = 0; close != all.end(); ++close) {
        if (is_symbol(*close, '(')) ++depth;
        if (is_symbol(*close, ')') && --depth == 0) break;
    }
    if (close == all.end()) return table;
    for (const Tokens part : parts_of(Tokens(open + 1, close))) {
        if (part.empty()) continue;
        if (!is_one_of(part.front(), kTableConstraint)) {
            table.columns.push_back(column_of(part, names));
            continue;
        }
        for (const Tokens one : constraints_in(part))
            table.constraints.push_back(constraint_of(one, names));
    }
    table.options = options_of(Tokens(close + 1, all.end()), names);
    return table;
}

}  // namespace drydock::schema
