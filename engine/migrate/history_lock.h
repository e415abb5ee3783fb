#pragma once

#include <functional>

#include "engine/migrate/tool_history.h"
#include "engine/sql/step_session.h"

// Who may change the histories of a database: one at a time. On a server Drydock holds a lock of
// its own and those of the tool; a SQLite file has no lock that lasts over several transactions,
// there each transaction is one.
namespace drydock::migrate {

// Runs `work` under these locks, for each of which it waits at most so long: Error{Busy} naming the
// holder.
void with_history_locked(sql::StepSession& session, ToolHistory& tool, Microseconds wait,
                         const std::function<void()>& work);

}  // namespace drydock::migrate
