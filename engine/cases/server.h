#pragma once

#include <string_view>

#include "engine/cases/cases.h"
#include "engine/cases/world.h"
#include "engine/fetch/exchange.h"

namespace drydock::cases {

// In the pattern of an address `*` stands for any text without a `/`, `**` for any text at all.
[[nodiscard]] bool fits_address(std::string_view pattern, std::string_view url);

// The servers of a case: each request is noted in the world, with method and address, and answered
// as listed. One that is not listed never leaves, as if nobody listened there. `one` and `world`
// must outlive it.
[[nodiscard]] fetch::Ask servers(const Case& one, const World& world);

}  // namespace drydock::cases
