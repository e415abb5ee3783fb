#pragma once

#include <string_view>

#include "engine/error.h"

struct sqlite3;

// How SQLite's result codes become drydock::Error. The extended code's name
// ("SQLITE_BUSY_SNAPSHOT") is the error's code_text, so that callers tell codes apart without this
// library's header.
namespace drydock::sqlite {

// The name of an extended result code; "SQLITE_ERROR" style names of the primary code where the
// extended one is not listed.
[[nodiscard]] std::string_view code_name(int extended_code);

// The error of `connection`'s last call, which returned `code`. Kinds: Busy (locked), Permission
// (read-only, denied), File (input/output, full, cannot open, not a database, damaged), Interrupted
// (stopped by interrupt() or by the stop function), Sql (everything that the statement is to blame
// for). `what` says what was being done and may be empty.
[[nodiscard]] Error last_error(sqlite3* connection, int code, std::string_view what);

// True when `error` says that the file itself is no database or is damaged.
[[nodiscard]] bool is_damage(const Error& error);

}  // namespace drydock::sqlite
