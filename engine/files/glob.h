#pragma once

#include <string>
#include <vector>

#include "engine/files/beneath.h"

namespace drydock::files {

// The names in an open folder, sorted, without "." and "..".
[[nodiscard]] std::vector<std::string> names_in(os::UniqueFd folder, const std::string& path);

// Absolute paths that match `pattern`, sorted: `*`, `?` and `[…]` within a name, `**` for any
// number of folders. A leading dot must be written. Links are followed as far as they stay beneath,
// except by `**`.
[[nodiscard]] std::vector<std::string> glob(Beneath& beneath, std::string_view pattern);

}  // namespace drydock::files
