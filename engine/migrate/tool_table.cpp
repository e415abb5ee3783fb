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

// One part of a name, and what is left of it.
std::string take_part(std::string_view& rest, bool to_dot) {
    std::string part;
    if (!rest.starts_with('"')) {
        part = rest.substr(0, to_dot ? rest.find('.') : rest.npos);
        rest.remove_prefix(part.size());
        return part;
    }
    for (std::size_t at = 1; at < rest.size(); ++at) {
        if (rest[at] != '"') {
            part += rest[at];
        } else if (at + 1 < rest.size() && rest[at + 1] == '"') {
            part += rest[at++];
        } else {
            rest.remove_prefix(at + 1);
            return part;
        }
    }
    throw Error(ErrorCode::Document,
                "the table's name " + std::string(rest) + " ends in its quotes",
                "write \"schema\".\"table\", and a quote within a name twice");
}

std::string part_text(std::string_view part, bool dots_divide) {
    const bool plain = !part.starts_with('"') && !(dots_divide && part.find('.') != part.npos);
    return plain ? std::string(part) : sql::quoted_identifier(part, Dialect::Postgres);
}

// Whether it stands in a statement without quotes.
bool is_bare(std::string_view name) {
    constexpr std::string_view kDigits = "0123456789";
    constexpr std::string_view kAll =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    return name.find_first_not_of(kAll) == name.npos && name.find_first_of(kDigits) != 0;
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

}  // namespace

std::string table_text(Dialect dialect, std::string_view schema, std::string_view name) {
    const bool server = dialect == Dialect::Postgres;
    const std::string own = part_text(name, server);
    return schema.empty() ? own : part_text(schema, server) + "." + own;
}

ToolTable::ToolTable(sql::Database& database, std::string_view name) : database_(database) {
    const bool server = on_server();
    name_ = take_part(name, server);
    if (server && name.starts_with('.')) {
        name.remove_prefix(1);
        schema_ = std::exchange(name_, take_part(name, false));
    }
    if (!name.empty() || name_.empty())
        throw Error(ErrorCode::Document, "the name of the migrations' table is none",
                    "write table, schema.table or \"schema\".\"table\"");
    if (server && schema_.empty()) schema_ = current_schema(database);
}

std::string ToolTable::text() const {
    return table_text(dialect(), schema_, name_);
}

// In double quotes on SQLite too: where only a table can stand it takes them for nothing else, and
// the tools that quote write them.
std::string ToolTable::with_table(std::string_view statement) const {
    const std::string own = sql::quoted_identifier(name_, Dialect::Postgres);
    const std::string quoted =
        schema_.empty() ? own : sql::quoted_identifier(schema_, Dialect::Postgres) + "." + own;
    std::string text(statement);
    replace_all(text, "{bare}", schema_.empty() && is_bare(name_) ? name_ : quoted);
    replace_all(text, "{}", quoted);
    return text;
}

std::vector<std::string> ToolTable::columns() const {
    std::vector<std::string> names;
    const bool server = on_server();
    const std::string table = server ? with_table("{}") : name_;
    database_.run(server ? kColumnsOnServer : kColumnsInFile, {.positional = {table}, .named = {}},
                  Access::Read, [&](const sql::Row& row) {
                      names.push_back(row.value(0).as<std::string>());
                      return true;
                  });
    return names;
}

bool ToolTable::is_there_as(const KnownTable& known) const {
    const std::vector<std::string> found = columns();
    if (found.empty()) return false;
    if (!matches(known, found)) refuse(found, "is not one of " + std::string(known.tool));
    return true;
}

void ToolTable::refuse(const std::vector<std::string>& columns, std::string_view wanted) const {
    std::string list;
    for (const std::string& column : columns) list += (list.empty() ? "" : ", ") + column;
    const KnownTable* const other = known_table(name_, columns);
    throw Error(ErrorCode::Refused,
                "the table " + text() + " (" + list + ") " + std::string(wanted),
                other == nullptr
                    ? "name another table for the history of this folder"
                    : "it is one of " + std::string(other->tool) + ": " + advice(*other));
}

std::int64_t ToolTable::write(std::string_view statement, std::vector<Value> values) const {
    return database_.run(with_table(statement), {.positional = std::move(values), .named = {}},
                         Access::Write, {});
}

void ToolTable::read(std::string_view statement, const sql::RowSink& sink) const {
    database_.run(with_table(statement), {}, Access::Read, sink);
}

}  // namespace drydock::migrate
