#pragma once

#include <string>

#include "engine/cli/assemble.h"
#include "engine/cli/find_run.h"
#include "engine/execute/requests.h"

namespace drydock::cli {

// Puts `ask` to whoever owns the run, and waits for the answer; with no owner, this process takes
// the run up for as long as it needs. Says what came of it, in `done` when it was granted. Throws
// Error{Refused} when it was not, and first of all when the run's state forbids it. Returns the
// exit status; `intent` is for the second case.
int ask_run(Assembly& assembly, const KnownRun& known, plan::ResumeFacts::Intent intent,
            const execute::Ask& ask, const std::string& done);

}  // namespace drydock::cli
