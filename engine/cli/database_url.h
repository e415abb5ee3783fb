#pragma once

#include <string_view>

#include "engine/config/env_file.h"

// DATABASE_URL, by which many applications are told where their database is.
namespace drydock::cli {

// What a postgres:// URL says, as the variables by which the shipped runbooks are told the same:
// POSTGRES_HOST, _PORT, _DB, _USER, _PASSWORD, _SSLMODE. Throws Error{Usage} for one that cannot be
// read, or says something that none of them can; it is not shown.
[[nodiscard]] config::Variables variables_of_url(std::string_view url);

// Where a server is named by DATABASE_URL alone, and by none of those variables, adds them.
void add_database_url(config::Variables& variables);

// "/data/app.db" for "sqlite:/data/app.db", "sqlite3://app.db" and their like; empty for what is no
// such URL.
[[nodiscard]] std::string file_of_url(std::string_view url);
[[nodiscard]] bool is_server_url(std::string_view url);

}  // namespace drydock::cli
