#pragma once

#include <string>
#include <string_view>

#include "engine/cli/assemble.h"
#include "engine/cli/run_report.h"
#include "engine/journal/load.h"

// From what a person names to a run of the journal.
namespace drydock::cli {

// `last`, or the beginning of an id. Throws Error{NotFound}; Error{Usage} naming both when two
// begin so.
[[nodiscard]] journal::RunRow find_run(Assembly& assembly, std::string_view name);

// A run with what it was started from, read from the journal.
struct KnownRun {
    journal::RunRow row;
    run::RunState state;
    runbook::Bundle bundle;
};
[[nodiscard]] KnownRun know_run(Assembly& assembly, std::string_view name);
// What can be said about it now.
[[nodiscard]] RunReport report_on(Assembly& assembly, const KnownRun& known);

}  // namespace drydock::cli
