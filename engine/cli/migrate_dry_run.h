#pragma once

#include <string>

#include "engine/cli/assemble.h"

namespace drydock::cli {

// migrate up, down, to with --dry-run: `to` as migrate::target_from() reads it. Returns the exit
// status.
int migrate_dry_run(Assembly& assembly, const Arguments& arguments, const std::string& to);

}  // namespace drydock::cli
