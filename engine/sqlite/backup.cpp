#include "engine/sqlite/backup.h"

#include <sqlite3.h>

#include "engine/sqlite/errors.h"

namespace drydock::sqlite {

void OnlineBackup::Finish::operator()(sqlite3_backup* backup) const noexcept {
    sqlite3_backup_finish(backup);
}

OnlineBackup::OnlineBackup(Connection& from, Connection& to)
    : from_(from),
      to_(to),
      handle_(sqlite3_backup_init(to.handle_.get(), "main", from.handle_.get(), "main")) {
    if (handle_ == nullptr) {
        throw last_error(to_.handle_.get(), sqlite3_errcode(to_.handle_.get()),
                         "starting a backup");
    }
}

OnlineBackup::~OnlineBackup() = default;

bool OnlineBackup::step(int pages) {
    // sqlite3_backup_step asks the busy handler of the source by itself.
    const int result = sqlite3_backup_step(handle_.get(), pages);
    if (result == SQLITE_DONE) return false;
    if (result == SQLITE_OK) return true;
    // A failed write is the copy's error, everything else the source's.
    sqlite3* const to = to_.handle_.get();
    const bool of_copy = (sqlite3_errcode(to) & 0xff) == (result & 0xff);
    throw last_error(of_copy ? to : from_.handle_.get(), result, "copying the database");
}

std::int64_t OnlineBackup::pages_total() const { return sqlite3_backup_pagecount(handle_.get()); }

std::int64_t OnlineBackup::pages_left() const { return sqlite3_backup_remaining(handle_.get()); }

}  // namespace drydock::sqlite
