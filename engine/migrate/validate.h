#pragma once

#include <string>
#include <vector>

#include "engine/migrate/state.h"

namespace drydock::migrate {

// What stands against each other in the histories and the files, a sentence each: files that were
// edited (with the first line that differs), versions without a file, migrations that were left
// out, what was begun and did not end. Pending ones are none.
[[nodiscard]] std::vector<std::string> contradictions(const State& state);

}  // namespace drydock::migrate
