#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "engine/error.h"
#include "engine/runbook/script_inspector.h"

namespace drydock::bindings {

// Runs a module file without any primitive, with bounded instructions and memory, and reads the
// actions that it returns (docs/format.md). All problems of its declarations in one pass.
[[nodiscard]] std::variant<runbook::Module, std::vector<runbook::ScriptProblem>> read_module(
    std::string_view name, std::string_view text);

// An error of a text that has no path yet ("line 3: …") as a problem at its line.
[[nodiscard]] runbook::ScriptProblem problem_of(const Error& error);

}  // namespace drydock::bindings
