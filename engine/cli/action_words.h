#pragma once

#include <string>
#include <vector>

#include "engine/cli/assemble.h"
#include "engine/cli/output.h"
#include "engine/runbook/runbook.h"

// Actions in a person's words: what they take, return and change, and how a step uses one.
namespace drydock::cli {

// Reads the module `name`. Throws Error{NotFound} with the nearest name, Error{Document} for one
// that cannot be read.
[[nodiscard]] runbook::Module load_module(Assembly& assembly, const std::string& name);

// "receipt", "again", "probe", "asks": what happens when it is killed.
[[nodiscard]] std::string if_killed(const runbook::Action& action);
// A step that uses it, with what must be given: lines of YAML.
[[nodiscard]] std::vector<std::string> example_of(const std::string& name,
                                                  const runbook::Action& action);

void explain(Output& output, const std::string& name, const runbook::Action& action);
[[nodiscard]] Value::Map to_map(const std::string& name, const runbook::Action& action);

}  // namespace drydock::cli
