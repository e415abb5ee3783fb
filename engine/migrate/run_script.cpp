#include "engine/migrate/run_script.h"

#include <algorithm>
#include <array>
#include <span>

#include "engine/error.h"

namespace drydock::migrate {
namespace {

using sql::Access;

constexpr Microseconds kFirstPause{200'000};
constexpr Microseconds kLongestPause{5'000'000};

// SET, RESET and PRAGMA, and set_config in a SELECT; not SET LOCAL and what else ends by itself.
bool sets_session(const std::vector<sql::Token>& tokens) {
    const sql::Token& first = tokens.front();
    if (first.is("reset") || first.is("pragma")) return true;
    if (first.is("set")) {
        return tokens.size() > 1 && !tokens[1].is("local") && !tokens[1].is("constraints") &&
               !tokens[1].is("transaction");
    }
    return first.is("select") && std::ranges::any_of(tokens, [](const sql::Token& token) {
               return token.is("set_config");
           });
}

// CREATE [LOCAL] TEMP TABLE and its like.
bool makes_temporary(const std::vector<sql::Token>& tokens) {
    constexpr std::size_t kWords = 4;
    const std::span first(tokens.data(), std::min(kWords, tokens.size()));
    return tokens.front().is("create") &&
           std::ranges::any_of(first, [](const sql::Token& token) {
               return token.is("temp") || token.is("temporary");
           });
}

// So that several who wait do not come back at the same time.
Microseconds jittered(Clock& clock, Microseconds pause) {
    const std::int64_t spread = clock.boot().count() % 1000;
    return pause / 2 + pause * spread / 2000;
}

}  // namespace

const Script& script_of(const Passage& passage) {
    return passage.way == Passage::Way::Up ? passage.migration->up : *passage.migration->down;
}

std::string called(const Migration& migration) {
    return migration.version.text.empty() ? migration.name
                                          : migration.version.text + "_" + migration.name;
}

void run_piece(sql::StepSession& session, const Script& script, const Piece& piece) {
    for (const std::size_t index : piece.statements) {
        session.hooks().check_stop();
        const Statement& statement = script.statements[index];
        try {
            session.database().run_written({.text = statement.text, .data = statement.data},
                                           Access::Write);
        } catch (const Error& error) {
            throw placed(error, script, statement);
        }
    }
}

bool may_set_something(const Script& script) {
    constexpr std::array<std::string_view, 7> kWords{"set",    "reset", "discard", "pragma",
                                                     "select", "do",    "call"};
    return std::ranges::any_of(script.statements, [&](const Statement& statement) {
        return makes_temporary(statement.tokens) ||
               std::ranges::any_of(kWords, [&](std::string_view word) {
                   return statement.tokens.front().is(word);
               });
    });
}

void set_again(sql::Database& database, const Script& script, const std::vector<Piece>& pieces,
               std::size_t done) {
    for (std::size_t i = 0; i < done; ++i) {
        for (const std::size_t index : pieces[i].statements) {
            const Statement& statement = script.statements[index];
            if (sets_session(statement.tokens))
                database.run_written({.text = statement.text, .data = {}}, Access::Alone);
        }
    }
}

void patiently(sql::StepSession& session, Microseconds patience, const std::string& name,
               const std::string& key, const std::function<void()>& work) {
    const Microseconds until = session.clock().boot() + patience;
    for (Microseconds pause = kFirstPause;; pause = std::min(pause * 2, kLongestPause)) {
        try {
            session.transaction(key, [&] {
                work();
                return Value();
            });
            return;
        } catch (const Error& error) {
            const bool waited = error.code_text() == kLockNotAvailable;
            if (!waited || session.clock().boot() + pause > until) throw;
            session.hooks().notice("warning", "tries " + name + " again: " + error.message());
        }
        session.pause(jittered(session.clock(), pause));
    }
}

}  // namespace drydock::migrate
