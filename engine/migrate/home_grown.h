#pragma once

#include "engine/migrate/tool_history.h"
#include "engine/value.h"

namespace drydock::migrate {

// From a map as the settings and the actions have it: key_column (wanted), key (number, version,
// file name), checksum_column, checksum (sha256, sha1, md5, crc32), applied_at_column. Throws
// Error{Document} for what is missing, unknown or cannot be meant.
[[nodiscard]] HomeGrown home_grown_from(const Value& map);

}  // namespace drydock::migrate
