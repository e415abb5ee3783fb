#include "engine/schema/postgres_catalog.h"

#include <utility>

#include "engine/error.h"
#include "engine/json/json.h"

namespace drydock::schema {
namespace {

// What the server deparses stands with a schema exactly where this path does not find it, so it
// must always be the same one. pg_temp last: a temporary table does not get between.
constexpr std::string_view kCanonicalPath = "set local search_path = pg_catalog, public, pg_temp";

constexpr std::string_view kPath =
    "select quote_ident(name) from unnest(current_schemas(false)) with ordinality s(name, n) "
    "order by n";

// Those of $1, separated by blanks, that this role may not read any column of.
constexpr std::string_view kUnreadable = R"(
select name from unnest(string_to_array($1, ' ')) name
 where not has_any_column_privilege('pg_catalog.' || name, 'select'))";

// The schema of the receipts is Drydock's too unless something else is in it. $1: their table.
constexpr std::string_view kReceipts = R"(
select r.oid::regclass::text,
       case when not exists (select from pg_class c
                              where c.relnamespace = n.oid and c.oid <> r.oid
                                and c.relkind in ('r', 'p', 'f', 'v', 'm', 'S', 'c'))
             and not exists (select from pg_proc where pronamespace = n.oid)
            then quote_ident(nspname) end
  from pg_class r join pg_namespace n on n.oid = r.relnamespace
 where '"' || replace(nspname, '"', '""') || '".' || relname = $1)";

constexpr std::string_view kRows = R"(
select c.oid::regclass::text,
       greatest(c.reltuples, 0)::bigint + pg_stat_get_xact_tuples_inserted(c.oid)
         - pg_stat_get_xact_tuples_deleted(c.oid)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p') and nspname !~ '^pg_' and nspname <> 'information_schema'
   and '"' || replace(nspname, '"', '""') || '".' || relname <> $1)";

std::string text_of(const sql::Row& row, std::size_t column) {
    const Value value = row.value(column);
    return value.is_null() ? std::string() : to_text(value);
}

class Reading final {
  public:
    explicit Reading(sql::Database& database) : database_(database) {}

    Catalog read(std::set<std::string>& ours) {
        catalog_.database = "postgres";
        database_.run(kPath, {}, sql::Access::Read, [&](const sql::Row& row) {
            catalog_.path.push_back(text_of(row, 0));
            return true;
        });
        database_.run(kCanonicalPath, {}, sql::Access::Read, {});
        find_unreadable();
        for (const auto* areas : {&relation_areas(), &other_areas()}) {
            for (const Area& area : *areas) read(area);
        }
        find_receipts(ours);
        return std::move(catalog_);
    }

  private:
    void find_unreadable() {
        std::string names;
        for (const auto* areas : {&relation_areas(), &other_areas()}) {
            for (const Area& area : *areas) {
                for (const std::string& name : area.tables)
                    names += (names.empty() ? "" : " ") + name;
            }
        }
        database_.run(kUnreadable, {.positional = {names}, .named = {}}, sql::Access::Read,
                      [&](const sql::Row& row) {
                          unreadable_.insert(text_of(row, 0));
                          return true;
                      });
    }

    void read(const Area& area) {
        for (const std::string& table : area.tables) {
            if (!unreadable_.contains(table)) continue;
            catalog_.unread.insert(area.kinds.begin(), area.kinds.end());
            return;
        }
        database_.run(area.query, {}, sql::Access::Read, [&](const sql::Row& row) {
            Object object{.kind = text_of(row, 0),
                          .name = text_of(row, 1),
                          .parent = text_of(row, 2),
                          .facts = {}};
            Value facts = json::parse(text_of(row, 3), {.bytes = std::size_t{64} << 20});
            object.facts = std::move(*facts.find<Value::Map>());
            std::string key = object.kind + " " + object.name;
            catalog_.objects.emplace(std::move(key), std::move(object));
            return true;
        });
    }

    void find_receipts(std::set<std::string>& ours) {
        database_.run(kReceipts, {.positional = {database_.receipts_table()}, .named = {}},
                      sql::Access::Read, [&](const sql::Row& row) {
                          ours.insert("table " + text_of(row, 0));
                          if (!row.value(1).is_null()) ours.insert("schema " + text_of(row, 1));
                          return true;
                      });
    }

    sql::Database& database_;
    std::set<std::string> unreadable_;
    Catalog catalog_;
};

}  // namespace

Catalog look_at_postgres(sql::Database& database, std::set<std::string>& ours) {
    Catalog catalog;
    database.read_together([&] { catalog = Reading(database).read(ours); });
    return catalog;
}

Rows rows_in_postgres(sql::Database& database) {
    Rows rows;
    database.read_together([&] {
        database.run(kCanonicalPath, {}, sql::Access::Read, {});
        database.run(kRows, {.positional = {database.receipts_table()}, .named = {}},
                     sql::Access::Read, [&](const sql::Row& row) {
                         rows.emplace(text_of(row, 0), row.value(1).as<std::int64_t>());
                         return true;
                     });
    });
    return rows;
}

}  // namespace drydock::schema
