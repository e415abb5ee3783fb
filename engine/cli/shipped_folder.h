#pragma once

#include <string>

#include "runbooks/shipped.h"

namespace drydock::cli {

// Where a shipped runbook that names files beside itself stands as a folder with all of them, so
// that it is read as any other: in the user's cache, written there when it is not, or another text.
// Returns the path of its runbook.yaml; cases.yaml is beside. What a run needs of it is frozen with
// the run. Throws Error{File}, Error{Usage} when there is no cache.
[[nodiscard]] std::string shipped_folder(const runbooks::ShippedRunbook& shipped);

}  // namespace drydock::cli
