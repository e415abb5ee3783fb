#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/backup/job.h"
#include "engine/backup/manifest.h"
#include "engine/crypto/keys.h"

namespace drydock::backup {

// The newest proven backup of `source` in `folder` whose file is there, taken before `before` if
// given. Throws Error{File} when there is none.
[[nodiscard]] Found latest_backup(Job& job, const std::string& folder, const std::string& source,
                                  std::optional<Timestamp> before);
// One line for people: name, time, size, rows.
[[nodiscard]] std::string summary(const Found& backup);

// Proves a backup again: the digest of the file, and, unless it is sealed and no key is given, that
// the unpacked copy is whole and has the rows of its manifest. Throws Error{Integrity} with what
// differs. Returns the manifest.
Manifest verify_backup(Job& job, const std::string& path, const std::optional<crypto::Key>& key);

// The manifest of the backup `path`, once its file has been found to have the digest that it says.
// Throws Error{Integrity}.
[[nodiscard]] Manifest manifest_with_digest(Job& job, const std::string& path);
// Throws Error{Integrity} unless `rows` (of a copy unpacked from `path`) are those of the manifest.
void refuse_other_rows(const std::string& path, const Manifest& manifest,
                       const std::map<std::string, std::int64_t, std::less<>>& rows);

struct Freed {
    std::vector<std::string> files;  // that were replaced or removed
    std::int64_t bytes = 0;
};
// Compresses the plain backups taken before `before`. A compressed one takes the old one's place
// only after it has been unpacked again and found equal.
Freed compress_backups(Job& job, const std::string& folder, const std::string& source,
                       Timestamp before);
// Removes the backups taken before `before`: only with a manifest of ours, and never the newest one
// that is proven, there, and still has its digest. A manifest whose file is gone is told.
Freed prune_backups(Job& job, const std::string& folder, const std::string& source,
                    Timestamp before);

}  // namespace drydock::backup
