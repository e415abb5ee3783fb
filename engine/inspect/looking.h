#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/error.h"
#include "engine/sqlite/connection.h"
#include "engine/value.h"

namespace drydock::inspect {

// What the file itself says, read as bytes before SQLite opens it.
struct FileFacts {
    std::int64_t bytes = 0;
    std::int64_t wal_bytes = 0;      // of FILE-wal; 0: there is none
    std::int64_t journal_bytes = 0;  // of FILE-journal; 0: there is none
    std::int64_t header_bytes = 0;   // what its header says it is long; 0: it does not say
    bool is_database = false;        // begins as an SQLite database does
    std::string beginning;           // the first 16 bytes, printable
};

// A database file opened for looking at it: read only, so that neither it nor its log is altered
// whatever it holds. (SQLite may put an empty -wal and a -shm beside a database in WAL mode.) No
// other connection of this process may have the file open. Used on one thread.
class Looking final {
  public:
    // Errors: Error{File} when it is not there; Error{Integrity} with the evidence when it is no
    // database or its header or schema is damaged; Error{Busy} naming who holds it.
    Looking(std::string path, Microseconds busy_timeout);

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] const FileFacts& file() const { return file_; }
    [[nodiscard]] sqlite::Connection& connection() { return connection_; }
    // The first column of the first row; 0 and "" when there is none.
    [[nodiscard]] std::int64_t number(std::string_view query);
    [[nodiscard]] std::string text(std::string_view query);

  private:
    std::string path_;
    FileFacts file_;
    sqlite::Connection connection_;
};

// `error`, which SQLite gave about the file at `path`, with what an operator needs to know of it:
// who holds the lock, how many bytes are free, how the file begins, how long it should be, and the
// next command. Never the advice to remove a log or to kill a program.
[[nodiscard]] Error with_evidence(const std::string& path, const FileFacts& file,
                                  const Error& error);

[[nodiscard]] FileFacts look_at_file(const std::string& path);

}  // namespace drydock::inspect
