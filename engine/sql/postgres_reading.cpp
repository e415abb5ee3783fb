#include "engine/sql/postgres_reading.h"

#include <algorithm>
#include <array>

#include "engine/check.h"
#include "engine/error.h"
#include "engine/sql/inspect.h"
#include "engine/sql/placeholders.h"

// Reads of a session with PostgreSQL.
namespace drydock::sql {

bool only_touches_rows(const ScriptStatement& statement) {
    constexpr std::array<std::string_view, 6> kWords{"select", "insert", "update",
                                                     "delete", "values", "with"};
    return std::ranges::any_of(
        kWords, [&](std::string_view word) { return statement.tokens.front().is(word); });
}

PostgresDatabase::ReadFrame PostgresDatabase::read_frame() const {
    if (!settings_.rehearsal) return {.begin = "begin read only", .end = "rollback"};
    return {.begin = "savepoint drydock_read; set local transaction_read_only = on",
            .end = "rollback to drydock_read; release drydock_read"};
}

PostgresDatabase::ReadFrame PostgresDatabase::together_frame() const {
    if (settings_.rehearsal || in_transaction_) {
        return {.begin = "savepoint drydock_together",
                .end = "rollback to drydock_together; release drydock_together"};
    }
    return {.begin = "begin isolation level repeatable read read only", .end = "rollback"};
}

void PostgresDatabase::read_together(const std::function<void()>& body) {
    refuse_when_lost();
    CHECK(!reading_);
    Reading reading(*this, together_frame());
    const struct Flag {
        bool& on;
        ~Flag() { on = false; }
    } flag{reading_ = true};
    body();
    reading.end();
}

std::int64_t PostgresDatabase::each(std::string_view statement, const Arguments& arguments,
                                    const RowSink& sink) {
    const auto statements = split(statement, Dialect::Postgres);
    // Only queries have cursors; run() says what is wrong with anything else.
    const bool query = statements.size() == 1 && only_touches_rows(statements.front()) &&
                       !refusal(statements.front(), Access::Read, Dialect::Postgres);
    if (!query) return run(statement, arguments, Access::Read, sink);
    refuse_when_lost();
    NumberedStatement numbered_one = numbered(statements.front(), arguments);
    numbered_one.text = "declare drydock_each no scroll cursor for " + numbered_one.text;
    blockers_ = {};
    try {
        Reading reading(*this, in_transaction_ || reading_ ? ReadFrame() : read_frame());
        run_numbered(numbered_one, false, {});
        const std::int64_t rows = connection_.fetch_all(
            "drydock_each", [&](const auto& row) { return !sink || sink(ServerRow(row)); });
        if (in_transaction_ || reading_) connection_.exec("close drydock_each");
        reading.end();
        return rows;
    } catch (const Error& error) {
        note_failure(error);
        throw explained(error, numbered_one.text);
    }
}

std::vector<std::string> PostgresDatabase::column_names(std::string_view statement,
                                                        const Arguments& arguments) {
    refuse_when_lost();
    const auto statements = split(statement, Dialect::Postgres);
    if (statements.size() != 1) throw Error(ErrorCode::Sql, "there must be one statement here");
    const NumberedStatement numbered_one = numbered(statements.front(), arguments);
    try {
        Reading reading(*this, in_transaction_ || reading_ ? ReadFrame() : read_frame());
        std::vector<std::string> names = connection_.described(numbered_one.text).columns;
        reading.end();
        return names;
    } catch (const Error& error) {
        note_lost_transaction();
        throw explained(error, numbered_one.text);
    }
}

}  // namespace drydock::sql
