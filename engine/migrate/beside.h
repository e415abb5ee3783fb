#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/error.h"
#include "engine/migrate/apply.h"
#include "engine/migrate/folder.h"

// Files that lie beside the migrations and are none: what a database needs before the first of them
// (extensions, which may want another user), and what a team gives to one that was there before its
// migrations were.
namespace drydock::migrate {

inline constexpr std::string_view kPrerequisites = "prerequisites.sql";
inline constexpr std::string_view kBaselineFile = "baseline.sql";

// The file `name` of the folder, read as one that is applied anew when its text changes; nullopt:
// there is none. Throws Error{Document} for what is wrong with it.
[[nodiscard]] std::optional<Migration> read_beside(const Folder& folder, std::string_view name,
                                                   const ReadOptions& options);

// That there is no prerequisites.sql.
[[nodiscard]] Error no_prerequisites(const Folder& folder);

// By what Drydock's records know them, beside the history of the migrations.
[[nodiscard]] std::string history_beside(sql::Database& database, const Folder& folder,
                                         const ToolSettings& tool, std::string_view name);

// As work of a step: runs prerequisites, unless they were run as they are now, in a transaction or
// in parts as a migration.
[[nodiscard]] Applied apply_prerequisites(sql::StepSession& session, const Folder& folder,
                                          Migration prerequisites, const ApplyOptions& options);

}  // namespace drydock::migrate
