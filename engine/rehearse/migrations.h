#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/migrate/apply.h"
#include "engine/rehearse/rehearse.h"
#include "engine/rehearse/trial.h"

namespace drydock::rehearse {

// Migrations tried on a copy of a database: there and back.
struct MigrationRehearsal {
    migrate::Applied there, back;
    Moment before, after, returned;  // of all tables the rows are counted
    std::string failed;  // "there" or "back"; empty: neither did
    std::string error, hint;
    std::string no_way_back;  // why it was not tried; empty: it was
    [[nodiscard]] bool passed() const;  // nothing failed, and the schema came back as it was
};

struct RehearsalOptions {
    migrate::ToolSettings tool;
    migrate::ChooseOptions choose;
    std::string who;
};

// `copy` is a copy that may be changed. Goes to `target`, and then back to where it was. Throws
// what is wrong with the session, and Error{Interrupted}.
[[nodiscard]] MigrationRehearsal rehearse_migrations(sql::Database& copy,
                                                     const migrate::Folder& folder,
                                                     const migrate::Target& target,
                                                     const RehearsalOptions& options, Clock& clock,
                                                     CancelToken& cancel, const Trial::Told& told);

// How many rows each table has, counted one by one, by its name.
[[nodiscard]] schema::Rows counted_rows(sql::Database& database);

}  // namespace drydock::rehearse
