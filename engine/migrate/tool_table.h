#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/migrate/tool_history.h"

// The table of a tool, for those who know what stands in it. Of this room alone.
namespace drydock::migrate {

class ToolTable final {
  public:
    // `name` as a user or a tool writes it: "schema_migrations" or "audit.schema_migrations". On
    // PostgreSQL it is in the schema in which the session makes things, unless it names one.
    ToolTable(sql::Database& database, std::string_view name);

    // "public.schema_migrations"; of SQLite "schema_migrations".
    [[nodiscard]] std::string text() const;
    [[nodiscard]] const std::string& schema() const { return schema_; }  // empty on SQLite
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] sql::Dialect dialect() const { return database_.dialect(); }

    // In lower case, in their order; empty: there is no such table.
    [[nodiscard]] std::vector<std::string> columns() const;
    // Throws Error{Refused} when the table is there and lacks one of `columns`: it is another
    // tool's.
    [[nodiscard]] bool is_there_with(const std::vector<std::string_view>& columns,
                                     std::string_view tool) const;

    // Runs a statement in which {} stands for the table, quoted.
    std::int64_t write(std::string_view statement, std::vector<Value> values = {}) const;
    void read(std::string_view statement, const sql::RowSink& sink) const;

  private:
    [[nodiscard]] std::string with_table(std::string_view statement) const;

    sql::Database& database_;
    std::string schema_;
    std::string name_;
};

// The number of golang-migrate's lock on a table, as `database` is named to it.
[[nodiscard]] std::int64_t golang_migrate_lock(std::string_view schema, std::string_view table,
                                               std::string_view database);

// One for each format; `database` outlives it.
[[nodiscard]] std::unique_ptr<ToolHistory> golang_migrate_history(sql::Database& database,
                                                                  const ToolSettings& settings);

}  // namespace drydock::migrate
