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

inline constexpr std::string_view kSql = ".sql";

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

void read_sql_migrate(Reading& reading);
void read_goose(Reading& reading);
void read_dbmate(Reading& reading);

// Whether Flyway takes it for one of its own: "V1.2__x.sql", "U1__x.sql", "R__x.sql".
[[nodiscard]] bool is_flyway_name(std::string_view file);
void read_flyway(Reading& reading);

// Whether it is a folder with the scripts of one migration.
[[nodiscard]] bool is_diesel_folder(const Reading& reading, const Entry& entry);
void read_diesel(Reading& reading);

}  // namespace drydock::migrate
