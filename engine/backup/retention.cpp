#include "engine/backup/retention.h"

#include "engine/backup/copy.h"
#include "engine/error.h"

namespace drydock::backup {
namespace {

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

void tell_missing(Job& job, const Found& backup) {
    if (backup.present) return;
    job.warn("the backup " + backup.path +
             " is gone or has another length; its manifest is still there");
}

Error differs(const std::string& path, const std::string& what) {
    return {ErrorCode::Integrity, "the backup " + path + " is not what it was: " + what,
            "use another backup; keep this one for a look at its disk"};
}

bool has_its_digest(Job& job, const Found& backup) {
    return backup.present && backup.manifest.verified_at &&
           job.files.sha256(backup.path) == backup.manifest.sha256;
}

// Which of `backups` (newest first) is the one that must stay whatever its age.
std::optional<std::string> newest_good(Job& job, const std::vector<Found>& backups) {
    for (const Found& backup : backups) {
        if (has_its_digest(job, backup)) return backup.path;
    }
    return std::nullopt;
}

void remove_with_manifest(Job& job, const Found& backup) {
    // The file first: a crash then leaves a manifest that says what is missing, not a file that
    // nobody knows.
    job.files.remove(backup.path);
    job.files.remove(backup.path + std::string(kManifestEnd));
}

void compress_one(Job& job, const Found& backup) {
    const std::string compressed = backup.path + ".gz";
    const std::string again = backup.path + ".again";
    job.files.compress(backup.path, compressed);
    job.files.decompress(compressed, again);
    const std::string digest = job.files.sha256(again);
    job.files.remove(again);
    if (digest != backup.manifest.sha256) {
        job.files.remove(compressed);
        throw differs(backup.path,
                      "its digest is " + digest + ", the manifest says " + backup.manifest.sha256);
    }
    Manifest manifest = backup.manifest;
    manifest.file += ".gz";
    manifest.compressed = true;
    manifest.bytes = job.files.stat(compressed).size.bytes;
    manifest.sha256 = job.files.sha256(compressed);
    write_manifest(job, folder_of(backup.path), manifest);
    remove_with_manifest(job, backup);
}

}  // namespace

Found latest_backup(Job& job, const std::string& folder, const std::string& source,
                    std::optional<Timestamp> before) {
    for (Found& backup : find_backups(job, folder, canonical_source(source))) {
        tell_missing(job, backup);
        if (!backup.present || !backup.manifest.verified_at) continue;
        if (before && backup.manifest.taken_at >= *before) continue;
        return std::move(backup);
    }
    throw Error(ErrorCode::File, "there is no proven backup of " + source + " in " + folder,
                "take one with the backup action of its kind, or look at the folder");
}

std::string summary(const Found& backup) {
    std::int64_t rows = 0;
    for (const auto& [table, count] : backup.manifest.rows)
        rows += count;
    return backup.manifest.file + ", taken " + to_text(backup.manifest.taken_at) + ", " +
           to_text(Size{backup.manifest.bytes}) + ", " + std::to_string(rows) + " rows in " +
           std::to_string(backup.manifest.rows.size()) + " tables";
}

Manifest manifest_with_digest(Job& job, const std::string& path) {
    Manifest manifest = read_manifest(job, path);
    const std::string digest = job.files.sha256(path);
    if (digest == manifest.sha256) return manifest;
    throw differs(path, "its digest is " + digest + ", the manifest says " + manifest.sha256);
}

void refuse_other_rows(const std::string& path, const Manifest& manifest,
                       const std::map<std::string, std::int64_t, std::less<>>& rows) {
    for (const auto& [table, wanted] : manifest.rows) {
        const auto found = rows.find(table);
        const std::int64_t now = found == rows.end() ? -1 : found->second;
        if (now == wanted) continue;
        throw differs(path, "table " + table + " has " +
                                (now < 0 ? "gone" : std::to_string(now) + " rows") +
                                ", the manifest says " + std::to_string(wanted));
    }
}

Manifest verify_backup(Job& job, const std::string& path, const std::optional<crypto::Key>& key) {
    Manifest manifest = manifest_with_digest(job, path);
    // What was proven was this very file; only SQLite's can be opened without a server.
    if (manifest.kind != "sqlite" || (manifest.sealed && !key)) return manifest;
    const PlainCopy copy(job, path, path + ".verify", key);
    const Examined examined = examine(job, copy.path());
    if (!examined.problems.empty()) throw differs(path, examined.problems.front());
    refuse_other_rows(path, manifest, examined.rows);
    return manifest;
}

Freed compress_backups(Job& job, const std::string& folder, const std::string& source,
                       Timestamp before) {
    Freed freed;
    for (const Found& backup : find_backups(job, folder, canonical_source(source))) {
        tell_missing(job, backup);
        const Manifest& manifest = backup.manifest;
        const bool dense =  // pg_dump has compressed its own
            manifest.compressed || manifest.sealed || manifest.kind == "postgres";
        if (!backup.present || dense || manifest.taken_at >= before) continue;
        job.check_stop();
        compress_one(job, backup);
        freed.files.push_back(backup.path + ".gz");
        freed.bytes += manifest.bytes - job.files.stat(backup.path + ".gz").size.bytes;
    }
    return freed;
}

Freed prune_backups(Job& job, const std::string& folder, const std::string& source,
                    Timestamp before) {
    Freed freed;
    const auto backups = find_backups(job, folder, canonical_source(source));
    std::vector<const Found*> old;
    for (const Found& backup : backups) {
        tell_missing(job, backup);
        if (backup.manifest.taken_at < before) old.push_back(&backup);
    }
    // Reading the newest one costs its length; only when something is to go.
    if (old.empty()) return freed;
    const auto kept = newest_good(job, backups);
    if (!kept) {
        throw Error(ErrorCode::Check,
                    "none of the backups of " + source + " in " + folder + " is proven and whole",
                    "nothing was removed: take a new backup first");
    }
    for (const Found* backup : old) {
        if (backup->path == *kept) continue;
        job.check_stop();
        if (backup->present) freed.bytes += backup->manifest.bytes;
        remove_with_manifest(job, *backup);
        freed.files.push_back(backup->path);
    }
    return freed;
}

}  // namespace drydock::backup
