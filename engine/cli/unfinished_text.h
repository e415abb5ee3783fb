#pragma once

#include "engine/cli/output.h"
#include "engine/migrate/unfinished.h"

// A migration that was begun and did not end, as people and programs are told of it.
namespace drydock::cli {

void print_unfinished(Output& output, const migrate::Unfinished& unfinished);
// A map; null when everything has ended.
[[nodiscard]] Value to_value(const std::optional<migrate::Unfinished>& unfinished);

}  // namespace drydock::cli
