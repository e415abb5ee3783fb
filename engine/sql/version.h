#pragma once

#include <string_view>

namespace drydock::sql {

// Refuses a server that is older than a runbook wants (min_version). Versions are numbers with dots
// between, "15" or "15.4"; what `wanted` does not say is not asked for. Error{Check} for one that
// is older, Error{Document} when `wanted` is no version. `product` is for the message.
void require_version(std::string_view product, std::string_view have, std::string_view wanted);

}  // namespace drydock::sql
