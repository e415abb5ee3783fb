#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "engine/backup/job.h"
#include "engine/backup/manifest.h"
#include "engine/crypto/keys.h"

namespace drydock::backup {

struct Staged {
    std::string path;
    std::int64_t bytes = 0;
    std::map<std::string, std::int64_t, std::less<>> rows;  // of each table
    bool from_dump = false;
    std::optional<Manifest> manifest;  // of the backup, when it has one
};

// Makes the new database `to` out of `from`, and proves it before anybody depends on it: a backup
// or any copy of a database (.gz, .zst, .sealed as named), or an SQL dump. A backup must have the
// digest and the rows of its manifest. Made on the disk of `to`; a repeated call begins anew.
// Errors: Error{Integrity} when the backup was altered or the key is another, Error{Permission}
// when it is sealed and no key is given, Error{Check} when it is not whole, is cut, or is neither
// a database nor a dump; `to` is then gone.
Staged stage(Job& job, const std::string& from, const std::string& to,
             const std::optional<crypto::Key>& key);
// One line for people: where it comes from, tables, rows.
[[nodiscard]] std::string summary(const Staged& staged);

}  // namespace drydock::backup
