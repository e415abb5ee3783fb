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
struct ShippedFile {
    std::string_view path;  // in the runbook's folder: "migrations/1_a.up.sql"
    std::string_view text;
};
struct ShippedRunbook {
    std::string_view name;   // "sqlite-weekly"
    std::string_view text;   // runbook.yaml
    std::string_view cases;  // cases.yaml
    // What it names beside itself: actions of its own, templates, SQL. Mostly nothing.
    std::span<const ShippedFile> files;
};

[[nodiscard]] std::span<const ShippedModule> shipped_modules();
[[nodiscard]] std::span<const ShippedRunbook> shipped_runbooks();

}  // namespace drydock::runbooks
