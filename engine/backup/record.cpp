#include "engine/backup/record.h"

#include <utility>

namespace drydock::backup {

Found record_backup(Job& job, const std::string& path, Manifest known) {
    const std::size_t slash = path.rfind('/');
    known.file = path.substr(slash + 1);
    known.run = job.run;
    known.bytes = job.files.stat(path).size.bytes;
    known.sha256 = job.files.sha256(path);
    known.database_bytes = known.bytes;
    known.database_sha256 = known.sha256;
    write_manifest(job, path.substr(0, slash), known);
    return {.manifest = std::move(known), .path = path, .present = true};
}

}  // namespace drydock::backup
