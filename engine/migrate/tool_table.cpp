#include "engine/migrate/tool_table.h"

#include <algorithm>
#include <utility>

#include "engine/error.h"
#include "engine/sql/placeholders.h"

namespace drydock::migrate {

using sql::Access;
using sql::Dialect;

namespace {

constexpr std::string_view kColumnsOnServer = R"(
select lower(attname) from pg_attribute
 where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by attnum)";
constexpr std::string_view kColumnsInFile =
    "select lower(name) from pragma_table_info($1) order by cid";

std::string current_schema(sql::Database& database) {
    std::string schema;
    database.run("select current_schema()", {}, Access::Read, [&](const sql::Row& row) {
        if (!row.value(0).is_null()) schema = row.value(0).as<std::string>();
        return false;
    });
    if (!schema.empty()) return schema;
    throw Error(ErrorCode::Refused, "the session has no schema to make tables in",
                "set the role's search_path to one that exists and that it may use");
}

}  // namespace

ToolTable::ToolTable(sql::Database& database, std::string_view name) : database_(database) {
    const std::size_t dot = name.find('.');
    const bool server = database.dialect() == Dialect::Postgres;
    if (server && dot != std::string_view::npos) schema_ = name.substr(0, dot);
    name_ = server && dot != std::string_view::npos ? name.substr(dot + 1) : name;
    if (server && schema_.empty()) schema_ = current_schema(database);
}

std::string ToolTable::text() const {
    return schema_.empty() ? name_ : schema_ + "." + name_;
}

std::string ToolTable::with_table(std::string_view statement) const {
    const std::string own = sql::quoted_identifier(name_, dialect());
    const std::string quoted =
        schema_.empty() ? own : sql::quoted_identifier(schema_, dialect()) + "." + own;
    std::string text(statement);
    for (std::size_t at = text.find("{}"); at != std::string::npos;
         at = text.find("{}", at + quoted.size()))
        text.replace(at, 2, quoted);
    return text;
}

std::vector<std::string> ToolTable::columns() const {
    std::vector<std::string> names;
    const bool server = dialect() == Dialect::Postgres;
    const std::string table = server ? with_table("{}") : name_;
    database_.run(server ? kColumnsOnServer : kColumnsInFile, {.positional = {table}, .named = {}},
                  Access::Read, [&](const sql::Row& row) {
                      names.push_back(row.value(0).as<std::string>());
                      return true;
                  });
    return names;
}

bool ToolTable::is_there_with(const std::vector<std::string_view>& columns,
                              std::string_view tool) const {
    const std::vector<std::string> found = this->columns();
    if (found.empty()) return false;
    const bool its = std::ranges::all_of(columns, [&](std::string_view column) {
        return std::ranges::find(found, column) != found.end();
    });
    if (its) return true;
    std::string list;
    for (const std::string& column : found) list += (list.empty() ? "" : ", ") + column;
    throw Error(ErrorCode::Refused,
                "the table " + text() + " (" + list + ") is not one of " + std::string(tool),
                "name the format of the folder, or another table for its history");
}

std::int64_t ToolTable::write(std::string_view statement, std::vector<Value> values) const {
    return database_.run(with_table(statement), {.positional = std::move(values), .named = {}},
                         Access::Write, {});
}

void ToolTable::read(std::string_view statement, const sql::RowSink& sink) const {
    database_.run(with_table(statement), {}, Access::Read, sink);
}

}  // namespace drydock::migrate
