#pragma once

#include <map>
#include <string>

#include "engine/postgres/connection.h"

// How a session begins: what libpq is told, and what is said when it does not come to be.
namespace drydock::postgres {

// A new session that is still being opened (PQconnectPoll goes on). The caller owns it.
[[nodiscard]] pg_conn* start_connecting(const ConnectOptions& options);
// "app on db.example.com:5432", without secrets.
[[nodiscard]] std::string place_of(const pg_conn& connection);
// True when the server runs here: behind a socket of the file system, or of the loopback interface.
[[nodiscard]] bool is_on_this_machine(const pg_conn& connection);
// "postgres://db.example.com:5432/app": where `options` lead, found without asking the server, and
// without user and password. Throws Error{Connection} for a URL that is none.
[[nodiscard]] std::string address_of(const ConnectOptions& options);
// Why `connection` did not come to be. The password and a URL that holds it are taken out of the
// server's and the library's words.
[[nodiscard]] Error connect_error(const pg_conn& connection, const ConnectOptions& options);

// What a postgres:// URL says, by libpq's keywords ("dbname", "sslmode"); nothing for what is no
// such URL. Throws Error{Connection} for one that cannot be read, without showing it.
[[nodiscard]] std::map<std::string, std::string> words_of_url(const std::string& server);

}  // namespace drydock::postgres
