#pragma once

#include <cstdint>
#include <memory>

#include "engine/sqlite/connection.h"

struct sqlite3_backup;

namespace drydock::sqlite {

// SQLite's online backup: copies a database page by page while other programs go on using it. A
// commit by another connection makes it start over; the copy is always one consistent moment. Both
// connections must outlive it; used on their thread.
class OnlineBackup final {
  public:
    // `to` must be an empty database. Errors: see sqlite/errors.h.
    OnlineBackup(Connection& from, Connection& to);
    ~OnlineBackup();

    // Copies up to `pages` (negative: all that remain). False when the copy is complete. When the
    // source is locked it waits as long as the source's busy_timeout, then throws Error{Busy}.
    bool step(int pages);
    [[nodiscard]] std::int64_t pages_total() const;
    [[nodiscard]] std::int64_t pages_left() const;

  private:
    struct Finish {
        void operator()(sqlite3_backup* backup) const noexcept;
    };
    using BackupHandle = std::unique_ptr<sqlite3_backup, Finish>;

    Connection& from_;
    Connection& to_;
    BackupHandle handle_;
};

}  // namespace drydock::sqlite
