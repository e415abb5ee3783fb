#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/migrate/deed.h"

// Which locks of PostgreSQL's tables a statement takes, by its words alone. Pure. The levels are
// those of PostgreSQL's documentation, sections "Explicit Locking" and ALTER TABLE; a test runs the
// statements on a server and compares.
namespace drydock::migrate {

// From the weakest to the strongest.
enum class LockMode : std::uint8_t {
    AccessShare,
    RowShare,
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive,
};
[[nodiscard]] std::string_view name_of(LockMode mode);  // "ACCESS EXCLUSIVE"
// As pg_locks has it, "AccessExclusiveLock"; throws Error{Sql} for another word.
[[nodiscard]] LockMode lock_mode_from(std::string_view server_name);
// Whether one session waits while another holds the other one.
[[nodiscard]] bool conflict(LockMode one, LockMode other);
// "stops reads and writes": what others feel of it; empty for what lets all of them go on.
[[nodiscard]] std::string_view felt(LockMode mode);

struct TableLock {
    LockMode mode = LockMode::AccessShare;
    std::string table;  // or view, as Deed names it
    std::string index;  // with an empty `table`: of the table of this index
    bool operator==(const TableLock&) const = default;
};

// One for each table, the strongest that the statement itself takes on it. Not told are those on
// what the statement makes, on tables that it only reads, on rows that foreign keys look up, on
// partitions, and those that only the catalog shows: see Surroundings (plan.h) and the test.
[[nodiscard]] std::vector<TableLock> locks_of(const Deed& deed, Tokens tokens);

}  // namespace drydock::migrate
