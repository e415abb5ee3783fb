#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/sqlite/connection.h"

// The schema of a SQLite journal: which one a file has, and bringing it up to date.
namespace drydock::journal {

// Stands in every journal file (PRAGMA application_id), so that another database is recognised
// before anything is written into it: "DryD".
inline constexpr std::int64_t kApplicationId = 0x44727944;

// nullopt: an empty file. Throws not_a_journal for any other database.
[[nodiscard]] std::optional<std::int64_t> schema_of(sqlite::Connection& connection,
                                                    const std::string& place);
[[nodiscard]] std::int64_t newest_schema();
struct UpgradeOptions {
    std::string uuid;      // 16 bytes, the name of a journal that is made
    std::int64_t now = 0;  // wall, microseconds
};
// Applies what is missing, each migration in a transaction of its own with its number. The caller
// holds schema.lock and write.lock exclusively.
void upgrade(sqlite::Connection& connection, std::int64_t from, const UpgradeOptions& options);

}  // namespace drydock::journal
