#include "engine/migrate/foreign_keys.h"

#include "engine/error.h"

namespace drydock::migrate {

// How many rows lead nowhere, by "posts to users": a table that is made anew may number its rows
// otherwise.
std::map<std::string, std::int64_t> ForeignKeys::broken() {
    std::map<std::string, std::int64_t> found;
    sql::Database& database = session_.database();
    if (database.dialect() != sql::Dialect::Sqlite) return found;
    try {
        database.run("pragma foreign_key_check", {}, sql::Access::Read, [&](const sql::Row& row) {
            ++found[to_text(row.value(0)) + " to " + to_text(row.value(2))];
            return true;
        });
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Sql) throw;
        // A key to columns that are not unique: SQLite cannot check such a schema.
        session_.hooks().notice("warn", "foreign keys are not checked: " + error.message());
    }
    return found;
}

void ForeignKeys::remember() {
    before_ = broken();
}

void ForeignKeys::refuse_new(const std::string& path) {
    for (const auto& [key, rows] : broken()) {
        const auto known = before_.find(key);
        if (known != before_.end() && known->second >= rows) continue;
        throw Error(ErrorCode::Sql, path + ": after it a foreign key leads nowhere: " + key,
                    "mend the rows in the migration; what it did since its last commit is rolled "
                    "back");
    }
}

}  // namespace drydock::migrate
