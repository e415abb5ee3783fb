#include "engine/migrate/beside.h"

#include <algorithm>
#include <utility>

#include "engine/migrate/reading.h"
#include "engine/migrate/script.h"

namespace drydock::migrate {

std::optional<Migration> read_beside(const Folder& folder, std::string_view name,
                                     const ReadOptions& options) {
    if (std::ranges::find(folder.beside, name) == folder.beside.end()) return std::nullopt;
    Reading reading(folder.path, options);
    Migration made{.kind = Migration::Kind::Repeatable,
                   .version = {},
                   .name = std::string(name),
                   .description = {},
                   .key = std::string(name),
                   .up = {},
                   .down = {},
                   .irreversible_reason = {},
                   .digest = {},
                   .foreign_checksums = {}};
    if (auto file = reading.load(made.name); file != nullptr) {
        made.digest = file->digest;
        made.up = make_script(reading, std::move(file));
    }
    for (const runbook::Diagnostic& problem : reading.take_problems())
        throw Error(ErrorCode::Document, runbook::to_text(problem), problem.hint);
    return made;
}

Error no_prerequisites(const Folder& folder) {
    return {ErrorCode::NotFound, "there is no prerequisites.sql in " + folder.path,
            "write into it what the database needs before the first migration"};
}

std::string history_beside(sql::Database& database, const Folder& folder, const ToolSettings& tool,
                           std::string_view name) {
    return tool_history(database, folder, tool)->table() + " " + std::string(name);
}

Applied apply_prerequisites(sql::StepSession& session, const Folder& folder,
                            Migration prerequisites, const ApplyOptions& options) {
    ApplyOptions how = options;
    how.tool = {.table = history_beside(session.database(), folder, options.tool,
                                        prerequisites.name),
                .records_only = true};
    Folder alone{.path = folder.path, .format = folder.format};
    alone.migrations.push_back(std::move(prerequisites));
    return apply(session, alone, Head{}, how);
}

}  // namespace drydock::migrate
