// Any text as SQL of a script. The guard and SQLite must agree: what the guard lets pass as a write
// neither ends the transaction nor opens one, whatever it does.

#include "engine/error.h"
#include "engine/sql/inspect.h"
#include "engine/sql/lexer.h"
#include "engine/sql/placeholders.h"
#include "engine/sqlite/connection.h"
#include "tests/fuzz/fuzz.h"

using namespace drydock;

namespace {

void check_tokens(std::string_view text, sql::Dialect dialect) {
    const char* at = text.data();
    for (const sql::Token& token : sql::lex(text, dialect)) {
        MUST(!token.text.empty() && token.text.data() >= at);
        at = token.text.data() + token.text.size();
        MUST(at <= text.data() + text.size());
    }
    for (const sql::ScriptStatement& statement : sql::split(text, dialect)) {
        MUST(!statement.tokens.empty());
        (void)sql::refusal(statement, sql::Access::Read);
        (void)sql::refusal(statement, sql::Access::Alone);
    }
}

// Compiled, not run: what a statement would do is seen by the authorizer alone.
void check_guard(std::string_view text) {
    (void)sql::script_problem(text);  // early, and of both dialects: the guard is refusal()
    static sqlite::Connection connection(":memory:", {.mode = sqlite::Mode::Create});
    static bool controls = false;
    connection.set_defensive();
    connection.set_authorizer([](sqlite::Action action, std::string_view, const char*) {
        if (action == sqlite::Action::Transaction || action == sqlite::Action::Savepoint ||
            action == sqlite::Action::Attach || action == sqlite::Action::Detach) {
            controls = true;
        }
        return true;
    });
    for (const sql::ScriptStatement& statement : sql::split(text, sql::Dialect::Sqlite)) {
        if (sql::refusal(statement, sql::Access::Write, sql::Dialect::Sqlite)) continue;
        controls = false;
        try {
            (void)connection.prepare(sql::with_identifiers(statement, {}));
        } catch (const Error&) {
            continue;
        }
        MUST(!controls);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text = fuzz::text_of(bytes, size);
    check_tokens(text, sql::Dialect::Sqlite);
    check_tokens(text, sql::Dialect::Postgres);
    if (size < 4'096) check_guard(text);
    return 0;
}
