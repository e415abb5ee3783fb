#pragma once

#include <span>
#include <string_view>

// The migrations of the journal's own schema, as they stand in migrations/, in order.
namespace drydock::migrations {

struct Migration {
    int number;
    std::string_view name;
    std::string_view up;
};

[[nodiscard]] std::span<const Migration> sqlite();

}  // namespace drydock::migrations
