#pragma once

#include <algorithm>
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include "engine/migrate/folder.h"
#include "engine/migrate/tool_history.h"
#include "tests/migrate/folder_fixture.h"
#include "tests/sql/drivers.h"

namespace drydock::migrate {

// A folder of migrations, an empty database, and both histories of it: ours, and what a tool does
// by its own statements from a session of its own.
class ToolStory : public MigrationFolder {
  protected:
    void use(sql::Driver driver) {
        if (driver == sql::Driver::Sqlite)
            target_ = std::make_unique<sql::SqliteTarget>();
        else
            target_ = std::make_unique<sql::PostgresTarget>();
        database_ = target_->open();
    }
    [[nodiscard]] bool server() const { return database_->dialect() == sql::Dialect::Postgres; }

    [[nodiscard]] std::unique_ptr<ToolHistory> history(const Folder& folder) const {
        return tool_history(*database_, folder, settings_);
    }
    [[nodiscard]] ToolState state(const Folder& folder) const { return history(folder)->read(); }
    [[nodiscard]] Texts applied(const Folder& folder) const { return state(folder).applied; }

    // As the engine does: what stands in the table is looked at, then each passage is one
    // transaction.
    void pass(const Folder& folder, std::size_t index, Passage::Way way) const {
        const auto history = this->history(folder);
        (void)history->read();
        in_transaction([&] { history->end(passage(folder, index, way)); });
    }
    void up(const Folder& folder, std::size_t index) const {
        pass(folder, index, Passage::Way::Up);
    }
    void down(const Folder& folder, std::size_t index) const {
        pass(folder, index, Passage::Way::Down);
    }
    // The first half of one that is no single transaction; it is cut there.
    void begin(const Folder& folder, std::size_t index, Passage::Way way = Passage::Way::Up) const {
        const auto history = this->history(folder);
        (void)history->read();
        in_transaction([&] { history->begin(passage(folder, index, way)); });
    }
    [[nodiscard]] static Passage passage(const Folder& folder, std::size_t index,
                                         Passage::Way way) {
        return {.way = way,
                .migration = &folder.migrations.at(index),
                .below = index == 0 ? nullptr : &folder.migrations.at(index - 1),
                .took = Microseconds(1'234'567),
                .who = "anna"};
    }
    void in_transaction(const std::function<void()>& work) const {
        database_->begin();
        try {
            work();
        } catch (const Error&) {
            database_->rollback();
            throw;
        }
        database_->commit();
    }

    // Everything of a table that a dump would show, with the rows; `times` are only looked at.
    [[nodiscard]] static Texts all_of(sql::Database& database, const std::string& table,
                                      const Texts& times) {
        const bool server = database.dialect() == sql::Dialect::Postgres;
        Texts found;
        database.run(server ? kShapeOnServer : kShapeInFile,
                     {.positional = {table}, .named = {}}, sql::Access::Read,
                     [&](const sql::Row& row) {
                         found.push_back(plain(to_text(row.value(0))));
                         return true;
                     });
        database.run("select * from " + table + " order by 1", {}, sql::Access::Read,
                     [&](const sql::Row& row) {
                         found.push_back(row_text(row, times));
                         return true;
                     });
        return found;
    }

    ToolSettings settings_;
    std::unique_ptr<sql::Target> target_;
    std::unique_ptr<sql::Database> database_;

  private:
    static constexpr const char* kShapeOnServer = R"(
select format('%s %s %s %s %s', attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
              pg_get_expr(adbin, adrelid))
  from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
 where attrelid = to_regclass($1) and attnum > 0
union all select format('%s %s', conname, pg_get_constraintdef(oid))
  from pg_constraint where conrelid = to_regclass($1)
union all select pg_get_indexdef(indexrelid) from pg_index where indrelid = to_regclass($1)
order by 1)";
    static constexpr const char* kShapeInFile =
        "select sql from sqlite_schema where tbl_name = $1 order by name";

    // Blanks and the case of letters say nothing in a statement.
    static std::string plain(std::string text) {
        text = std::regex_replace(text, std::regex("\\s+"), "");
        std::ranges::transform(text, text.begin(), [](unsigned char c) {
            return static_cast<char>(std::tolower(c));
        });
        return text;
    }

    static std::string row_text(const sql::Row& row, const Texts& times) {
        static const std::regex kTime(R"(20\d\d-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?)");
        std::string text;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const Value value = row.value(i);
            const bool time = std::ranges::find(times, row.name(i)) != times.end();
            // The kind too: SQLite keeps a number or a text in any column.
            text += std::string(value.kind()) + ":";
            std::smatch parts;
            const std::string shown = to_text(value);
            if (time && std::regex_match(shown, parts, kTime))
                text += "time" + parts[2].str();
            else
                text += shown;
            text += " ";
        }
        return text;
    }
};

}  // namespace drydock::migrate
