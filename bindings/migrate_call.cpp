#include "bindings/migrate_call.h"

#include "bindings/connection_object.h"
#include "bindings/lua_value.h"
#include "engine/migrate/beside.h"
#include "engine/migrate/home_grown.h"
#include "engine/runbook/diagnostic.h"

namespace drydock::bindings {
namespace {

std::string path_of_source(lua_State* state, Options& options) {
    if (!options.push("path")) throw Error(ErrorCode::Lua, "migrate needs the folder: path = …");
    std::string path;
    if (lua_istable(state, -1)) {
        lua_getfield(state, -1, "path");
        path = text_argument(state, -1, "path");
        lua_pop(state, 1);
    } else {
        path = text_argument(state, -1, "path");
    }
    lua_pop(state, 1);
    return path;
}

// format =, variables =
void take_reading(lua_State* state, Options& options, migrate::ReadOptions& how) {
    if (const std::string format = options.text("format", ""); !format.empty())
        how.format = migrate::format_named(format);
    if (!options.push("variables")) return;
    const Value given = to_value(state, -1, "variables");
    lua_pop(state, 1);
    const auto* variables = given.find<Value::Map>();
    if (variables == nullptr)
        throw Error(ErrorCode::Lua, "variables is no map", "variables = {NAME = \"value\"}");
    for (const auto& [name, value] : *variables) how.variables.emplace(name, to_text(value));
}

migrate::Folder read_frozen(execute::StepContext& context, const std::string& path,
                            migrate::ReadOptions how) {
    const execute::StepContext::Files files = context.source_files(path);
    how.frozen = &files;
    migrate::ReadResult read = migrate::read_folder(path, how);
    if (read.folder) return std::move(*read.folder);
    const runbook::Diagnostic& first = read.problems.front();
    std::string message = first.path + ": " + first.message;
    if (first.place.line > 0) {
        message = first.path + ":" + std::to_string(first.place.line) + ":" +
                  std::to_string(first.place.column) + ": " + first.message;
    }
    if (read.problems.size() > 1)
        message += " (and " + std::to_string(read.problems.size() - 1) + " more problems)";
    throw Error(ErrorCode::Document, std::move(message), first.hint);
}

}  // namespace

std::optional<migrate::Migration> read_beside_migrations(execute::StepContext& context,
                                                         const MigrateCall& call,
                                                         std::string_view name) {
    const execute::StepContext::Files files = context.source_files(call.folder.path);
    migrate::ReadOptions options;
    options.dialect = call.session->database().dialect();
    options.frozen = &files;
    return migrate::read_beside(call.folder, name, options);
}

std::string name_of_run(const execute::StepContext& context, std::string_view field) {
    const Value* found = context.names().run().member(field);
    return found == nullptr ? std::string() : to_text(*found);
}

migrate::Folder migrations_argument(lua_State* state, execute::StepContext& context,
                                    Options& options, sql::Dialect dialect) {
    migrate::ReadOptions how;
    how.dialect = dialect;
    take_reading(state, options, how);
    return read_frozen(context, path_of_source(state, options), std::move(how));
}

MigrateCall migrate_call(lua_State* state, execute::StepContext& context, Options& options) {
    if (!options.push("connection"))
        throw Error(ErrorCode::Lua, "migrate needs a database: connection = …");
    const std::string connection = connection_name(state, -1);
    lua_pop(state, 1);
    MigrateCall call{.session = &context.sql(connection), .folder = {}, .tool = {}};
    call.folder = migrations_argument(state, context, options, call.session->database().dialect());
    call.tool.table = options.text("table", "");
    if (options.push("home_grown")) {
        call.tool.home_grown = migrate::home_grown_from(to_value(state, -1, "home_grown"));
        lua_pop(state, 1);
        if (call.tool.table.empty())
            throw Error(ErrorCode::Document, "home_grown without the table",
                        "name the table of your program: table = …");
    }
    return call;
}

}  // namespace drydock::bindings
