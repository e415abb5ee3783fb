#include "engine/migrate/tool_history.h"

#include "engine/error.h"
#include "engine/migrate/tool_table.h"

namespace drydock::migrate {

std::unique_ptr<ToolHistory> tool_history(sql::Database& database, const Folder& folder,
                                          const ToolSettings& settings) {
    switch (folder.format) {
        case Format::GolangMigrate: return golang_migrate_history(database, settings);
        case Format::SqlMigrate:
        case Format::Goose:
        case Format::Dbmate:
        case Format::Flyway:
        case Format::Diesel: break;
    }
    throw Error(ErrorCode::Refused,
                "the history of " + std::string(format_name(folder.format)) + " is not known",
                "drydock migrate lint and validate read its files");
}

}  // namespace drydock::migrate
