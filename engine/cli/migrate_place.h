#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/cli/assemble.h"
#include "engine/migrate/folder.h"
#include "engine/migrate/record.h"
#include "engine/migrate/state.h"
#include "engine/migrate/tool_history.h"
#include "engine/sql/open.h"

// Where `drydock migrate` works: the folder and the database that options, params and variables
// name together.
namespace drydock::cli {

// The same words for the shipped runbook `runbook`, or for its sister with `-sqlite` behind its
// name, which is for files; options become params. Throws Error{Usage}.
[[nodiscard]] Arguments migration_run(Assembly& assembly, const Arguments& arguments,
                                      std::string_view runbook);

// The folder that is meant: as the command line has it, or absolute from the settings.
[[nodiscard]] std::string migrations_folder(Assembly& assembly, const Arguments& arguments);
// The name of the format that is meant; empty: it is told by looking.
[[nodiscard]] std::string migrations_format(Assembly& assembly, const Arguments& arguments);

// How the database is reached, one of the two, and whose history it has.
struct DatabaseAddress {
    std::optional<sql::PostgresSettings> server;
    std::string file;      // that is there
    Microseconds wait{0};  // for the server to answer, when it does not yet
    migrate::ToolSettings tool;
};
[[nodiscard]] DatabaseAddress migrations_database(Assembly& assembly, const Arguments& arguments);
// Reads that folder. Throws Error{Document} after it has printed what is wrong with it.
[[nodiscard]] migrate::Folder read_migrations(Assembly& assembly, const Arguments& arguments,
                                              sql::Dialect dialect);

// The folder, read, and the database, opened for looking.
class MigratePlace final {
  public:
    MigratePlace(Assembly& assembly, const Arguments& arguments);

    [[nodiscard]] const migrate::Folder& folder() const { return folder_; }
    [[nodiscard]] sql::Database& database() { return *database_; }
    [[nodiscard]] migrate::ToolHistory& tool() { return *tool_; }
    [[nodiscard]] migrate::Records& records() { return *records_; }
    // Throws Error{Permission} for a standby, and where somebody has made the database read only.
    void refuse_read_only() const;
    // As it was found at the beginning.
    [[nodiscard]] const migrate::State& state() const { return state_; }

  private:
    DatabaseAddress address_;
    migrate::Folder folder_;
    std::unique_ptr<sql::Database> database_;
    std::unique_ptr<migrate::ToolHistory> tool_;
    std::optional<migrate::Records> records_;
    migrate::State state_;
};

}  // namespace drydock::cli
