#include "tests/migrate/judges.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "engine/error.h"
#include "engine/postgres/connection.h"
#include "engine/secret.h"
#include "tests/servers/postgres_server.h"

namespace drydock::migrate {
namespace {

constexpr std::string_view kSyntaxError = "42601";

}  // namespace

struct PostgresJudge::State {
    test::PostgresServer& server = test::PostgresServer::shared();
    std::string database = server.make_database();
    postgres::Connection connection{{.server = Secret("server", server.socket_folder()),
                                     .port = server.port(),
                                     .database = Secret("database", database),
                                     .user = Secret("user", test::PostgresServer::superuser())}};
};

PostgresJudge::PostgresJudge() : state_(std::make_unique<State>()) {}

PostgresJudge::~PostgresJudge() {
    test::PostgresServer& server = state_->server;
    const std::string database = state_->database;
    state_.reset();
    server.drop_database(database);
}

std::string PostgresJudge::refusal(const sql::FileStatement& statement) {
    const std::string text(statement.text);
    if (text.find("standard_conforming_strings") != std::string::npos)
        state_->connection.exec(text);
    try {
        (void)state_->connection.parameter_types(text);
    } catch (const Error& error) {
        if (error.code_text() == kSyntaxError) return error.message();
    }
    return {};
}

SqliteJudge::SqliteJudge() { EXPECT_EQ(sqlite3_open(":memory:", &database_), SQLITE_OK); }

SqliteJudge::~SqliteJudge() { sqlite3_close_v2(database_); }

std::vector<std::size_t> SqliteJudge::ends(const std::string& text) {
    std::vector<std::size_t> found;
    const char* at = text.c_str();
    const char* const end = at + text.size();
    while (at < end) {
        sqlite3_stmt* statement = nullptr;
        const char* tail = nullptr;
        const int code = sqlite3_prepare_v2(database_, at, -1, &statement, &tail);
        EXPECT_EQ(code, SQLITE_OK) << sqlite3_errmsg(database_) << ": " << at;
        if (code != SQLITE_OK) break;
        if (statement != nullptr) {
            int step = SQLITE_ROW;
            while (step == SQLITE_ROW) step = sqlite3_step(statement);
            EXPECT_EQ(step, SQLITE_DONE) << sqlite3_errmsg(database_) << ": " << at;
            found.push_back(static_cast<std::size_t>(tail - text.c_str()));
        }
        sqlite3_finalize(statement);
        at = tail;
    }
    return found;
}

std::vector<std::size_t> our_ends(const std::string& text) {
    std::vector<std::size_t> found;
    for (const sql::FileStatement& statement :
         sql::split_file(text, sql::Dialect::Sqlite).statements) {
        const auto end =
            static_cast<std::size_t>(statement.text.data() - text.data()) + statement.text.size();
        // Comments may stand before the semicolon.
        sql::Lexer lexer(std::string_view(text).substr(end), sql::Dialect::Sqlite);
        (void)lexer.next();
        found.push_back(end + lexer.position());
    }
    return found;
}

}  // namespace drydock::migrate
