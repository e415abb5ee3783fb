#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/migrate/migration.h"

// The next migration of a folder: its files, with nothing in them yet but what the format wants.
namespace drydock::migrate {

struct NewFile {
    std::string path;  // from the folder
    std::string text;
};

// In the folder's format, with the number after its last one, as wide; or, where the numbers are
// dates and for tools that number by them, with `now` in UTC. Both directions, where the tool knows
// them (Flyway: where the folder has a way back already). `name` in lower case with underscores.
// Throws Error{Usage} for another one, Error{Refused} where there is no number after the last, or
// the name or the number is taken.
[[nodiscard]] std::vector<NewFile> next_migration(const Folder& folder, std::string_view name,
                                                  Timestamp now);

}  // namespace drydock::migrate
