// backup.record and backup.describe: backups that other programs have made.

#include "bindings/backup_call.h"
#include "engine/backup/record.h"

namespace drydock::bindings {
namespace {

// A table of counts by the name of what was counted.
std::map<std::string, std::int64_t, std::less<>> counts(Options& options, lua_State* state) {
    std::map<std::string, std::int64_t, std::less<>> rows;
    if (!options.push("rows")) return rows;
    const Value given = to_value(state, -1, "backup.record: rows");
    lua_pop(state, 1);
    const auto* map = given.find<Value::Map>();
    const auto* none = given.find<Value::List>();
    if (map == nullptr && (none == nullptr || !none->empty()))
        throw Error(ErrorCode::Lua, "backup.record: rows must be a table of counts");
    if (map == nullptr) return rows;
    for (const auto& [table, count] : *map) {
        const auto* number = count.find<std::int64_t>();
        if (number == nullptr)
            throw Error(ErrorCode::Lua, "backup.record: rows." + table + " must be a number");
        rows.emplace(table, *number);
    }
    return rows;
}

std::string identity_of(execute::StepContext& context, const std::string& connection,
                        const std::string& address) {
    return context.is_redis(connection) ? address
                                        : context.sql(connection).database().identity().text;
}

}  // namespace

// record{connection =, path =, at =, version =, rows =, proven =}
int backup_record(lua_State* state) {
    execute::StepContext& context = context_of(state);
    Fields fields(state, "backup.record");
    const std::string connection = fields.connection("connection");
    const std::string path = fields.path("path", true);
    const Timestamp at = fields.needed_time("at");
    const std::string address = context.address(connection);
    const std::size_t scheme = address.find("://");
    if (scheme == std::string::npos) {
        throw Error(ErrorCode::Lua, "backup.record is for servers, " + connection + " is a file",
                    "backup.sqlite takes its backups");
    }
    backup::Manifest known{.kind = address.substr(0, scheme),
                           .file = {},
                           .source = address,
                           .identity = identity_of(context, connection, address),
                           .taken_at = at,
                           .run = {},
                           .version = fields.text("version"),
                           .sha256 = {},
                           .database_sha256 = {},
                           .rows = counts(fields.options(), state)};
    if (fields.flag("proven")) known.verified_at = at;
    fields.finish();
    context.begin_file_change("backup.record", path);
    Call call(context);
    push_value(state, call.run([&](backup::Job& job) {
        return described(backup::record_backup(job, path, std::move(known)));
    }));
    return 1;
}

// describe{path =}
int backup_describe(lua_State* state) {
    execute::StepContext& context = reading(state, "backup.describe");
    Fields fields(state, "backup.describe");
    const std::string path = fields.path("path", true);
    fields.finish();
    Call call(context);
    push_value(state, call.run([&](backup::Job& job) {
        const backup::Manifest manifest = backup::read_manifest(job, path);
        Value::Map rows;
        for (const auto& [table, count] : manifest.rows) rows.emplace(table, count);
        return Value(Value::Map{{"kind", manifest.kind},
                                {"taken_at", manifest.taken_at},
                                {"version", manifest.version},
                                {"digest", manifest.sha256},
                                {"rows", std::move(rows)},
                                {"proven", manifest.verified_at.has_value()}});
    }));
    return 1;
}

}  // namespace drydock::bindings
