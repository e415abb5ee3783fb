#include "engine/inspect/schema.h"

#include "engine/inspect/health.h"
#include "engine/sql/lexer.h"
#include "engine/sql/placeholders.h"

namespace drydock::inspect {
namespace {

constexpr std::string_view kObjects = R"(
select type || ' ' || name, sql from sqlite_schema
 where sql is not null and name not like 'sqlite\_%' escape '\'
   and tbl_name not in ('drydock_receipts', 'drydock_fences'))";

// Blanks and comments are no difference.
std::string on_one_line(std::string_view text) {
    std::string line;
    for (const sql::Token& token : sql::lex(text, sql::Dialect::Sqlite))
        line += (line.empty() ? "" : " ") + std::string(token.text);
    return line;
}

}  // namespace

Schema look_at_schema(Looking& looking) {
    Schema schema;
    sqlite::Statement objects = looking.connection().prepare(kObjects);
    while (objects.step())
        schema.objects.emplace(objects.column_text(0), on_one_line(objects.column_text(1)));
    for (const std::string& table : tables_of(looking)) {
        schema.rows.emplace(
            table, looking.number("select count(*) from " + sql::quoted_identifier(table)));
    }
    return schema;
}

std::vector<Difference> difference(const Schema& before, const Schema& after) {
    std::vector<Difference> found;
    for (const auto& [object, text] : before.objects) {
        const auto now = after.objects.find(object);
        if (now == after.objects.end())
            found.push_back({Difference::Kind::Removed, object, text, {}});
        else if (now->second != text)
            found.push_back({Difference::Kind::Changed, object, text, now->second});
    }
    for (const auto& [object, text] : after.objects) {
        if (!before.objects.contains(object))
            found.push_back({Difference::Kind::Added, object, {}, text});
    }
    return found;
}

std::vector<std::string> changed_rows(const Schema& before, const Schema& after) {
    std::vector<std::string> changed;
    for (const auto& [table, rows] : before.rows) {
        const auto now = after.rows.find(table);
        if (now == after.rows.end() || now->second == rows) continue;
        changed.push_back(table + " " + std::to_string(rows) + " → " + std::to_string(now->second));
    }
    return changed;
}

}  // namespace drydock::inspect
