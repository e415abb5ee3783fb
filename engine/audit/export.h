#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "engine/journal/journal.h"

namespace drydock::audit {

// Writes the runs `numbers`, whole, in the format of export_format.h; a few events at a time are in
// memory. `sink` gets the bytes in order and may throw. Returns how many events there were.
std::int64_t export_runs(journal::JournalReader& journal, const std::vector<std::int64_t>& numbers,
                         const std::function<void(std::string_view bytes)>& sink);

// The numbers of all runs, oldest first.
[[nodiscard]] std::vector<std::int64_t> all_runs(journal::JournalReader& journal);

}  // namespace drydock::audit
