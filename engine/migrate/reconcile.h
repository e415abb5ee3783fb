#pragma once

#include <string>

#include "engine/migrate/record.h"
#include "engine/migrate/state.h"

// Where Drydock's records and the tool's table say different things: the tool may have worked since
// Drydock was here last, or somebody has changed one of them by hand.
namespace drydock::migrate {

// In an open transaction: a record for each migration that the tool has applied or taken back
// since. From then on a file without one, beneath some that are applied, is known for not applied.
void record_others_work(Records& records, const State& state, Timestamp now,
                        const std::string& run);

// All throw Error{Refused}.
// The tool's table is gone, and by the records something is applied: the tool would begin anew.
void refuse_lost_history(const State& state);
// `record` is open, and the tool says that its migration is applied.
void refuse_when_the_tool_ended_it(const State& state, const Record& record);

}  // namespace drydock::migrate
