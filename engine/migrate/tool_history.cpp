#include "engine/migrate/tool_history.h"

#include "engine/migrate/tool_table.h"

namespace drydock::migrate {

std::unique_ptr<ToolHistory> tool_history(sql::Database& database, const Folder& folder,
                                          const ToolSettings& settings) {
    if (settings.records_only) return records_only_history(settings);
    if (settings.home_grown) return home_grown_history(database, folder, settings);
    switch (folder.format) {
        case Format::GolangMigrate: return golang_migrate_history(database, settings);
        case Format::Goose: return goose_history(database, settings);
        case Format::Flyway: return flyway_history(database, folder, settings);
        case Format::SqlMigrate:
        case Format::Dbmate:
        case Format::Diesel: break;
    }
    return key_history(database, folder.format, settings);
}

}  // namespace drydock::migrate
