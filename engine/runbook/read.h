#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/runbook/diagnostic.h"
#include "engine/runbook/module_library.h"
#include "engine/runbook/rules.h"
#include "engine/runbook/runbook.h"
#include "engine/runbook/script_inspector.h"

// The front door of this room: a runbook's text, and the modules that it uses, into a Bundle that
// may be run, or into everything that is wrong with them.
namespace drydock::runbook {

struct CheckInput {
    std::string path;                  // as the user named it; for messages
    std::optional<std::string>
        text;  // of a runbook that does not stand in a file (shipped, frozen)
    const ModuleLibrary& modules;
    ScriptInspector& inspector;
    SqlProblem sql_problem = {};                             // may be empty
    std::optional<std::vector<std::string>> roles = {};      // of drydock.yaml, when there is one
    // Of a frozen run: its path is taken as it is, and nothing is looked for on disk.
    bool frozen = false;
};

struct CheckResult {
    std::optional<Bundle> bundle;  // only when nothing is wrong; its sources are still empty
    Diagnostics diagnostics;       // by file and place
};

[[nodiscard]] CheckResult read_runbook(const CheckInput& input);

// Visits every call of an action in the runbook: bodies, checklists, probes, undo.
void for_each_call(const Runbook& runbook, const std::function<void(const ActionCall&)>& visit);

}  // namespace drydock::runbook
