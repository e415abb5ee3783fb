#pragma once

#include <string>

#include "engine/backup/job.h"
#include "engine/backup/manifest.h"

namespace drydock::backup {

// Enters the backup that another program has made at `path`: measures the file and writes the
// manifest beside it. `known` says everything but the file and its measures; verified_at only when
// it has been proven. An earlier manifest of the same file is replaced.
[[nodiscard]] Found record_backup(Job& job, const std::string& path, Manifest known);

}  // namespace drydock::backup
