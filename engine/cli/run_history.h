#pragma once

#include "engine/cli/find_run.h"
#include "engine/report/history.h"

namespace drydock::cli {

// What the journal tells of a run, from its first event to its newest, for a report.
[[nodiscard]] report::History history_of(Assembly& assembly, const KnownRun& known);

// Writes the report of a run to `file`: *.md, *.html, or "-" for Markdown on standard output.
// Throws Error{Usage} for another name, Error{File} when it cannot be written.
void write_report(Assembly& assembly, const KnownRun& known, const std::string& file);

}  // namespace drydock::cli
