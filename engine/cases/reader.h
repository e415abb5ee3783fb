#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/cases/cases.h"
#include "engine/runbook/diagnostic.h"
#include "engine/runbook/read.h"
#include "engine/runbook/source.h"

namespace drydock::cases {

struct ReadInput {
    std::string path;  // as the user named it; for messages
    std::string text;
    std::string folder;  // of the file, absolute; empty: it does not stand on disk
    // Reads the runbook that `cases:` names: an absolute path, or for cases that do not stand on
    // disk what is written.
    std::function<runbook::CheckResult(const std::string& path)> read_runbook;
    runbook::ScriptInspector& inspector;
    execute::Roles roles;                      // of drydock.yaml
    std::map<std::string, bool> environments;  // of drydock.yaml: whether they are production
};

struct ReadResult {
    std::optional<Suite> suite;  // only when nothing is wrong
    runbook::Diagnostics diagnostics;
};

// Reads a file of cases and the runbook that it is about, and finds everything that is wrong in one
// pass: its form, and names that the runbook does not know.
[[nodiscard]] ReadResult read_cases(const ReadInput& input);

// True when the first key of the document says that it holds cases.
[[nodiscard]] bool is_cases(const runbook::SourceNode& root);

// The status words of a run as a case sees them: the final ones, `stopped` and `waiting`.
[[nodiscard]] const std::vector<std::string>& run_words();

// Reports what the cases name and the runbook does not know. For reader.cpp.
void check_names(const Suite& suite, const ReadInput& input, runbook::Report& report);

}  // namespace drydock::cases
