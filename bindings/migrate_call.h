#pragma once

#include "bindings/api.h"
#include "engine/migrate/folder.h"
#include "engine/migrate/tool_history.h"
#include "engine/sql/step_session.h"

namespace drydock::bindings {

// What every function of the migrate library is given: connection =, path =, table =,
// home_grown =.
struct MigrateCall {
    sql::StepSession* session = nullptr;  // of the step
    migrate::Folder folder;
    migrate::ToolSettings tool;
};

// Reads those fields of `options`, and the folder as it was frozen with the run. Throws Error{Lua}
// for fields that are missing, Error{Document} for a folder that cannot be read.
[[nodiscard]] MigrateCall migrate_call(lua_State* state, execute::StepContext& context,
                                       Options& options);
// The folder that the field `path` names.
[[nodiscard]] migrate::Folder migrations_argument(lua_State* state, execute::StepContext& context,
                                                  Options& options, sql::Dialect dialect);

// A file beside the migrations, as it was frozen with the run; nullopt: there is none.
[[nodiscard]] std::optional<migrate::Migration> read_beside_migrations(
    execute::StepContext& context, const MigrateCall& call, std::string_view name);
// What ${run} has: "id", "starter".
[[nodiscard]] std::string name_of_run(const execute::StepContext& context, std::string_view field);

// Functions of the library that have a source of their own (api_migrate_history.cpp).
int migrate_change(lua_State* state);
int migrate_prerequisites(lua_State* state);

}  // namespace drydock::bindings
