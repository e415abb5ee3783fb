#pragma once

#include <string>
#include <utility>
#include <vector>

struct pg_conn;

namespace drydock::postgres {

// What another program needs to log in where a session is, and as whom: libpq's variables, and the
// text of a password file (empty: the session needed no password).
struct Login {
    std::vector<std::pair<std::string, std::string>> environment;
    std::string password_file;
};

// Of a session that has come to be. The password is good for its server and user alone.
[[nodiscard]] Login login_of(pg_conn& connection);

}  // namespace drydock::postgres
