// schema.snapshot, schema.compare, schema.check: what a database is made of.

#include "bindings/api.h"
#include "bindings/connection_object.h"
#include "engine/schema/difference.h"
#include "engine/schema/wanted.h"

namespace drydock::bindings {
namespace {

using Names = std::vector<std::string>;

// The catalog as this step sees it, with what its transaction has changed.
schema::Catalog catalog_at(lua_State* state, int index, std::string_view call) {
    if (!is_connection(state, index)) {
        throw Error(ErrorCode::Lua, std::string(call) + " is given a connection first",
                    std::string(call) + "(connections.app, …)");
    }
    sql::StepSession& session = context_of(state).sql(connection_name(state, index));
    return schema::look_at(session.database());
}

// snapshot(connection)
int snapshot(lua_State* state) {
    const schema::Catalog catalog = catalog_at(state, 1, "schema.snapshot");
    push_value(state, Value(Value::Map{{"snapshot", schema::to_value(catalog)},
                                       {"digest", schema::digest(catalog)}}));
    return 1;
}

// compare(connection, before)
int compare(lua_State* state) {
    schema::Catalog before;
    try {
        before = schema::from_value(to_value(state, 2, "the snapshot"));
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Document) throw;
        throw Error(ErrorCode::Lua, error.message(), error.hint());
    }
    const auto found = schema::difference(before, catalog_at(state, 1, "schema.compare"));
    Value::List changes, lines;
    for (const schema::Change& change : found.changes) changes.push_back(schema::to_value(change));
    for (std::string& line : schema::lines(found)) lines.emplace_back(std::move(line));
    push_value(state, Value(Value::Map{{"changes", std::move(changes)},
                                       {"lines", std::move(lines)},
                                       {"summary", schema::summary(found)},
                                       {"how", schema::name_of(found.how())}}));
    return 1;
}

[[noreturn]] void wrong(const std::string& what) {
    throw Error(ErrorCode::Lua, "schema.check: " + what,
                "{indexes = {\"by_mail\"}, columns = {users = {\"mail\"}}, "
                "constraints = {users = {\"users_pkey\"}}}");
}

Names names_in(const Value& value, const std::string& what) {
    if (const auto* none = value.find<Value::Map>(); none != nullptr && none->empty()) return {};
    const auto* list = value.find<Value::List>();
    if (list == nullptr) wrong(what + " must be a list of names");
    Names names;
    for (const Value& one : *list) {
        if (!one.holds<std::string>()) wrong(what + " must be a list of names");
        names.push_back(one.as<std::string>());
    }
    return names;
}

std::map<std::string, Names> by_table(const Value& value, const std::string& what) {
    if (const auto* none = value.find<Value::List>(); none != nullptr && none->empty()) return {};
    const auto* map = value.find<Value::Map>();
    if (map == nullptr) wrong(what + " must be names by their table");
    std::map<std::string, Names> found;
    for (const auto& [table, names] : *map)
        found.emplace(table, names_in(names, what + " of " + table));
    return found;
}

// check(connection, has)
int check(lua_State* state) {
    Options options(state, 2, "schema.check");
    schema::Wanted wanted;
    const auto take = [&](std::string_view field, auto& into, const auto& read) {
        if (!options.push(field)) return;
        into = read(to_value(state, -1, "schema.check"), std::string(field));
        lua_pop(state, 1);
    };
    take("indexes", wanted.indexes, names_in);
    take("columns", wanted.columns, by_table);
    take("constraints", wanted.constraints, by_table);
    options.finish();
    const auto found = schema::check(catalog_at(state, 1, "schema.check"), wanted);
    const auto list = [](const Names& names) { return Value::List(names.begin(), names.end()); };
    push_value(state, Value(Value::Map{{"missing", list(found.missing)},
                                       {"remedies", list(found.remedies)},
                                       {"warnings", list(found.warnings)}}));
    return 1;
}

constexpr luaL_Reg kFunctions[] = {
    {"snapshot", guarded<snapshot>},
    {"compare", guarded<compare>},
    {"check", guarded<check>},
    {nullptr, nullptr},
};

}  // namespace

int open_schema(lua_State* state) {
    push_library(state, kFunctions);
    return 1;
}

}  // namespace drydock::bindings
