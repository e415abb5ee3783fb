#include "bindings/migrate_looking.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "bindings/migrate_call.h"
#include "engine/migrate/beside.h"
#include "engine/migrate/lint.h"
#include "engine/migrate/round_trip.h"

namespace drydock::bindings {
namespace {

sql::Dialect dialect_argument(Options& options) {
    const std::string name = options.text("dialect", "postgres");
    if (name == "postgres") return sql::Dialect::Postgres;
    if (name == "sqlite") return sql::Dialect::Sqlite;
    throw Error(ErrorCode::Lua, "there is no dialect " + name, "postgres or sqlite");
}

// Names of rules; empty: all of them.
std::vector<std::string> rules_argument(lua_State* state, Options& options) {
    std::vector<std::string> names;
    if (!options.push("rules")) return names;
    const lua_Integer count = luaL_len(state, -1);
    for (lua_Integer i = 1; i <= count; ++i) {
        lua_geti(state, -1, i);
        names.push_back(text_argument(state, -1, "rules"));
        lua_pop(state, 1);
        if (migrate::find_rule(names.back()) == nullptr) {
            throw Error(ErrorCode::Lua, "there is no rule " + names.back(),
                        "docs/lint.md has them all");
        }
    }
    lua_pop(state, 1);
    return names;
}

// The place of a version in the folder.
std::size_t place_of(const migrate::Folder& folder, const std::string& version) {
    const migrate::Migration* found = folder.find(version);
    if (found == nullptr) {
        throw Error(ErrorCode::NotFound, "there is no migration " + version + " in " + folder.path,
                    "its number, as in the file's name");
    }
    return static_cast<std::size_t>(found - folder.migrations.data());
}

bool is_of(const migrate::Migration& migration, const std::string& file) {
    return migration.up.file->path == file ||
           (migration.down && migration.down->file->path == file);
}

bool names_rule(const std::vector<std::string>& rules, std::string_view rule) {
    return std::ranges::find(rules, rule) != rules.end();
}

}  // namespace

// lint{path =, dialect =, from =, to =, rules =}
int migrate_lint(lua_State* state) {
    execute::StepContext& context = reading(state, "migrate.lint");
    Options options(state, 1, "migrate.lint");
    migrate::LintOptions how;
    how.dialect = dialect_argument(options);
    const migrate::Folder folder = migrations_argument(state, context, options, how.dialect);
    const std::string from = options.text("from", "");
    const std::string to = options.text("to", "");
    const std::vector<std::string> rules = rules_argument(state, options);
    options.finish();
    if (!from.empty()) how.from = place_of(folder, from);
    const std::size_t last = to.empty() ? folder.migrations.size() : place_of(folder, to) + 1;
    how.idempotent = names_rule(rules, "not-idempotent");
    how.verb_names = names_rule(rules, "name-without-verb");
    Value::List found;
    for (const migrate::Finding& one : lint(folder, how)) {
        const auto at = std::ranges::find_if(
            folder.migrations,
            [&](const migrate::Migration& migration) { return is_of(migration, one.file); });
        const auto place = static_cast<std::size_t>(at - folder.migrations.begin());
        const bool wanted = rules.empty() || names_rule(rules, one.rule);
        if (wanted && place < last) found.emplace_back(to_value(one));
    }
    push_value(state, Value(std::move(found)));
    return 1;
}

// roundtrip{connection =, path =}: on a database that is made for it.
int migrate_round_trip(lua_State* state) {
    execute::StepContext& context = context_of(state);
    Options options(state, 1, "migrate.roundtrip");
    const MigrateCall call = migrate_call(state, context, options);
    migrate::RoundTripOptions how;
    if (std::ranges::find(call.folder.beside, migrate::kPrerequisites) !=
        call.folder.beside.end()) {
        const execute::StepContext::Files files = context.source_files(call.folder.path);
        if (const auto text = files.find(migrate::kPrerequisites); text != files.end())
            how.prerequisites = text->second;
    }
    options.finish();
    const Value* run = context.names().run().member("id");
    if (run != nullptr) how.run = to_text(*run);
    const std::string connection = call.session->connection();
    Value told;
    try {
        told = to_value(migrate::round_trip(*call.session, call.folder, how));
    } catch (const Error&) {
        context.close_connection(connection);
        throw;
    }
    // The database is to be taken away next.
    context.close_connection(connection);
    push_value(state, told);
    return 1;
}

}  // namespace drydock::bindings
