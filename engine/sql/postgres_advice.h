#pragma once

#include <string>
#include <string_view>

#include "engine/error.h"
#include "engine/postgres/connection.h"

// What an operator can do about an error of PostgreSQL that its own words leave open.
namespace drydock::sql {

// For a missing privilege: the GRANT that helps, from the server's message ("permission denied for
// table t") and the first word of `statement`. `user` is who would get it. Every other error comes
// back as it is.
[[nodiscard]] Error with_grant(const Error& error, std::string_view statement,
                               std::string_view user);

// For a procedure that ends the transaction in which it was called: where it can be called.
[[nodiscard]] Error with_place_to_commit(const Error& error);

// Who keeps the session of `backend_pid` waiting for a lock, one after another: "pid 71 (app, psql,
// idle in transaction for 3 min 5 s: update t …)". Asked on `helper`, a session of its own; empty
// when nobody does.
struct Blockers {
    std::string text;
    std::string first_pid;
};
[[nodiscard]] Blockers blockers_of(int backend_pid, postgres::Connection& helper);

// The error of a lock that was not to be had, with those who have it.
[[nodiscard]] Error with_blockers(const Error& error, const Blockers& blockers);

}  // namespace drydock::sql
