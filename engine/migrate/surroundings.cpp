#include "engine/migrate/surroundings.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "engine/error.h"
#include "engine/migrate/run_script.h"

namespace drydock::migrate {
namespace {

// Names as Deed has them: without quotes, and without the schema `public`.
// {} is the size. Rows are -1 where nobody has counted them yet.
constexpr std::string_view kPostgresSizes = R"(
select case nspname when 'public' then '' else nspname || '.' end || relname,
       reltuples::bigint, {}
  from pg_class c join pg_namespace n on n.oid = relnamespace
 where relkind in ('r', 'm') and nspname !~ '^pg_' and nspname <> 'information_schema')";

constexpr std::string_view kSizeNow = "pg_total_relation_size(c.oid)";
// As of the last vacuum or analyze. It waits for nobody's lock.
constexpr std::string_view kSizeLately =
    "relpages::bigint * current_setting('block_size')::bigint";

constexpr std::string_view kPostgresIndexes = R"(
select case ni.nspname when 'public' then '' else ni.nspname || '.' end || i.relname,
       case nt.nspname when 'public' then '' else nt.nspname || '.' end || t.relname
  from pg_index x join pg_class i on i.oid = indexrelid join pg_class t on t.oid = indrelid
  join pg_namespace ni on ni.oid = i.relnamespace join pg_namespace nt on nt.oid = t.relnamespace
 where ni.nspname !~ '^pg_')";

constexpr std::string_view kPostgresForeignKeys = R"(
select case nt.nspname when 'public' then '' else nt.nspname || '.' end || t.relname, conname,
       case nr.nspname when 'public' then '' else nr.nspname || '.' end || r.relname, attname
  from pg_constraint x join pg_class t on t.oid = conrelid join pg_class r on r.oid = confrelid
  join pg_namespace nt on nt.oid = t.relnamespace join pg_namespace nr on nr.oid = r.relnamespace
  join pg_attribute a on a.attrelid = conrelid and a.attnum = any (conkey)
 where contype = 'f' and conrelid <> confrelid
 order by x.oid)";

constexpr std::string_view kPostgresLocks = R"(
select case nspname when 'public' then '' else nspname || '.' end || relname, l.mode, l.pid,
       coalesce(usename, ''), coalesce(application_name, ''), coalesce(a.state, ''),
       coalesce(extract(epoch from clock_timestamp() - coalesce(xact_start, query_start)), 0)::bigint,
       coalesce(left(regexp_replace(query, '\s+', ' ', 'g'), 100), '')
  from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = relnamespace
  join pg_stat_activity a on a.pid = l.pid
 where l.granted and l.locktype = 'relation' and l.pid <> pg_backend_pid()
   and l.database = (select oid from pg_database where datname = current_database())
 order by l.pid, 1)";

constexpr std::string_view kSqliteTables =
    "select name from sqlite_schema where type = 'table' and rootpage > 0 "
    "and name not like 'sqlite\\_%' escape '\\'";
constexpr std::string_view kSqliteFileBytes =
    "select page_count * page_size from pragma_page_count, pragma_page_size";
constexpr std::string_view kSqliteBytes =
    "select name, pgsize from dbstat where aggregate = true";
constexpr std::string_view kSqliteRowid = "select max(rowid) from ";
constexpr std::string_view kSqliteAny = "select count(*) from (select 1 from ";
// Sizes of tables are found by reading the file: of a larger one they are not told.
constexpr std::int64_t kLargestRead = 1 << 30;

void each(sql::Database& database, std::string_view query,
          const std::function<void(const sql::Row&)>& see) {
    database.each(query, {}, [&](const sql::Row& row) {
        see(row);
        return true;
    });
}

std::string text(const sql::Row& row, std::size_t column) { return to_text(row.value(column)); }
std::int64_t number(const sql::Row& row, std::size_t column) {
    return row.value(column).as<std::int64_t>();
}

std::string quoted_name(const std::string& name) {
    std::string written = "\"";
    for (const char c : name) written += c == '"' ? "\"\"" : std::string(1, c);
    return written + "\"";
}

Surroundings look_at_postgres(sql::Database& database) {
    Surroundings found;
    found.server_version = database.server_version();
    const auto look_at_sizes = [&](std::string_view size) {
        std::string query(kPostgresSizes);
        query.replace(query.find("{}"), 2, size);
        each(database, query, [&](const sql::Row& row) {
            found.sizes[text(row, 0)] = {.rows = number(row, 1), .bytes = number(row, 2)};
        });
    };
    try {
        look_at_sizes(kSizeNow);
    } catch (const Error& error) {
        if (error.code_text() != kLockNotAvailable) throw;
        look_at_sizes(kSizeLately);
    }
    each(database, kPostgresIndexes,
         [&](const sql::Row& row) { found.tables_of_indexes[text(row, 0)] = text(row, 1); });
    each(database, kPostgresForeignKeys, [&](const sql::Row& row) {
        auto& keys = found.foreign_keys;
        const bool same = !keys.empty() && keys.back().table == text(row, 0) &&
                          keys.back().name == text(row, 1);
        if (!same) keys.push_back({text(row, 0), text(row, 1), {}, text(row, 2)});
        keys.back().columns.insert(text(row, 3));
    });
    return found;
}

// The largest rowid is an estimate that costs nothing; a table WITHOUT ROWID has none.
std::int64_t rows_of(sql::Database& database, const std::string& table) {
    std::int64_t rows = 0;
    const auto ask = [&](const std::string& query) {
        each(database, query, [&](const sql::Row& row) {
            if (!row.value(0).is_null()) rows = number(row, 0);
        });
    };
    ask(std::string(kSqliteAny) + quoted_name(table) + " limit 1)");
    if (rows == 0) return 0;
    try {
        ask(std::string(kSqliteRowid) + quoted_name(table));
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Sql) throw;
    }
    return std::max<std::int64_t>(rows, 1);
}

Surroundings look_at_sqlite(sql::Database& database) {
    Surroundings found;
    found.server_version = database.server_version();
    std::vector<std::string> tables;
    each(database, kSqliteTables, [&](const sql::Row& row) { tables.push_back(text(row, 0)); });
    std::int64_t bytes = 0;
    each(database, kSqliteFileBytes, [&](const sql::Row& row) { bytes = number(row, 0); });
    found.file_bytes = bytes;
    std::map<std::string, std::int64_t, std::less<>> sizes;
    if (bytes <= kLargestRead) {
        each(database, kSqliteBytes,
             [&](const sql::Row& row) { sizes[text(row, 0)] = number(row, 1); });
    }
    for (const std::string& table : tables) {
        const std::int64_t rows = rows_of(database, table);
        const auto size = sizes.find(table);
        if (rows == 0) found.sizes[table] = {.rows = 0, .bytes = 0};
        else if (size != sizes.end()) found.sizes[table] = {.rows = rows, .bytes = size->second};
    }
    return found;
}

struct Held {
    std::string table;
    LockMode mode = LockMode::AccessShare;
    Blocker by;
};

std::vector<Held> held_by_others(sql::Database& database) {
    std::vector<Held> all;
    each(database, kPostgresLocks, [&](const sql::Row& row) {
        const LockMode mode = lock_mode_from(text(row, 1));
        all.push_back({.table = text(row, 0),
                       .mode = mode,
                       .by = {.file = {},
                              .place = {},
                              .table = text(row, 0),
                              .held = mode,
                              .pid = number(row, 2),
                              .user = text(row, 3),
                              .application = text(row, 4),
                              .state = text(row, 5),
                              .seconds = number(row, 6),
                              .query = text(row, 7)}});
    });
    return all;
}

}  // namespace

Surroundings look_around(sql::Database& database) {
    return database.dialect() == sql::Dialect::Postgres ? look_at_postgres(database)
                                                        : look_at_sqlite(database);
}

std::vector<Blocker> blockers_of(const Plan& plan, sql::Database& database) {
    std::vector<Blocker> found;
    if (database.dialect() != sql::Dialect::Postgres) return found;
    const std::vector<Held> held = held_by_others(database);
    std::set<std::pair<std::int64_t, std::string>> told;
    const auto look = [&](const PlannedMigration& migration, const PlannedStatement& statement) {
        for (const TableLock& lock : statement.locks) {
            for (const Held& one : held) {
                if (one.table != lock.table || !conflict(lock.mode, one.mode)) continue;
                if (!told.emplace(one.by.pid, one.table).second) continue;
                Blocker& blocker = found.emplace_back(one.by);
                blocker.file = migration.file;
                blocker.place = statement.place;
                blocker.wanted = lock.mode;
            }
        }
    };
    for (const PlannedMigration& migration : plan.migrations) {
        for (const PlannedPiece& piece : migration.pieces) {
            for (const PlannedStatement& statement : piece.statements) look(migration, statement);
        }
    }
    return found;
}

}  // namespace drydock::migrate
