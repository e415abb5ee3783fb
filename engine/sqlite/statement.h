#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/value.h"

struct sqlite3;
struct sqlite3_stmt;

namespace drydock::sqlite {

enum class ColumnType : std::uint8_t { Integer, Real, Text, Blob, Null };

// One prepared statement. Made by Connection::prepare and must end before its connection does. Used
// on the connection's thread. Reusable: run it, reset() it, bind anew. After an error it is reset
// already, so that it holds no lock and may be used again.
//
//   Statement insert = connection.prepare("insert into t values (?, ?)");
//   insert.bind(1, 7).bind(2, "x");
//   insert.run();
class Statement final {
  public:
    // Parameters count from 1. Text and blobs are copied. Strings of a Value bind as text when they
    // are UTF-8 without NUL, otherwise as a blob; booleans as 0 or 1; sizes as bytes; durations as
    // seconds; timestamps as SQLite writes CURRENT_TIMESTAMP. Throws Error{Lua} for lists, maps and
    // secrets.
    Statement& bind(int parameter, std::int64_t number);
    Statement& bind(int parameter, double number);
    Statement& bind(int parameter, std::string_view text);
    Statement& bind(int parameter, const Value& value);
    Statement& bind_blob(int parameter, std::string_view bytes);
    Statement& bind_null(int parameter);
    [[nodiscard]] int parameter_count() const;
    // ":name", "$1", "?3"; empty for a bare `?`.
    [[nodiscard]] std::string_view parameter_name(int parameter) const;

    // True: there is a row to read. False: the statement is done. Errors: see sqlite/errors.h.
    bool step();
    // Steps to the end, ignoring rows, and resets.
    void run();
    // Makes it ready to be bound and stepped again; bindings stay. Ends the read that it held.
    void reset() noexcept;

    // The row that step() found; columns count from 0. Views live until the next step() or reset().
    [[nodiscard]] int column_count() const;
    [[nodiscard]] std::string_view column_name(int column) const;
    [[nodiscard]] ColumnType column_type(int column) const;
    [[nodiscard]] std::int64_t column_int(int column) const;
    [[nodiscard]] double column_real(int column) const;
    [[nodiscard]] std::string_view column_text(int column) const;
    [[nodiscard]] std::string_view column_blob(int column) const;
    [[nodiscard]] Value column(int column) const;

    // True when running it changes no database file (sqlite3_stmt_readonly).
    [[nodiscard]] bool changes_nothing() const;

  private:
    friend class Connection;
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const noexcept;
    };
    using StatementHandle = std::unique_ptr<sqlite3_stmt, Finalize>;
    explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}
    void check_bound(int result, int parameter) const;

    StatementHandle handle_;
};

}  // namespace drydock::sqlite
