// migrate lint: what is risky in a folder of migrations, told by their words.

#include <map>

#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/cli/assemble.h"
#include "engine/migrate/folder.h"
#include "engine/migrate/lint.h"

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

Value::Map to_map(const migrate::Finding& one) {
    return {{"rule", one.rule},
            {"level", migrate::level_name(one.level)},
            {"file", one.file},
            {"line", static_cast<std::int64_t>(one.place.line)},
            {"column", static_cast<std::int64_t>(one.place.column)},
            {"message", one.message},
            {"hint", one.hint}};
}

std::string summary(std::size_t migrations, const std::map<migrate::Level, std::size_t>& counts) {
    std::string text = std::to_string(migrations) + " migrations";
    for (const auto& [level, count] : counts)
        text += ", " + std::to_string(count) + " " + std::string(migrate::level_name(level));
    return counts.empty() ? text + ", nothing found" : text;
}

}  // namespace

int migrate_lint_command(Assembly& assembly, const Arguments& arguments) {
    const std::string& path = arguments.subjects.front();
    const sql::Dialect dialect = arguments.subjects.size() > 1
                                     ? dialect_named(arguments.subjects[1])
                                     : sql::Dialect::Postgres;
    migrate::ReadOptions how;
    how.dialect = dialect;
    const migrate::ReadResult read = migrate::read_folder(path, how);
    Output& output = assembly.output();
    if (!read.folder) {
        output.diagnostics(read.problems);
        throw Error(ErrorCode::Document,
                    path + ": " + std::to_string(read.problems.size()) + " errors",
                    "docs/migrations.md says what is read");
    }
    migrate::LintOptions options;
    options.dialect = dialect;
    const std::vector<migrate::Finding> found = lint(*read.folder, options);
    std::map<migrate::Level, std::size_t> counts;
    Value::List all;
    for (const migrate::Finding& one : found) {
        ++counts[one.level];
        if (output.json()) {
            all.emplace_back(to_map(one));
            continue;
        }
        output.line(line_of(output, read.folder->path, one));
        if (!one.hint.empty()) output.line("  hint: " + one.hint);
    }
    if (output.json())
        output.json_line(
            Value::Map{{"format", migrate::format_name(read.folder->format)},
                       {"migrations", static_cast<std::int64_t>(read.folder->migrations.size())},
                       {"findings", std::move(all)}});
    else
        output.line(summary(read.folder->migrations.size(), counts));
    const bool bad =
        counts.contains(migrate::Level::Error) || counts.contains(migrate::Level::Warning);
    return bad ? exit_status(ErrorCode::Check) : 0;
}

}  // namespace drydock::cli
