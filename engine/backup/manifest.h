#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/backup/job.h"
#include "engine/value.h"

namespace drydock::backup {

// What is known of one backup, kept as JSON beside it: `NAME.manifest.json`. A file without one is
// not ours and is never changed or removed.
//
//   keystone-20261121T020000Z.db[.gz][.sealed]
//   keystone-20261121T020000Z.db[.gz][.sealed].manifest.json
struct Manifest {
    std::string kind = "sqlite";  // or "postgres", "redis": what made it and can read it
    std::string file;             // name, without folder
    std::string source;           // of what: canonical path of the database, or its address
    std::string identity;         // of the database at that time (sql::Identity::text)
    Timestamp taken_at;
    std::string run;  // the run that took it; may be empty
    std::string version;  // of SQLite or of the server
    std::int64_t bytes = 0;  // of the file as it is stored
    std::string sha256;      // hex, of the file as it is stored
    std::int64_t database_bytes = 0;
    std::string database_sha256;  // of the copy before it was compressed and sealed
    bool compressed = false;
    bool sealed = false;
    // Rows of each table of the copy when it was proven.
    std::map<std::string, std::int64_t, std::less<>> rows;
    // When the copy was opened, restored or checked, and found whole; without it is not proven.
    std::optional<Timestamp> verified_at;
};

inline constexpr std::string_view kManifestEnd = ".manifest.json";

[[nodiscard]] std::string to_json(const Manifest& manifest);
// Throws Error{Document} when the text is none of ours, or of a later version.
[[nodiscard]] Manifest manifest_from_json(std::string_view text);

// The manifest beside the backup `path`. Throws Error{File} when there is none.
[[nodiscard]] Manifest read_manifest(Job& job, const std::string& path);
// Writes it beside the file, atomically.
void write_manifest(Job& job, const std::string& folder, const Manifest& manifest);

struct Found {
    Manifest manifest;
    std::string path;      // of the backup, absolute
    bool present = false;  // the file is there, as long as it was
};
// The backups of the database at `source` in `folder`, newest first. A manifest that cannot be read
// is told through Job::warn and skipped.
[[nodiscard]] std::vector<Found> find_backups(Job& job, const std::string& folder,
                                              const std::string& source);

// How a database is called in a manifest, also when the file itself is gone: its absolute path
// without links; the address of a server stays as it is.
[[nodiscard]] std::string canonical_source(const std::string& path);
// keystone-20261121T020000Z.db for …/keystone.db
[[nodiscard]] std::string backup_name(const std::string& source, Timestamp at);

}  // namespace drydock::backup
