#include "engine/inspect/health.h"

#include <algorithm>

#include "engine/sql/placeholders.h"
#include "engine/sqlite/errors.h"

namespace drydock::inspect {
namespace {

// More lines than these say nothing new, and a badly damaged file has millions.
constexpr std::string_view kFullCheck = "pragma integrity_check(100)";
constexpr std::string_view kQuickCheck = "pragma quick_check(100)";

constexpr std::string_view kOrphans = R"(
select "table", parent, count(*) from pragma_foreign_key_check group by 1, 2 order by 1, 2)";

// Virtual tables keep their rows in others, which are counted.
constexpr std::string_view kTables = R"(
select name from sqlite_schema
 where type = 'table' and name not like 'sqlite\_%' escape '\'
   and name not in ('drydock_receipts', 'drydock_fences')
   and sql not like 'create virtual %' order by name)";

constexpr std::string_view kHasReceipts =
    "select count(*) from sqlite_schema where type = 'table' and name = 'drydock_receipts'";

// One row of the check says several lines where it is about pages.
void add_damage(std::vector<std::string>& damage, std::string_view text) {
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.empty() || line == "ok" || line.starts_with("*** in database")) continue;
        damage.emplace_back(line);
    }
}

// A file that is too damaged to be looked at is damaged; a lock is an error.
std::vector<std::string> damage_of(Looking& looking, bool quick) {
    std::vector<std::string> damage;
    try {
        sqlite::Statement check = looking.connection().prepare(quick ? kQuickCheck : kFullCheck);
        while (check.step()) add_damage(damage, check.column_text(0));
    } catch (const Error& error) {
        const Error told = with_evidence(looking.path(), looking.file(), error);
        if (!sqlite::is_damage(error)) throw told;
        damage.push_back(told.message());
    }
    return damage;
}

// A key that names a column or table that is not there makes the whole check an error; it is a
// fault of the schema, and the rows of the other keys stay unknown.
std::vector<Orphans> orphans_of(Looking& looking, std::vector<std::string>& damage) {
    std::vector<Orphans> orphans;
    try {
        sqlite::Statement check = looking.connection().prepare(kOrphans);
        while (check.step()) {
            orphans.push_back({.table = std::string(check.column_text(0)),
                               .parent = std::string(check.column_text(1)),
                               .rows = check.column_int(2)});
        }
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Sql) throw;
        damage.push_back("foreign keys cannot be checked: " + error.message());
    }
    return orphans;
}

}  // namespace

std::vector<std::string> tables_of(Looking& looking) {
    std::vector<std::string> names;
    sqlite::Statement tables = looking.connection().prepare(kTables);
    while (tables.step()) names.emplace_back(tables.column_text(0));
    return names;
}

Health look_at_health(Looking& looking, const HealthOptions& options) {
    Health health;
    health.damage = damage_of(looking, options.quick);
    health.holders = os::processes_holding(looking.path());
    health.journal_mode = looking.text("pragma journal_mode");
    health.page_bytes = looking.number("pragma page_size");
    health.pages = looking.number("pragma page_count");
    health.user_version = looking.number("pragma user_version");
    health.has_receipts = looking.number(kHasReceipts) > 0;
    // Rows of a damaged file say nothing about their keys, nor do their numbers.
    if (!health.damage.empty()) return health;
    health.orphans = orphans_of(looking, health.damage);
    for (const std::string& table : tables_of(looking)) {
        const std::string count = "select count(*) from " + sql::quoted_identifier(table);
        health.tables.push_back({.table = table, .rows = looking.number(count)});
    }
    return health;
}

}  // namespace drydock::inspect
