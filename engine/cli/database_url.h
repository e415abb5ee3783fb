#pragma once

#include <string>
#include <string_view>

#include "engine/config/env_file.h"

// DATABASE_URL, by which many applications are told where their database is.
namespace drydock::cli {

// What a postgres:// URL says, as the variables by which the shipped runbooks are told the same:
// POSTGRES_HOST, _PORT, _DB, _USER, _PASSWORD, _SSLMODE. Throws Error{Usage} for one that cannot be
// read, or says something that none of them can; it is not shown.
[[nodiscard]] config::Variables variables_of_url(std::string_view url);

// Adds what DATABASE_URL says of a server, unless one of those variables says otherwise.
void add_database_url(config::Variables& variables);
// Throws Error{Usage} when one of them does.
void refuse_contradicted_url(const std::string& url, const config::Variables& variables);

// "/data/app.db" for "sqlite:/data/app.db", "sqlite3://app.db" and their like; empty for what is no
// such URL.
[[nodiscard]] std::string file_of_url(std::string_view url);
[[nodiscard]] bool is_server_url(std::string_view url);

}  // namespace drydock::cli
