#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "engine/journal/journal.h"

namespace drydock::audit {

// Writes all runs, or run number `only`, with the ledger, in the format of export_format.h; a few
// events at a time are in memory. `sink` gets the bytes in order and may throw. Error{Refused} when
// somebody erased or pruned meanwhile: what was written is not to be kept then. Returns how many
// events there were.
std::int64_t export_journal(journal::JournalReader& journal, std::optional<std::int64_t> only,
                            const std::function<void(std::string_view bytes)>& sink);

}  // namespace drydock::audit
