// migrate lint: what is risky in a folder of migrations, told by their words, and by the sizes of
// tables where a database is named.

#include <algorithm>
#include <map>
#include <set>

#include "engine/cli/commands.h"
#include "engine/cli/migrate_place.h"
#include "engine/migrate/surroundings.h"

namespace drydock::cli {
namespace {

sql::Dialect dialect_named(const std::string& name) {
    if (name == "postgres") return sql::Dialect::Postgres;
    if (name == "sqlite") return sql::Dialect::Sqlite;
    throw Error(ErrorCode::Usage, "`" + name + "` is no database that migrations are for",
                "postgres or sqlite");
}

std::string line_of(Output& output, const std::string& folder, const migrate::Finding& one) {
    const Style style = one.level == migrate::Level::Error     ? Style::Red
                        : one.level == migrate::Level::Warning ? Style::Yellow
                                                               : Style::Cyan;
    return folder + "/" + one.file + ":" + std::to_string(one.place.line) + ":" +
           std::to_string(one.place.column) + ": " +
           output.styled(style, migrate::level_name(one.level)) + ": " + one.message + " [" +
           std::string(one.rule) + "]";
}

std::string summary(std::size_t migrations, const std::map<migrate::Level, std::size_t>& counts) {
    std::string text =
        std::to_string(migrations) + (migrations == 1 ? " migration" : " migrations");
    for (const auto& [level, count] : counts)
        text += ", " + std::to_string(count) + " " + std::string(migrate::level_name(level));
    return counts.empty() ? text + ", nothing found" : text;
}

std::size_t count_in(const migrate::Folder& folder, const std::set<std::string>& files) {
    return static_cast<std::size_t>(std::ranges::count_if(
        folder.migrations,
        [&](const migrate::Migration& one) { return files.contains(one.up.file->path); }));
}

int tell(Output& output, const migrate::Folder& folder, const std::vector<migrate::Finding>& found,
         std::size_t migrations) {
    std::map<migrate::Level, std::size_t> counts;
    Value::List all;
    for (const migrate::Finding& one : found) {
        ++counts[one.level];
        if (output.json()) {
            all.emplace_back(to_value(one));
            continue;
        }
        output.line(line_of(output, folder.path, one));
        if (!one.hint.empty()) output.line("  hint: " + one.hint);
    }
    if (output.json())
        output.json_line(Value::Map{{"format", migrate::format_name(folder.format)},
                                    {"migrations", static_cast<std::int64_t>(migrations)},
                                    {"findings", std::move(all)}});
    else
        output.line(summary(migrations, counts));
    const bool bad =
        counts.contains(migrate::Level::Error) || counts.contains(migrate::Level::Warning);
    return bad ? exit_status(ErrorCode::Check) : 0;
}

// The folder; what is known of the database, when one was named.
struct Looked {
    migrate::Folder folder;
    migrate::LintOptions options;
    // The files that are looked at; empty: all of them.
    std::set<std::string> pending;
    bool only_pending = false;
};

Looked look_with_database(Assembly& assembly, const Arguments& arguments) {
    MigratePlace place(assembly, arguments);
    migrate::Surroundings around = migrate::look_around(place.database());
    Looked looked{.folder = place.folder(), .options = {}, .pending = {}};
    looked.options.dialect = place.database().dialect();
    looked.options.server_version = around.server_version;
    looked.options.sizes = std::move(around.sizes);
    if (arguments.migrations.all) return looked;
    looked.only_pending = true;
    const auto& migrations = looked.folder.migrations;
    looked.options.from = migrations.size();
    for (const migrate::Standing& one : place.state().standings) {
        if (one.migration == nullptr || one.is == migrate::Standing::Is::Applied) continue;
        const auto at = std::ranges::find(migrations, one.key, &migrate::Migration::key);
        const auto index = static_cast<std::size_t>(at - migrations.begin());
        looked.options.from = std::min(*looked.options.from, index);
        looked.pending.insert(at->up.file->path);
        if (at->down) looked.pending.insert(at->down->file->path);
    }
    return looked;
}

Looked look_at_files(Assembly& assembly, const Arguments& arguments) {
    const sql::Dialect dialect = arguments.subjects.size() > 1
                                     ? dialect_named(arguments.subjects[1])
                                     : sql::Dialect::Postgres;
    Looked looked{
        .folder = read_migrations(assembly, arguments, dialect), .options = {}, .pending = {}};
    looked.options.dialect = dialect;
    return looked;
}

}  // namespace

int migrate_lint_command(Assembly& assembly, const Arguments& given) {
    Arguments arguments = given;
    if (!given.subjects.empty()) arguments.migrations.folder = given.subjects.front();
    // Only one that is named: a review of files does not depend on what DATABASE_URL happens to be.
    const bool with_database = !given.migrations.database.empty();
    if (with_database && given.subjects.size() > 1) {
        throw Error(ErrorCode::Usage, "the database says itself of which kind it is",
                    "leave `" + given.subjects[1] + "` or --database out");
    }
    const Looked looked = with_database ? look_with_database(assembly, arguments)
                                        : look_at_files(assembly, arguments);
    std::vector<migrate::Finding> found = lint(looked.folder, looked.options);
    if (looked.only_pending) {
        std::erase_if(
            found, [&](const migrate::Finding& one) { return !looked.pending.contains(one.file); });
    }
    const std::size_t migrations = looked.only_pending ? count_in(looked.folder, looked.pending)
                                                       : looked.folder.migrations.size();
    return tell(assembly.output(), looked.folder, found, migrations);
}

}  // namespace drydock::cli
