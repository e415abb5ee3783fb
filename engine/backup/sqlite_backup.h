#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/backup/job.h"
#include "engine/backup/manifest.h"
#include "engine/crypto/keys.h"
#include "engine/value.h"

namespace drydock::backup {

struct BackupRequest {
    std::string source;  // path of the database, which other programs may go on using
    std::string folder;  // where backups go, absolute; made when missing
    Timestamp
        at;  // when the step began: gives the name, so that a repeated attempt makes the same file
    bool compress = false;
    std::optional<crypto::Key> seal_with;
    Microseconds busy_timeout{5'000'000};
};

// Takes a backup with SQLite's online backup, proves it and writes its manifest last:
//
//   NAME.part → integrity_check and row counts → [NAME.gz] → [….sealed] → manifest
//
// What a crash leaves is overwritten by the next attempt, or is a file without a manifest. Errors:
// Error{Busy} while another program holds the source locked, Error{File} when the source is damaged
// or the folder is full, Error{Check} when the copy is not whole.
Found take_backup(Job& job, const BackupRequest& request);

// Copies the database at `source` to the new file `to` (atomically, for :backup). Not verified.
void copy_database(Job& job, const std::string& source, const std::string& to,
                   Microseconds busy_timeout);

}  // namespace drydock::backup
