#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/sql/split.h"

struct sqlite3;

// The servers as judges of where a statement ends.
namespace drydock::migrate {

// Gives a PostgreSQL server statements to parse, not to run, by the protocol that takes one alone.
class PostgresJudge final {
  public:
    PostgresJudge();
    ~PostgresJudge();
    PostgresJudge(const PostgresJudge&) = delete;
    PostgresJudge& operator=(const PostgresJudge&) = delete;
    // Why it is not exactly one whole statement: a syntax error, "cannot insert multiple commands
    // into a prepared statement"; empty when it is one, even of tables that are not there. What
    // changes how the server reads strings is run.
    [[nodiscard]] std::string refusal(const sql::FileStatement& statement);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// Runs a text as SQLite cuts it, in an empty database.
class SqliteJudge final {
  public:
    SqliteJudge();
    ~SqliteJudge();
    SqliteJudge(const SqliteJudge&) = delete;
    SqliteJudge& operator=(const SqliteJudge&) = delete;
    // Where sqlite3_prepare_v2 says that each statement ends: the byte after its semicolon.
    [[nodiscard]] std::vector<std::size_t> ends(const std::string& text);

  private:
    sqlite3* database_ = nullptr;
};

// The same of split_file.
[[nodiscard]] std::vector<std::size_t> our_ends(const std::string& text);

}  // namespace drydock::migrate
