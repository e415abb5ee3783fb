#pragma once

#include <string_view>

namespace drydock::cli {

// What `drydock --version` prints and runs record as their engine. From CMakeLists.txt.
inline constexpr std::string_view kVersion = "drydock " DRYDOCK_VERSION;

}  // namespace drydock::cli
