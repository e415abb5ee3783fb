#pragma once

#include <string>

#include "engine/error.h"

// How a PostgreSQL server's errors become drydock::Error. The SQLSTATE is the error's code_text.
namespace drydock::postgres {

// What a server says of an error (PostgreSQL documentation, "Error and Notice Message Fields").
struct ServerError {
    std::string sqlstate;
    std::string message;
    std::string detail;
    std::string hint;
    int position = 0;  // in the statement's characters, from 1; 0: none
    std::string context;  // from the innermost, a line each
};

// The error for `server`, which `statement` caused (empty: none). Kinds: Busy (a lock was not to be
// had, serialization failure, deadlock), Permission, Timeout (statement_timeout), Interrupted
// (cancelled), Connection (the server goes down, is starting, has no room), Sql (everything that
// the statement is to blame for).
[[nodiscard]] Error error_from(const ServerError& server, std::string_view statement);

// True for what a transaction may be tried again after: serialization failure and deadlock.
[[nodiscard]] bool is_retryable(const Error& error);

}  // namespace drydock::postgres
