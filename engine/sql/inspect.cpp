#include "engine/sql/inspect.h"

#include <algorithm>

#include "engine/sql/statement_class.h"

namespace drydock::sql {
namespace {

constexpr std::string_view kOwnTransaction =
    "Drydock begins and commits by itself, with the receipt; use transaction{key = …} for a part "
    "of its own";

std::string lower(std::string_view text) {
    std::string low(text);
    std::transform(low.begin(), low.end(), low.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return low;
}

bool word_is(const ScriptStatement& statement, std::size_t index, std::string_view word) {
    return index < statement.tokens.size() && statement.tokens[index].is(word);
}

// `insert or rollback …`: a conflict ends the transaction, and a script that goes on writes without
// a receipt. As a table's or trigger's own rule it is seen only when it happens.
bool may_roll_back(const ScriptStatement& statement) {
    if (word_is(statement, 0, "create")) return false;
    for (std::size_t i = 0; i + 1 < statement.tokens.size(); ++i) {
        if (word_is(statement, i, "or") && word_is(statement, i + 1, "rollback")) return true;
    }
    return false;
}

// PostgreSQL: what makes a session read-only, or forgets it, is Drydock's.
bool changes_session_rules(const ScriptStatement& statement) {
    if (word_is(statement, 0, "discard")) return true;
    if (word_is(statement, 0, "reset") && word_is(statement, 1, "all")) return true;
    return std::any_of(statement.tokens.begin(), statement.tokens.end(), [&](const Token& token) {
        const bool set = word_is(statement, 0, "set") || word_is(statement, 0, "reset");
        return token.is("set_config") ||
               (set &&
                (token.is("transaction") || token.is("characteristics") ||
                 token.is("transaction_read_only") || token.is("default_transaction_read_only") ||
                 token.is("synchronous_commit") || token.is("standard_conforming_strings")));
    });
}

// By PostgreSQL's words for SQLite too, which knows VACUUM alone of them: a text whose database is
// not known yet is looked at as SQLite's.
bool runs_alone(const ScriptStatement& statement) {
    return in_transaction(statement.tokens, Dialect::Postgres) == InTransaction::Refused;
}

std::optional<Refusal> unclosed(const ScriptStatement& statement) {
    const Token& last = statement.tokens.back();
    if (last.closed) return std::nullopt;
    const bool comment = last.kind == Token::Kind::Symbol;
    return Refusal{
        comment ? "a comment is not closed" : "a quote is not closed",
        comment ? "end it with */" : "end it; inside it the quote itself is written twice"};
}

Refusal cannot_run_in_transaction(const std::string& first) {
    return {
        first + " cannot run in a transaction",
        "run it with exec_alone" + std::string(first == "vacuum" ? ", or use sqlite.vacuum" : "")};
}

std::optional<Refusal> refusal_on_postgres(const ScriptStatement& statement, Access access,
                                           const std::string& first) {
    if (changes_session_rules(statement)) {
        return Refusal{"this setting of the session is not for scripts",
                       "Drydock sets how transactions and commits behave: a receipt depends on it"};
    }
    if (runs_alone(statement) && access != Access::Alone) return cannot_run_in_transaction(first);
    return std::nullopt;
}

}  // namespace

std::optional<Refusal> refusal(const ScriptStatement& statement, Access access, Dialect dialect) {
    if (auto open = unclosed(statement)) return open;
    const std::string first = lower(statement.tokens.front().text);
    if (controls_transaction(statement.tokens)) {
        return Refusal{"transaction control (" + first + ") is not for scripts",
                       std::string(kOwnTransaction)};
    }
    if (dialect == Dialect::Postgres) return refusal_on_postgres(statement, access, first);
    if (may_roll_back(statement)) {
        return Refusal{"`or rollback` would end the transaction that holds the receipt",
                       "write `or abort`, which undoes the statement alone, or `or ignore`"};
    }
    if (word_is(statement, 0, "attach") || word_is(statement, 0, "detach")) {
        return Refusal{first +
                           " is not for scripts: a crash between two files would leave a receipt "
                           "without its work",
                       "declare the other file as a connection of its own"};
    }
    if (runs_alone(statement)) {
        const bool into = std::any_of(statement.tokens.begin(), statement.tokens.end(),
                                      [](const Token& token) { return token.is("into"); });
        if (into)
            return Refusal{"vacuum into is not for scripts",
                           "make a copy with backup.sqlite or :backup"};
        if (access != Access::Alone) {
            return cannot_run_in_transaction(first);
        }
    }
    return std::nullopt;
}

std::optional<std::string> script_problem(std::string_view sql) {
    const std::vector<Token> tokens = lex(sql, Dialect::Postgres);
    const bool dollars = std::any_of(tokens.begin(), tokens.end(), [](const Token& token) {
        return token.kind == Token::Kind::String && token.text.starts_with('$');
    });
    const Dialect dialect = dollars ? Dialect::Postgres : Dialect::Sqlite;
    const auto statements = split(sql, dialect);
    if (statements.empty()) return "there is no statement in this text";
    for (const ScriptStatement& statement : statements) {
        if (const auto found = refusal(statement, Access::Write, dialect)) return found->message;
    }
    return std::nullopt;
}

}  // namespace drydock::sql
