#pragma once

#include <string>
#include <vector>

#include "engine/runbook/runbook.h"

// Files whose content is frozen with a run.
namespace drydock::runbook {

struct LiteralSource {
    std::string path;  // absolute
    Place place;
};
// The parameters of type source that are written out in the runbook.
[[nodiscard]] std::vector<LiteralSource> literal_sources(const Bundle& bundle);

// Puts the files behind `source` values into bundle.sources: of params (resolved, absolute) and of
// literal parameters of actions. A folder is all regular files beneath it. Throws Error{File}.
void freeze_sources(Bundle& bundle, const Value& params);

}  // namespace drydock::runbook
