#pragma once

#include <span>
#include <string_view>

// The actions and runbooks that the program carries, as they stand in runbooks/. Constants; their
// list is runbooks/CMakeLists.txt, their source is written by runbooks/embed.cmake.
namespace drydock::runbooks {

struct ShippedModule {
    std::string_view name;  // "sqlite"
    std::string_view text;  // Lua
};
struct ShippedRunbook {
    std::string_view name;   // "sqlite-weekly"
    std::string_view text;   // runbook.yaml
    std::string_view cases;  // cases.yaml
};

[[nodiscard]] std::span<const ShippedModule> shipped_modules();
[[nodiscard]] std::span<const ShippedRunbook> shipped_runbooks();

}  // namespace drydock::runbooks
