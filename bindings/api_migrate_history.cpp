// migrate.change, migrate.prerequisites: what changes the histories without running a migration,
// and what runs before them.

#include "bindings/migrate_call.h"
#include "engine/migrate/beside.h"
#include "engine/migrate/history_change.h"

namespace drydock::bindings {

// change{connection =, path =, table =, change =, version =, reason =}
int migrate_change(lua_State* state) {
    execute::StepContext& context = context_of(state);
    Options options(state, 1, "migrate.change");
    const MigrateCall call = migrate_call(state, context, options);
    const migrate::HistoryChange change{
        .kind = migrate::change_from_name(options.text("change", "")),
        .version = options.text("version", ""),
        .reason = options.text("reason", "")};
    options.finish();
    const auto baseline =
        read_beside_migrations(context, call, migrate::kBaselineFile);
    const Value done = migrate::change_history(
        *call.session, call.folder, change,
        {.tool = call.tool,
         .baseline_file = baseline ? &*baseline : nullptr,
         .who = name_of_run(context, "starter"),
         .run = name_of_run(context, "id")});
    push_value(state, done);
    return 1;
}

// prerequisites{connection =, path =, table =}: whether they were run now
int migrate_prerequisites(lua_State* state) {
    execute::StepContext& context = context_of(state);
    Options options(state, 1, "migrate.prerequisites");
    const MigrateCall call = migrate_call(state, context, options);
    options.finish();
    auto file = read_beside_migrations(context, call, migrate::kPrerequisites);
    if (!file) throw migrate::no_prerequisites(call.folder);
    migrate::ApplyOptions how;
    how.tool = call.tool;
    how.who = name_of_run(context, "starter");
    how.run = name_of_run(context, "id");
    (void)migrate::apply_prerequisites(*call.session, call.folder, std::move(*file), how);
    // Also by an attempt of this run that was cut.
    sql::Database& database = call.session->database();
    migrate::Records records(database, migrate::history_beside(database, call.folder, call.tool,
                                                               migrate::kPrerequisites));
    const std::vector<migrate::Record> all = records.read();
    lua_pushboolean(state, !all.empty() && all.back().run == how.run ? 1 : 0);
    return 1;
}

}  // namespace drydock::bindings
