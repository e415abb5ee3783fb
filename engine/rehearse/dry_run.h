#pragma once

#include <string>
#include <vector>

#include "engine/migrate/apply.h"
#include "engine/rehearse/trial.h"

namespace drydock::rehearse {

// Migrations tried on the database itself, in one transaction that is rolled back.
struct DryRun {
    migrate::Applied applied;            // what was tried, with its times
    std::vector<std::string> not_tried;  // "000017_index": from the first one that cannot be
    std::string why;                     // of that one, with file and line; empty: all were
};

struct DryRunOptions {
    migrate::ToolSettings tool;
    migrate::ChooseOptions choose;
    std::string who;
};

// `session` takes everything back when it ends: it was opened with PostgresSettings::rehearsal, or
// is RolledBack. Takes the locks that a run would take, waits for none of them, and holds those of
// the tables until the session ends. Throws what a run would throw at the same place;
// Error{Busy} while somebody else migrates.
[[nodiscard]] DryRun dry_run(sql::Database& session, const migrate::Folder& folder,
                             const migrate::Target& target, const DryRunOptions& options,
                             Clock& clock, CancelToken& cancel);

}  // namespace drydock::rehearse
