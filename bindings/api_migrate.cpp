// migrate.*: the migrations of a folder on a database (engine/migrate).

#include <algorithm>

#include "bindings/api.h"
#include "bindings/migrate_call.h"
#include "bindings/migrate_looking.h"
#include "engine/migrate/apply.h"
#include "engine/migrate/plan.h"
#include "engine/migrate/settled.h"
#include "engine/migrate/validate.h"

namespace drydock::bindings {
namespace {

// What the run has done since the record `since`, also by attempts that were cut.
Value::List done_since(const MigrateCall& call, std::int64_t since, const std::string& run) {
    sql::Database& database = call.session->database();
    migrate::Records records(database,
                             migrate::tool_history(database, call.folder, call.tool)->table());
    Value::List done;
    for (const migrate::Record& record : records.read()) {
        const bool up = record.action == migrate::Record::Action::Up;
        const bool ours = up || record.action == migrate::Record::Action::Down;
        if (record.id > since && record.run == run && ours && !record.open())
            done.emplace_back((up ? "" : "down ") + migrate::called(record.version, record.name));
    }
    return done;
}

// to{connection =, path =, version =, table =, out_of_order =, plan =, since =}
int to(lua_State* state) {
    execute::StepContext& context = context_of(state);
    Options options(state, 1, "migrate.to");
    const MigrateCall call = migrate_call(state, context, options);
    const migrate::Target target = migrate::target_from(options.text("version", ""));
    migrate::ApplyOptions how;
    how.tool = call.tool;
    how.choose.out_of_order = options.boolean("out_of_order", false);
    how.who = name_of_run(context, "starter");
    how.run = name_of_run(context, "id");
    const std::int64_t since = options.integer("since", 0);
    const std::string plan = options.text("plan", "");
    options.finish();
    if (!plan.empty())
        require_plan(how, call.folder, {.digest = plan, .run = how.run, .since = since});
    const migrate::Applied applied = migrate::apply(*call.session, call.folder, target, how);
    push_value(state, Value::Map{{"from", applied.from},
                                 {"version", applied.to},
                                 {"applied", done_since(call, since, how.run)}});
    return 1;
}

// target{connection =, path =, version =, table =, out_of_order =}
int target(lua_State* state) {
    execute::StepContext& context = reading(state, "migrate.target");
    Options options(state, 1, "migrate.target");
    const MigrateCall call = migrate_call(state, context, options);
    const std::string version = options.text("version", "");
    migrate::ChooseOptions how;
    how.out_of_order = options.boolean("out_of_order", false);
    options.finish();
    sql::Database& database = call.session->database();
    const auto tool = migrate::tool_history(database, call.folder, call.tool);
    migrate::Records records(database, tool->table());
    const migrate::State found = migrate::look(records, *tool, call.folder);
    const migrate::Standing* newest = found.newest();
    push_value(
        state,
        Value::Map{{"target", settled(found, call.folder, version, how,
                                      migrate::look_at_unfinished(database, found, call.folder))},
                   {"version", newest == nullptr ? std::string() : newest->version},
                   {"newest", records.newest()}});
    return 1;
}

// What a later run applied and itself took back, as its undo does, is in nobody's way.
bool took_back_itself(const migrate::State& found, std::int64_t since, const migrate::Record& one) {
    const migrate::Record *first = nullptr, *last = nullptr;
    for (const migrate::Record& record : found.records) {
        if (record.id <= since || record.run != one.run || record.key != one.key) continue;
        if (!record.ended) return false;
        if (first == nullptr) first = &record;
        last = &record;
    }
    return first != nullptr && first->action == migrate::Record::Action::Up &&
           last->action == migrate::Record::Action::Down;
}

// Of a run that is undone: what it has applied since the record `since` must be the newest.
void refuse_unless_newest(const migrate::State& found, std::int64_t since, const std::string& run) {
    for (const migrate::Record& record : found.records) {
        if (record.id <= since || record.run == run) continue;
        if (took_back_itself(found, since, record)) continue;
        throw Error(ErrorCode::Refused,
                    migrate::called(record.version, record.name) + " came after this run, by run " +
                        record.run.substr(0, 8),
                    "drydock cancel " + run.substr(0, 8) +
                        " gives this undo up; take that back first: drydock undo " +
                        record.run.substr(0, 8));
    }
}

// back{connection =, path =, version =, table =, since =}: what the run has done is taken back.
int back(lua_State* state) {
    execute::StepContext& context = context_of(state);
    Options options(state, 1, "migrate.back");
    const MigrateCall call = migrate_call(state, context, options);
    const std::string version = options.text("version", "");
    const std::int64_t since = options.integer("since", 0);
    options.finish();
    migrate::ApplyOptions how;
    how.tool = call.tool;
    how.who = name_of_run(context, "starter");
    how.run = name_of_run(context, "id");
    sql::Database& database = call.session->database();
    const auto tool = migrate::tool_history(database, call.folder, call.tool);
    migrate::Records records(database, tool->table());
    const migrate::State before = migrate::look(records, *tool, call.folder);
    refuse_unless_newest(before, since, how.run);
    const bool did = std::ranges::any_of(before.records, [&](const migrate::Record& record) {
        return record.id > since && record.run == how.run;
    });
    if (!did) return 0;
    (void)migrate::apply(*call.session, call.folder, migrate::target_from(version), how);
    const migrate::State after = migrate::look(records, *tool, call.folder);
    for (const migrate::Record& record : before.records) {
        const bool ours = record.id > since && record.run == how.run &&
                          record.action == migrate::Record::Action::Up;
        if (!ours || !after.is_applied(record.key)) continue;
        throw Error(ErrorCode::Refused,
                    migrate::called(record.version, record.name) +
                        " stays: it was applied out of order, or is applied anew at each change",
                    "take it back by a migration of its own");
    }
    return 0;
}

// status{connection =, path =, table =}
int status(lua_State* state) {
    execute::StepContext& context = reading(state, "migrate.status");
    Options options(state, 1, "migrate.status");
    const MigrateCall call = migrate_call(state, context, options);
    options.finish();
    sql::Database& database = call.session->database();
    const auto tool = migrate::tool_history(database, call.folder, call.tool);
    migrate::Records records(database, tool->table());
    const migrate::State found = migrate::look(records, *tool, call.folder);
    Value::List standings, pending;
    const std::vector<std::string> wrong = contradictions(found);
    for (const migrate::Standing& one : found.standings) {
        const std::string name = migrate::called(one.version, one.name);
        standings.emplace_back(
            Value::Map{{"version", one.version}, {"name", one.name}, {"is", word_for(one)}});
        if (one.is == migrate::Standing::Is::Pending) pending.emplace_back(name);
    }
    const migrate::Standing* newest = found.newest();
    Value::Map told{{"history", found.history},
                    {"version", newest == nullptr ? std::string() : newest->version},
                    {"pending", std::move(pending)},
                    {"wrong", Value::List(wrong.begin(), wrong.end())},
                    {"newest", records.newest()},
                    {"standings", std::move(standings)}};
    if (found.unfinished) told.emplace("unfinished", found.unfinished->version);
    if (found.dirty_key && !found.unfinished) told.emplace("dirty", *found.dirty_key);
    push_value(state, told);
    return 1;
}

constexpr luaL_Reg kFunctions[] = {
    {"back", guarded<back>},
    {"change", guarded<migrate_change>},
    {"lint", guarded<migrate_lint>},
    {"prerequisites", guarded<migrate_prerequisites>},
    {"roundtrip", guarded<migrate_round_trip>},
    {"status", guarded<status>},
    {"target", guarded<target>},
    {"to", guarded<to>},
    {nullptr, nullptr},
};

}  // namespace

int open_migrate(lua_State* state) {
    push_library(state, kFunctions);
    return 1;
}

}  // namespace drydock::bindings
