#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/migrate/migration.h"
#include "engine/sql/database.h"

// What Drydock itself keeps about the migrations of a database, beside the table of the tool whose
// format they have (tool_history.h): a row for everything that was done, in a table of its own,
// `migrations` beside the receipts. Without it the database is as the other tool alone would have
// made it.
namespace drydock::migrate {

struct Record {
    // Baseline, Adopt and Force: nothing was run, and it counts as applied from then on; ForceDown:
    // nothing was run, and it does not.
    enum class Action : std::uint8_t { Up, Down, Baseline, Adopt, Force, ForceDown };

    std::int64_t id = 0;
    Action action = Action::Up;
    std::string key;      // Migration::key
    std::string version;  // as in the file name
    std::string name;
    std::string digest;               // SHA-256 of the file, in hex; may be empty
    std::optional<std::string> text;  // of the file of the script that was run
    // A migration that is no single transaction is done in parts, one after the other.
    std::int64_t parts = 1;
    std::int64_t parts_done = 0;
    // One more than that: the next part runs outside of a transaction, and may have taken effect.
    std::int64_t parts_begun = 0;
    Timestamp began;
    std::optional<Timestamp> ended;  // absent: it was begun and has not ended
    std::string who;
    std::string run;
    std::string reason;  // of what a person forced

    [[nodiscard]] bool open() const { return !ended; }
    [[nodiscard]] bool takes_back() const {
        return action == Action::Down || action == Action::ForceDown;
    }
};
// "up", "down", "baseline", "adopt", "force", "force down".
[[nodiscard]] std::string_view action_name(Record::Action action);

// The records of one history of one database. Not thread-safe; lives as long as its session. Every
// function throws what the database throws.
class Records final {
  public:
    // `history` tells several folders of one database apart: the table of the tool.
    Records(sql::Database& database, std::string history);

    // From the oldest; none where there is no table.
    [[nodiscard]] std::vector<Record> read();
    // The number of the newest one of all histories; 0: there is none.
    [[nodiscard]] std::int64_t newest();
    // The functions below want an open transaction; the table is made by the first of them.
    // Returns its id.
    std::int64_t add(const Record& record);
    void advance(std::int64_t id, std::int64_t parts_done, std::int64_t parts_begun);
    void end(std::int64_t id, Timestamp at);
    // A migration that was begun and was taken back again, by a rollback that proves it.
    void remove(std::int64_t id);

  private:
    [[nodiscard]] std::string with_table(std::string_view statement) const;
    [[nodiscard]] bool is_there();
    void write(std::string_view statement, std::vector<Value> values);

    sql::Database& database_;
    std::string history_;
    std::string table_;
    bool there_ = false;  // committed
};

}  // namespace drydock::migrate
