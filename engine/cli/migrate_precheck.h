#pragma once

#include <string>

#include "engine/cli/assemble.h"

namespace drydock::cli {

// What a run to the version `to` would be refused for is said before one is begun: throws as it
// would. False: there is nothing to do, and that was printed.
[[nodiscard]] bool has_work(Assembly& assembly, const Arguments& arguments, const std::string& to);

}  // namespace drydock::cli
