#pragma once

#include <map>
#include <memory>
#include <string>

#include "engine/error.h"
#include "engine/secret.h"
#include "engine/sql/database.h"

namespace drydock::sql {

struct SqliteSettings {
    std::string path;        // of a file that exists: Drydock never creates a target
    bool read_only = false;  // nothing can be written, not even a receipt
    Microseconds busy_timeout{5'000'000};
};

// Opens a SQLite file as a target. Errors: Error{File} when there is no such file or it is no
// database, or a damaged one, found without writing a byte; Error{Busy} with the holder when
// another program has it locked exclusively; Error{Permission}. The caller keeps everything else of
// this process from opening the file (files::OpenDatabases): closing it would drop SQLite's locks.
[[nodiscard]] std::unique_ptr<Database> open_sqlite(const SqliteSettings& settings);

struct PostgresSettings {
    std::optional<Secret> server;  // host, socket folder or postgres:// URL
    std::int64_t port = 0;
    std::optional<Secret> database, user, password, role;
    std::string tls;         // libpq's sslmode; empty: its default
    std::string ca;          // file with the certificates to trust; empty: the system's
    bool read_only = false;  // nothing can be written, not even a receipt
    // All that is done is taken back when the session ends: it opens one transaction, in which the
    // transactions of steps are savepoints. What cannot be in a transaction is refused.
    bool rehearsal = false;
    std::string receipts_schema{"drydock"};
    Microseconds lock_timeout{5'000'000};
    Microseconds statement_timeout{0};  // 0: the step's time alone counts
    std::string application_name{"drydock"};
};

// What a postgres:// URL says, by libpq's keywords ("dbname", "password", "sslmode"); nothing for
// what is no such URL. Throws Error{Connection} for one that cannot be read, without showing it.
[[nodiscard]] std::map<std::string, std::string> words_of_url(const std::string& url);

// What settings name, also within a URL; empty where they leave it to libpq.
struct PostgresNames {
    std::string database, user, role;
};
// Throws Error{Connection} for a URL that cannot be read.
[[nodiscard]] PostgresNames names_of(const PostgresSettings& settings);

// Opens a session with a PostgreSQL server as a target. Errors: Error{Connection}, {Permission},
// {Timeout}; none shows the password.
[[nodiscard]] std::unique_ptr<Database> open_postgres(const PostgresSettings& settings);

// "postgres://host:5432/app", found without asking the server; without user and password.
[[nodiscard]] std::string postgres_address(const PostgresSettings& settings);

// Which file `path` leads to, without opening it. Throws Error{File} when there is none.
[[nodiscard]] Identity sqlite_identity(const std::string& path);

// What is said when `path` is locked: which programs have it open. `code` is SQLite's.
[[nodiscard]] Error locked_error(const std::string& path, std::string_view code);

}  // namespace drydock::sql
