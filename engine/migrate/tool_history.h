#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/migrate/migration.h"
#include "engine/sql/advisory_lock.h"
#include "engine/sql/database.h"

// The history that the tool of a format keeps, in its own table: read, and kept as that tool would
// write it, so that a team's application may go on running the tool at start-up. Tests hold them
// against the tool's own statements.
namespace drydock::migrate {

// A table that a team's own program keeps, and how it is to be read.
struct HomeGrown {
    enum class Key : std::uint8_t { Number, Version, FileName };      // 3, "003", "003_x.sql"
    enum class Checksum : std::uint8_t { Sha256, Sha1, Md5, Crc32 };  // of the file's bytes

    std::string key_column;
    Key key = Key::Number;
    std::string checksum_column;  // empty: it has none
    Checksum checksum = Checksum::Sha256;
    std::string applied_at_column;  // empty: it has none, or fills it by itself
};

struct ToolSettings {
    std::string table;     // empty: the tool's own default
    std::string database;  // as the tool's URL names it, when that is not the session's
    // Whatever the format of the folder is, its history is this one; `table` names it.
    std::optional<HomeGrown> home_grown;
    // No tool knows of them; Drydock's records name them by `table`, and no such table is made.
    bool records_only = false;
};

// What the table says.
struct ToolState {
    bool there = false;  // the table
    // Migration::key of what is applied, in the order in which the table holds it.
    std::vector<std::string> applied;
    // golang-migrate: only the last one is known, everything up to it counts as applied.
    bool cumulative = false;
    // A migration that the tool began and did not end: its key. golang-migrate, Flyway (failed).
    std::optional<std::string> dirty;
    // By key: whether the folder's file is the one that was applied, by a checksum in the table.
    // Those of which it does not tell are missing.
    std::map<std::string, bool> same_file;
    std::map<std::string, std::string> times;  // by key, as text
    // Flyway: it and all before it count as applied, by a row of its own. The version in that row.
    std::optional<std::string> baseline;
    bool has_baseline_row = false;  // the tool knows such rows
};

// One migration, one way.
struct Passage {
    enum class Way : std::uint8_t { Up, Down };
    Way way = Way::Up;
    const Migration* migration = nullptr;
    const Migration* below = nullptr;  // what is the newest once this one is taken back; or null
    bool baseline = false;  // nothing is run: it and all before it count as applied
    Microseconds took{0};
    std::string who;
};

class ToolHistory {
  public:
    virtual ~ToolHistory() = default;

    // As messages and the records name it: "public.schema_migrations".
    [[nodiscard]] virtual std::string table() const = 0;
    // Throws Error{Refused} when the table of that name is another tool's (by its columns).
    [[nodiscard]] virtual ToolState read() = 0;
    // The tool's locks, in the order in which they are taken; none on SQLite, where a transaction
    // is one.
    [[nodiscard]] virtual std::vector<sql::AdvisoryKey> locks() = 0;

    // In an open transaction. The table is made when it is missing.
    // Before a migration that is no single transaction.
    virtual void begin(const Passage& passage) = 0;
    // With its last, or only, transaction.
    virtual void end(const Passage& passage) = 0;
    // The mark of a migration that was begun goes. `newest` is what is applied then; null: nothing.
    virtual void unmark(const Migration* newest) = 0;
    // An applied migration counts with its file as that is now: where the tool keeps a checksum, it
    // becomes that of the file, as by the tool's own repair.
    virtual void accept(const Migration& migration) = 0;
};

// For the migrations of `folder` on `database`, both of which outlive it.
[[nodiscard]] std::unique_ptr<ToolHistory> tool_history(sql::Database& database,
                                                        const Folder& folder,
                                                        const ToolSettings& settings);

}  // namespace drydock::migrate
