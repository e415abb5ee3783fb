#pragma once

#include <string>
#include <vector>

#include "engine/rehearse/rolled_back.h"
#include "engine/rehearse/scratch.h"
#include "tests/migrate/apply_fixture.h"

namespace drydock::rehearse {

// Migrations of a folder, tried where nothing of it stays.
class Tried : public migrate::Migrated {
  protected:
    [[nodiscard]] const sql::PostgresTarget& server() const {
        return static_cast<const sql::PostgresTarget&>(*target_);
    }
    // The original, whose every transaction is taken back.
    [[nodiscard]] std::unique_ptr<sql::Database> open_rolled_back() const {
        if (!on_server()) return std::make_unique<RolledBack>(open());
        sql::PostgresSettings settings = server().settings();
        settings.rehearsal = true;
        return sql::open_postgres(settings);
    }
    static std::vector<std::string> names(const migrate::Applied& applied) {
        std::vector<std::string> all;
        for (const migrate::Applied::One& one : applied.done) {
            all.push_back((one.way == migrate::Passage::Way::Up ? "up " : "down ") + one.version);
        }
        return all;
    }
    using Texts = std::vector<std::string>;
};

}  // namespace drydock::rehearse
