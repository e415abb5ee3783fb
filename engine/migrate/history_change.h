#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/migrate/state.h"
#include "engine/migrate/tool_history.h"
#include "engine/migrate/unfinished.h"
#include "engine/sql/step_session.h"

// What changes the histories of a database without running a migration: both of them, the tool's
// own table and Drydock's records, in one transaction. A plan says first, row by row, what would be
// written and why.
namespace drydock::migrate {

struct HistoryChange {
    enum class Kind : std::uint8_t {
        Force,     // the database is at `version` from now on, whatever the histories say
        Baseline,  // one without a history: everything up to `version` counts as applied
        Adopt,     // what a tool has applied gets Drydock's records
        Repair,    // edited files are accepted, marks without an effect go
    };
    Kind kind = Kind::Force;
    // Of Force and Baseline. "base" for Force: nothing is applied. Empty for Baseline: what the
    // folder's baseline.sql makes the tool's own table say.
    std::string version;
    std::string reason;   // Force and Repair want one
};
// "force", "baseline", "adopt", "repair".
[[nodiscard]] std::string_view change_name(HistoryChange::Kind kind);
// Throws Error{Usage} for another name.
[[nodiscard]] HistoryChange::Kind change_from_name(std::string_view name);

struct HistoryItem {
    enum class Does : std::uint8_t {
        Apply,    // it counts as applied, in both histories
        Take,     // it does not
        Record,   // the tool has it, and Drydock's records get it
        Accept,   // its file counts as it is now
        Unmark,   // it counts as never begun
        Nothing,  // it is only told
    };
    Does does = Does::Nothing;
    const Migration* migration = nullptr;  // or what stands in for it
    const Migration* below = nullptr;      // of Take: what is the newest then
    bool has_file = true;
    std::string why;
};
// "counts as applied", …
[[nodiscard]] std::string_view word_for(HistoryItem::Does does);

struct HistoryPlan {
    HistoryChange change;
    std::vector<HistoryItem> items;
    std::optional<Unfinished> unfinished;  // whose mark goes
    std::deque<Migration> stand_ins;       // items point into it

    [[nodiscard]] bool writes() const;
};

// Pure. `unfinished` is what look_at_unfinished() says. Throws Error{Usage} for a change without
// its reason, Error{NotFound} for a version that is nowhere, Error{Refused} when something speaks
// against it. `state` and `folder` outlive the plan.
[[nodiscard]] HistoryPlan plan_change(const State& state, const Folder& folder,
                                      const HistoryChange& change,
                                      const std::optional<Unfinished>& unfinished);

// Throws Error{NotFound} when the tool has no table, with those of others that are there, and what
// to do about them.
void refuse_without_table(sql::Database& database, const State& state);

struct HistoryChangeOptions {
    ToolSettings tool;
    const Migration* baseline_file = nullptr;  // read_beside(); it outlives the call
    Microseconds lock_wait{60'000'000};
    std::string who;
    std::string run;
};
// As work of a step: under the locks of the histories, one transaction with a receipt; nothing when
// there is nothing to change. Returns what was done as a list of maps (version, name, does, why),
// also to an attempt that comes after the commit. What then does not stand in the histories as
// planned ends it with Error{Refused}, and nothing is written.
[[nodiscard]] Value change_history(sql::StepSession& session, const Folder& folder,
                                   const HistoryChange& change,
                                   const HistoryChangeOptions& options);

// An item as it is told.
[[nodiscard]] Value::Map to_map(const HistoryItem& item);

}  // namespace drydock::migrate
