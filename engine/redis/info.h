#pragma once

#include <string>
#include <string_view>

#include "engine/value.h"

namespace drydock::redis {

// What INFO says, as a map: `redis_version`, `used_memory` … Whole numbers and decimals are
// numbers, all else stays text; lines with parts (db0:keys=1,expires=0) are maps of their own.
[[nodiscard]] Value::Map parse_info(std::string_view text);

// True when version `found` ("7.0.15") is not older than `wanted` ("6", "6.2").
[[nodiscard]] bool is_version_at_least(std::string_view found, std::string_view wanted);

}  // namespace drydock::redis
