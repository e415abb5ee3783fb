#include "bindings/api.h"
#include "bindings/backup_call.h"
#include "bindings/connection_methods.h"
#include "engine/backup/compare.h"
#include "engine/backup/exchange.h"
#include "engine/backup/retention.h"
#include "engine/backup/salvage.h"
#include "engine/backup/sqlite_backup.h"
#include "engine/backup/stage.h"
#include "engine/backup/vacuum.h"

// backup.*: backups of SQLite databases and work on their files as a whole; connections.X:backup.
namespace drydock::bindings {
namespace {

// How long a copy waits for a program that holds its database locked.
constexpr Microseconds kPatience{30'000'000};

// An existing folder, its links followed as far as they stay beneath the runbook's files.
std::string folder_at(execute::StepContext& context, const std::string& given) {
    const std::string inside = context.files().checked_path(given + "/x", false);
    return inside.substr(0, inside.rfind('/'));
}

// The same after the change was announced, and made when missing.
std::string folder_to_fill(execute::StepContext& context, std::string_view primitive,
                           const std::string& given) {
    context.begin_file_change(primitive, given);
    context.files().mkdir(given);
    return folder_at(context, given);
}

Value::List texts(const std::vector<std::string>& all) { return {all.begin(), all.end()}; }

int push(lua_State* state, const Value& value) {
    push_value(state, value);
    return 1;
}

// sqlite{connection =, to =, at =, compress =, seal_with =}
int take(lua_State* state) {
    execute::StepContext& context = context_of(state);
    Fields fields(state, "backup.sqlite");
    const std::string connection = fields.connection("connection");
    backup::BackupRequest request{.source = context.sqlite_path(connection),
                                  .folder = fields.text("to"),
                                  .at = fields.needed_time("at"),
                                  .compress = fields.flag("compress"),
                                  .seal_with = fields.key("seal_with"),
                                  .busy_timeout = kPatience};
    fields.finish();
    // Opened first: that this is still the database of the run is asked there.
    (void)context.sql(connection);
    request.folder = folder_to_fill(context, "backup.sqlite", request.folder);
    Call call(context);
    return push(state,
                call.run([&](backup::Job& job) { return described(take_backup(job, request)); }));
}

// latest{folder =, of =, before =}
int latest(lua_State* state) {
    execute::StepContext& context = reading(state, "backup.latest");
    Fields fields(state, "backup.latest");
    const std::string folder = folder_at(context, fields.text("folder"));
    const std::string source = context.address(fields.connection("of"));
    const auto before = fields.time("before");
    fields.finish();
    Call call(context);
    return push(state, call.run([&](backup::Job& job) {
        return described(backup::latest_backup(job, folder, source, before));
    }));
}

// verify{path =, seal_with =}
int verify(lua_State* state) {
    execute::StepContext& context = reading(state, "backup.verify");
    Fields fields(state, "backup.verify");
    const std::string path = fields.path("path", true);
    const auto key = fields.key("seal_with");
    fields.finish();
    Call call(context);
    return push(state, call.run([&](backup::Job& job) {
        return Value(Value::Map{{"digest", backup::verify_backup(job, path, key).sha256}});
    }));
}

using Thin = backup::Freed (*)(backup::Job&, const std::string&, const std::string&, Timestamp);

// compress|prune{folder =, of =, before =}
int thin_out(lua_State* state, std::string_view name, Thin how) {
    execute::StepContext& context = context_of(state);
    Fields fields(state, name);
    const std::string folder = folder_at(context, fields.text("folder"));
    const std::string source = context.address(fields.connection("of"));
    const Timestamp before = fields.needed_time("before");
    fields.finish();
    context.begin_file_change(name, folder);
    Call call(context);
    return push(state, call.run([&](backup::Job& job) {
        const backup::Freed freed = how(job, folder, source, before);
        return Value(Value::Map{{"files", texts(freed.files)}, {"freed_bytes", Size{freed.bytes}}});
    }));
}

int compress(lua_State* state) {
    return thin_out(state, "backup.compress", backup::compress_backups);
}
int prune(lua_State* state) { return thin_out(state, "backup.prune", backup::prune_backups); }

// preserve{connection =, to =}
int preserve(lua_State* state) {
    execute::StepContext& context = context_of(state);
    Fields fields(state, "backup.preserve");
    const std::string connection = fields.connection("connection");
    const std::string to = fields.text("to");
    fields.finish();
    const std::string folder = folder_to_fill(context, "backup.preserve", to);
    // Reading an open database file as a file would drop SQLite's locks on it.
    context.close_connection(connection);
    const std::string source = context.sqlite_path(connection);
    Call call(context);
    return push(state, call.run([&](backup::Job& job) {
        const backup::Preserved preserved = backup::preserve(job, source, folder);
        return Value(Value::Map{{"path", preserved.path}, {"files", texts(preserved.files)}});
    }));
}

std::string salvaged_path(const std::string& from, const std::string& folder) {
    const std::string name = from.substr(from.rfind('/') + 1);
    const std::size_t dot = name.rfind('.');
    return folder + "/" + name.substr(0, dot) + "-salvaged.db";
}

// salvage{from =, to =}
int salvage(lua_State* state) {
    execute::StepContext& context = context_of(state);
    Fields fields(state, "backup.salvage");
    const std::string from = fields.path("from", true);
    const std::string to = fields.text("to");
    fields.finish();
    const std::string folder = folder_to_fill(context, "backup.salvage", to);
    Call call(context);
    return push(state, call.run([&](backup::Job& job) {
        const backup::Salvaged salvaged = backup::salvage(job, from, salvaged_path(from, folder));
        return Value(Value::Map{{"path", salvaged.path},
                                {"rows_read", salvaged.rows_read},
                                {"rows_lost", salvaged.rows_lost},
                                {"summary", backup::summary(salvaged)}});
    }));
}

// stage{from =, to =, seal_with =}
int stage(lua_State* state) {
    execute::StepContext& context = context_of(state);
    Fields fields(state, "backup.stage");
    const std::string from = fields.path("from", true);
    const std::string to = fields.text("to");
    const auto key = fields.key("seal_with");
    fields.finish();
    const std::string folder = folder_to_fill(context, "backup.stage", to);
    Call call(context);
    return push(state, call.run([&](backup::Job& job) {
        const backup::Staged staged = backup::stage(job, from, folder + "/staged.db", key);
        std::int64_t rows = 0;
        for (const auto& [table, count] : staged.rows)
            rows += count;
        return Value(Value::Map{{"path", staged.path},
                                {"bytes", Size{staged.bytes}},
                                {"rows", rows},
                                {"proven", staged.manifest.has_value()},
                                {"summary", backup::summary(staged)}});
    }));
}

// compare{left =, right =}
int compare(lua_State* state) {
    execute::StepContext& context = reading(state, "backup.compare");
    Fields fields(state, "backup.compare");
    const std::string left = fields.path("left", true);
    const std::string right = fields.path("right", true);
    fields.finish();
    Call call(context);
    return push(state, call.run([&](backup::Job& job) {
        const backup::Comparison comparison = backup::compare(job, left, right);
        return Value(Value::Map{{"only_left", comparison.only_left},
                                {"only_right", comparison.only_right},
                                {"summary", backup::summary(comparison)}});
    }));
}

// kept_name{connection =, at =}
int kept_name(lua_State* state) {
    Fields fields(state, "backup.kept_name");
    const std::string target = context_of(state).sqlite_path(fields.connection("connection"));
    const Timestamp at = fields.needed_time("at");
    fields.finish();
    return push(state, backup::kept_name(target, at));
}

// replace{connection =, from =, kept_as =}
int replace(lua_State* state) {
    execute::StepContext& context = context_of(state);
    Fields fields(state, "backup.replace");
    const std::string connection = fields.connection("connection");
    const std::string from = fields.path("from", true);
    const std::string kept_as = fields.text("kept_as");
    fields.finish();
    const std::string target = context.sqlite_path(connection);
    context.begin_file_change("backup.replace", target);
    context.close_connection(connection);
    Call call(context);
    call.run([&](backup::Job& job) { backup::replace_database(job, target, from, kept_as); });
    context.target_replaced(connection);
    return 0;
}

// put_back{connection =, kept_as =}
int put_back(lua_State* state) {
    execute::StepContext& context = context_of(state);
    Fields fields(state, "backup.put_back");
    const std::string connection = fields.connection("connection");
    const std::string kept_as = fields.text("kept_as");
    fields.finish();
    const std::string target = context.sqlite_path(connection);
    context.begin_file_change("backup.put_back", target);
    context.close_connection(connection);
    Call call(context);
    call.run([&](backup::Job& job) { backup::put_back(job, target, kept_as); });
    context.target_replaced(connection);
    return 0;
}

// vacuum_room{connection =, pages =, free_pages =, page_bytes =}: an error when there is too
// little.
int vacuum_room(lua_State* state) {
    execute::StepContext& context = reading(state, "backup.vacuum_room");
    Fields fields(state, "backup.vacuum_room");
    const std::string path = context.sqlite_path(fields.connection("connection"));
    const std::int64_t pages = fields.integer("pages");
    const std::int64_t free_pages = fields.integer("free_pages");
    const std::int64_t page_bytes = fields.integer("page_bytes");
    fields.finish();
    backup::check_vacuum_room(backup::vacuum_need(path, pages, free_pages, page_bytes));
    return 0;
}

// is_alone{connection =}: whether no other program has the file open.
int is_alone(lua_State* state) {
    execute::StepContext& context = reading(state, "backup.is_alone");
    Fields fields(state, "backup.is_alone");
    const std::string path = context.sqlite_path(fields.connection("connection"));
    fields.finish();
    return push(state, backup::may_checkpoint(path));
}

constexpr luaL_Reg kFunctions[] = {
    {"sqlite", guarded<take>},
    {"record", guarded<backup_record>},
    {"describe", guarded<backup_describe>},
    {"latest", guarded<latest>},
    {"verify", guarded<verify>},
    {"compress", guarded<compress>},
    {"prune", guarded<prune>},
    {"preserve", guarded<preserve>},
    {"salvage", guarded<salvage>},
    {"stage", guarded<stage>},
    {"compare", guarded<compare>},
    {"kept_name", guarded<kept_name>},
    {"replace", guarded<replace>},
    {"put_back", guarded<put_back>},
    {"vacuum_room", guarded<vacuum_room>},
    {"is_alone", guarded<is_alone>},
    {nullptr, nullptr},
};

}  // namespace

int open_backup(lua_State* state) {
    push_library(state, kFunctions);
    return 1;
}

int connection_backup(lua_State* state) {
    execute::StepContext& context = context_of(state);
    const std::string connection = connection_name(state, 1);
    const std::string to = context.files().checked_path(text_argument(state, 2, "the path"), false);
    (void)context.sql(connection);
    const std::string source = context.sqlite_path(connection);
    context.begin_file_change("backup", to);
    Call call(context);
    call.run([&](backup::Job& job) { backup::copy_database(job, source, to, kPatience); });
    return 0;
}

}  // namespace drydock::bindings
