#pragma once

#include "engine/cli/output.h"
#include "engine/migrate/apply.h"

// What trials of migrations have in common when they are told.
namespace drydock::cli {

// A line for each that was run: its way, name and time.
void print_applied(Output& output, const migrate::Applied& applied);
[[nodiscard]] Value::List to_list(const migrate::Applied& applied);

}  // namespace drydock::cli
