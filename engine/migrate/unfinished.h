#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/migrate/record.h"
#include "engine/migrate/state.h"
#include "engine/migrate/tool_history.h"

// A migration that was begun and did not end: which statement it was, what of it is in the
// database, and what to do about it.
namespace drydock::migrate {

struct UnfinishedPart {
    enum class Is : std::uint8_t { Done, NotDone, Half, Unknown };
    Is is = Is::Unknown;
    std::string place;      // "000012_x.up.sql:14:1"
    std::string statement;  // its beginning; of several, of the first one
    std::string evidence;   // how that is known
};

struct Unfinished {
    std::string key, version, name;
    Passage::Way way = Passage::Way::Up;
    bool counted = false;  // Drydock began it and counts its parts; else a tool has left its mark
    // In the folder; null when there is none, or when it is another one than was begun.
    const Migration* migration = nullptr;
    std::string without;  // why, when it is null
    std::int64_t record = 0, done = 0, total = 0;  // of what is counted
    std::string run;                               // likewise: which has begun it
    std::vector<UnfinishedPart> parts;  // as counted; of a tool's mark one for each statement
    bool untouched = false;             // nothing of it took effect, and that is proven
    std::string alone;  // the statement outside of a transaction that was begun; mostly empty

    // The first part that is not done; null: all are, or none is known.
    [[nodiscard]] const UnfinishedPart* next() const;
};
// "done", "not done", "half done", "unknown".
[[nodiscard]] std::string_view word_for(UnfinishedPart::Is is);

// nullopt: everything has ended. Reads only; `folder` outlives what comes back.
[[nodiscard]] std::optional<Unfinished> look_at_unfinished(sql::Database& database,
                                                           const State& state,
                                                           const Folder& folder);

// "000012_x was begun up and did not end: 1 of 3 parts is done; next is …".
[[nodiscard]] std::string summary(const Unfinished& unfinished);
// The next command.
[[nodiscard]] std::string advice(const Unfinished& unfinished);

// What is applied when it counts as never begun; null: nothing.
[[nodiscard]] const Migration* newest_without(const State& state, const Unfinished& unfinished,
                                              Format format);
// Ends a session that still runs its statement, and takes away what that left half done. Outside of
// a transaction, under the locks of the histories.
void settle(sql::Database& database, const Unfinished& unfinished);
// In an open transaction: it counts as never begun.
void forget(Records& records, ToolHistory& tool, const State& state, const Unfinished& unfinished,
            Format format);

}  // namespace drydock::migrate
