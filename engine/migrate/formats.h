#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/migrate/reading.h"

// The readers, one a format: each takes the files that are its own out of `reading`, tells what is
// wrong with them, and leaves all others. Order, numbers and gaps are for folder.cpp. Of this room
// alone.
namespace drydock::migrate {

// A name that begins with a number: "000012_add_tags.sql".
struct NumberedName {
    std::string_view digits;  // "000012"
    std::string_view rest;    // "_add_tags.sql"
};
[[nodiscard]] std::optional<NumberedName> numbered_name(std::string_view name);

// A version of these digits. A number beyond a PostgreSQL bigint is told as a problem of `file`,
// and nullopt.
[[nodiscard]] std::optional<Version> version_of(Reading& reading, std::string_view file,
                                                std::string_view digits);

// "000001_x.up.sql": what stands before and behind the direction.
struct PairName {
    std::string_view digits;
    std::string_view name;
    std::string_view extension;  // "sql"; ".sql" of 1_x.up..sql
    bool up = false;
};
[[nodiscard]] std::optional<PairName> pair_name(std::string_view file);
void read_golang_migrate(Reading& reading);

}  // namespace drydock::migrate
