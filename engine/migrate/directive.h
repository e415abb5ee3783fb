#pragma once

#include <vector>

#include "engine/migrate/script.h"

// What comments tell Drydock, in any format:
//
//   -- drydock: allow RULE reason
//   -- drydock: irreversible REASON
//   -- Description: words                (above the statements)
namespace drydock::migrate {

// Puts the waivers in `parts` into `script`, whose statements are there. Tells every directive that
// cannot be meant.
void read_directives(Reading& reading, Script& script, const std::vector<Part>& parts);

}  // namespace drydock::migrate
