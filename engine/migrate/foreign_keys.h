#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "engine/sql/step_session.h"

namespace drydock::migrate {

// Foreign keys of a SQLite file. They are not enforced while migrations run, for a table that is
// made anew would take its children with it; so they are checked before each commit. On PostgreSQL
// nothing is done. For one call of apply(), on its thread.
class ForeignKeys final {
  public:
    explicit ForeignKeys(sql::StepSession& session) : session_(session) {}

    // Those that lead nowhere now are not held against the migrations.
    void remember();
    // Throws Error{Sql} when there are more; `path` is that of the migration.
    void refuse_new(const std::string& path);

  private:
    [[nodiscard]] std::map<std::string, std::int64_t> broken();

    sql::StepSession& session_;
    std::map<std::string, std::int64_t> before_;
};

}  // namespace drydock::migrate
