#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/migrate/known_tables.h"
#include "engine/migrate/tool_history.h"

// The table of a tool, for those who know what stands in it. Of this room alone.
namespace drydock::migrate {

class ToolTable final {
  public:
    // `name` as a user or a tool writes it: schema_migrations, audit.schema_migrations, or with
    // quotes: "Audit Log"."my table". On PostgreSQL it is in the schema in which the session makes
    // things, unless it names one. Throws Error{Refused} when there is no such schema, and
    // Error{Document} for a quote without its end.
    ToolTable(sql::Database& database, std::string_view name);

    // "public.schema_migrations"; of SQLite "schema_migrations". Read back it is the same table.
    [[nodiscard]] std::string text() const;
    [[nodiscard]] const std::string& schema() const { return schema_; }  // empty on SQLite
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] sql::Dialect dialect() const { return database_.dialect(); }
    [[nodiscard]] bool on_server() const { return dialect() == sql::Dialect::Postgres; }

    // In lower case, in their order; empty: there is no such table.
    [[nodiscard]] std::vector<std::string> columns() const;
    // False: there is none. Throws Error{Refused} when it is there and is another tool's.
    [[nodiscard]] bool is_there_as(const KnownTable& known) const;
    // That the table, which is there with these columns, is not what it should be.
    [[noreturn]] void refuse(const std::vector<std::string>& columns,
                             std::string_view wanted) const;

    // Runs a statement in which {} stands for the table, quoted, and {bare} for it as tools write
    // it that do not quote: SQLite keeps the text of a CREATE as it came.
    std::int64_t write(std::string_view statement, std::vector<Value> values = {}) const;
    void read(std::string_view statement, const sql::RowSink& sink) const;

  private:
    [[nodiscard]] std::string with_table(std::string_view statement) const;

    sql::Database& database_;
    std::string schema_;
    std::string name_;
};

// A name as ToolTable reads and writes it; an empty schema is none.
[[nodiscard]] std::string table_text(sql::Dialect dialect, std::string_view schema,
                                     std::string_view name);

// The number of golang-migrate's lock on a table, as `database` is named to it.
[[nodiscard]] std::int64_t golang_migrate_lock(std::string_view schema, std::string_view table,
                                               std::string_view database);
// Flyway's: "Flyway" as bytes, plus what Java hashes the quoted name of the table to.
[[nodiscard]] std::int64_t flyway_lock(std::string_view schema, std::string_view table);

// One for each format; `database` and `folder` outlive it.
[[nodiscard]] std::unique_ptr<ToolHistory> golang_migrate_history(sql::Database& database,
                                                                  const ToolSettings& settings);
[[nodiscard]] std::unique_ptr<ToolHistory> goose_history(sql::Database& database,
                                                         const ToolSettings& settings);
[[nodiscard]] std::unique_ptr<ToolHistory> flyway_history(sql::Database& database,
                                                          const Folder& folder,
                                                          const ToolSettings& settings);
// sql-migrate, dbmate, diesel: a row for each migration that is applied, and nothing else.
[[nodiscard]] std::unique_ptr<ToolHistory> key_history(sql::Database& database, Format format,
                                                       const ToolSettings& settings);
[[nodiscard]] std::unique_ptr<ToolHistory> records_only_history(const ToolSettings& settings);
[[nodiscard]] std::unique_ptr<ToolHistory> home_grown_history(sql::Database& database,
                                                              const Folder& folder,
                                                              const ToolSettings& settings);

}  // namespace drydock::migrate
