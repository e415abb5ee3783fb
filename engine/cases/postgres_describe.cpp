#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "engine/cases/postgres_places.h"

namespace drydock::cases {
namespace {

using postgres::Connection;
using postgres::ResultRow;

// What is a part of the server itself or of an extension is not what a run has left. $1: the
// schemas of receipts and records of migrations.
constexpr std::string_view kOurs = R"(
with spaces as (
  select oid, nspname, nspacl, pg_get_userbyid(nspowner) as owner from pg_namespace
   where nspname !~ '^pg_' and nspname <> 'information_schema'),
members as (select classid, objid from pg_depend where deptype = 'e'),
rels as (
  select c.*, format('%I.%I', s.nspname, c.relname) as name
    from pg_class c join spaces s on s.oid = c.relnamespace
   where not (s.nspname = any ($1::text[]) and (
                c.relname in ('receipts', 'migrations', 'migrations_id_seq') or exists (
                select from pg_index i join pg_class t on t.oid = i.indrelid
                 where i.indexrelid = c.oid and t.relname in ('receipts', 'migrations'))))
     and not exists (select from members where classid = 'pg_class'::regclass and objid = c.oid)),
routines as (
  select p.*, format('%I.%I', s.nspname, p.proname) as name
    from pg_proc p join spaces s on s.oid = p.pronamespace
   where not exists (select from members where classid = 'pg_proc'::regclass and objid = p.oid)),
kinds as (
  select t.*, format('%I.%I', s.nspname, t.typname) as name
    from pg_type t join spaces s on s.oid = t.typnamespace
   where t.typtype in ('e', 'd')
     and not exists (select from members where classid = 'pg_type'::regclass and objid = t.oid))
)";

constexpr std::string_view kSchema = R"(
select format('schema %I of %s %s', nspname, owner, nspacl) from spaces
 where not nspname = any ($1::text[])
union all
select format('extension %I %s', extname, extversion) from pg_extension where extname <> 'plpgsql'
union all
select format('%s %s of %s (%s) %s %s %s', 
              case relkind when 'c' then 'type' when 'f' then 'foreign table'
                           else case relpersistence when 'u' then 'unlogged ' else '' end || 'table'
              end, name, pg_get_userbyid(relowner),
              (select string_agg(format('%I %s%s%s%s', attname, format_type(atttypid, atttypmod),
                        case when attnotnull then ' not null' else '' end,
                        case attidentity when 'a' then ' identity always'
                                         when 'd' then ' identity' else '' end,
                        case when atthasdef then
                          case attgenerated when '' then ' default ' else ' generated ' end ||
                            pg_get_expr(adbin, adrelid)
                        else '' end), ', ' order by attnum)
                 from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
                where attrelid = rels.oid and attnum > 0 and not attisdropped),
              pg_get_partkeydef(oid), pg_get_expr(relpartbound, oid),
              concat(reloptions::text, relacl::text,
                     case when relrowsecurity then ' row security' else '' end))
  from rels where relkind in ('r', 'p', 'c', 'f')
union all
select pg_get_indexdef(i.indexrelid) || case when indisvalid then '' else ' INVALID' end
  from pg_index i join rels on rels.oid = i.indexrelid
union all
select format('constraint %I of %s: %s', conname, name, pg_get_constraintdef(k.oid))
  from pg_constraint k join rels on rels.oid = k.conrelid
union all
select format('sequence %s of %s: %s from %s by %s, %s to %s%s', name, pg_get_userbyid(relowner),
              format_type(seqtypid, null), seqstart, seqincrement, seqmin, seqmax,
              case when seqcycle then ' cycle' else '' end)
  from pg_sequence join rels on rels.oid = seqrelid
union all
select format('%s %s of %s: %s %s',
              case relkind when 'v' then 'view' else 'materialized view' end, name,
              pg_get_userbyid(relowner), pg_get_viewdef(oid), relacl)
  from rels where relkind in ('v', 'm')
union all
select case when prokind in ('f', 'p') then pg_get_functiondef(oid)
       else format('%s(%s)', name, pg_get_function_arguments(oid)) end ||
       concat(' of ', pg_get_userbyid(proowner), ' ', proacl::text)
  from routines
union all
select concat(pg_get_triggerdef(t.oid), ' ', tgenabled)
  from pg_trigger t join rels on rels.oid = tgrelid where not tgisinternal
union all
select format('policy %I of %s: %s %s %s %s', polname, name, polcmd, polroles::regrole[],
              pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
  from pg_policy join rels on rels.oid = polrelid
union all
select format('enum %s: %s', name,
              (select string_agg(enumlabel, ', ' order by enumsortorder)
                 from pg_enum where enumtypid = kinds.oid))
  from kinds where typtype = 'e'
union all
select format('domain %s: %s %s', name, format_type(typbasetype, typtypmod),
              (select string_agg(pg_get_constraintdef(oid), ' ' order by conname)
                 from pg_constraint where contypid = kinds.oid))
  from kinds where typtype = 'd'
)";

// Of each table with rows: its columns in order, and what is to be known of their values.
constexpr std::string_view kColumns = R"(
select rels.oid, name, a.attname,
       attidentity <> '' or coalesce(pg_get_expr(adbin, adrelid), '') like 'nextval(%',
       coalesce(pg_get_expr(adbin, adrelid), '') ~ '(gen_random_uuid|uuid_generate_v[14])',
       atttypid in ('timestamp'::regtype, 'timestamptz'::regtype),
       k.confrelid, k.attname
  from rels join pg_attribute a on attrelid = rels.oid and attnum > 0 and not attisdropped
  left join pg_attrdef on adrelid = attrelid and adnum = attnum
  left join lateral (
    select confrelid, f.attname
      from pg_constraint join pg_attribute f on f.attrelid = confrelid and f.attnum = confkey[1]
     where contype = 'f' and conrelid = rels.oid and conkey = array[a.attnum]
     order by conname limit 1) k on true
 where relkind in ('r', 'm')
 order by name, attnum)";

constexpr std::string_view kRoles = R"(
select format('role %I%s%s%s%s%s', rolname, case when rolsuper then ' superuser' else '' end,
              case when rolcreaterole then ' createrole' else '' end,
              case when rolcreatedb then ' createdb' else '' end,
              case when rolcanlogin then ' login' else '' end,
              (select ' in ' || string_agg(quote_ident(g.rolname), ', ' order by g.rolname)
                 from pg_auth_members m join pg_roles g on g.oid = m.roleid
                where m.member = r.oid))
  from pg_roles r where rolname !~ '^pg_')";

struct Column {
    std::string name;
    bool numbered = false;  // by a sequence
    bool random = false;
    bool time = false;
    std::string to_table, to_column;  // oid, name: what it refers to
};
struct Table {
    std::string name;  // as SQL wants it
    std::vector<Column> columns;
};

std::string text_at(const ResultRow& row, std::size_t column) {
    return row.is_null(column) ? std::string() : std::string(row.text(column));
}

class Database final {
  public:
    Database(const PrivatePostgres& server, std::string name, std::string receipts,
             const DuringCase& during)
        : name_(std::move(name)),
          receipts_(std::move(receipts)),
          during_(during),
          connection_(server.connect(name_)) {}

    void describe(std::vector<std::string>& lines) {
        // Names in definitions are then written whole.
        connection_->exec("set search_path = ''; set timezone = 'UTC'");
        std::vector<std::string> schema;
        ask(std::string(kOurs) + std::string(kSchema), [&](const ResultRow& row) {
            schema.push_back("postgres " + name_ + ": " + text_at(row, 0));
        });
        std::ranges::sort(schema);
        lines.insert(lines.end(), schema.begin(), schema.end());
        read_columns();
        for (const auto& [oid, table] : tables_) describe_rows(table, lines);
    }

  private:
    template <class Each>
    void ask(const std::string& query, const Each& each) {
        connection_->run(query, {receipts_}, {}, [&](const ResultRow& row) {
            each(row);
            return true;
        });
    }

    void read_columns() {
        ask(std::string(kOurs) + std::string(kColumns), [&](const ResultRow& row) {
            Table& table = tables_[text_at(row, 0)];
            table.name = text_at(row, 1);
            table.columns.push_back({.name = text_at(row, 2),
                                     .numbered = row.text(3) == "t",
                                     .random = row.text(4) == "t",
                                     .time = row.text(5) == "t",
                                     .to_table = text_at(row, 6),
                                     .to_column = text_at(row, 7)});
        });
    }

    // The column that the values of this one come from: itself, or what it refers to in the end.
    struct Source {
        const Table* table;
        const Column* column;
    };
    [[nodiscard]] Source source_of(const Table& table, const Column& column) const {
        Source at{&table, &column};
        for (std::set<const Column*> seen; seen.insert(at.column).second;) {
            const auto next = tables_.find(at.column->to_table);
            if (at.column->numbered || next == tables_.end()) break;
            const auto found =
                std::ranges::find(next->second.columns, at.column->to_column, &Column::name);
            if (found == next->second.columns.end()) break;
            at = {&next->second, &*found};
        }
        return at;
    }

    // The columns of a query that reads a table, and what it reads besides.
    struct Query {
        std::string columns, ranks, joins;
    };
    void add_column(Query& query, const Table& table, const Column& column) const {
        const Source source = source_of(table, column);
        const std::string value = "t." + quoted(column.name);
        if (!query.columns.empty()) query.columns += ", ";
        if (source.column->numbered) {
            // The rank among all that the sequence gave, also of a row that refers to it.
            const std::string rank = "r" + std::to_string(query.ranks.size());
            query.ranks += fmt::format(
                "{} {} as (select {} as id, dense_rank() over (order by {}) as n"
                " from {} group by 1)",
                query.ranks.empty() ? "with" : ",", rank, quoted(source.column->name),
                quoted(source.column->name), source.table->name);
            query.joins += fmt::format(" left join {} on {}.id = {}", rank, rank, value);
            query.columns += fmt::format("'the ' || {}.n || '.'", rank);
        } else if (source.column->random) {
            query.columns += fmt::format("case when {} is not null then 'random' end", value);
        } else if (column.time) {
            query.columns += fmt::format(
                "case when {0} between to_timestamp({1}) and to_timestamp({2})"
                " then 'during the case' else {0}::text end",
                value, seconds(during_.from), seconds(during_.to));
        } else {
            query.columns += value + "::text";
        }
    }
    static std::string seconds(Timestamp time) {
        return std::to_string(time.micros) + " / 1000000.0";
    }

    void describe_rows(const Table& table, std::vector<std::string>& lines) {
        Query query;
        for (const Column& column : table.columns) add_column(query, table, column);
        std::vector<std::string> rows;
        connection_->run(
            query.ranks + " select " + query.columns + " from only " + table.name + " t" +
                query.joins,
            {}, {}, [&](const ResultRow& row) {
                std::string line = "postgres " + name_ + "." + table.name + ":";
                for (std::size_t i = 0; i < row.size(); ++i)
                    line += " " + table.columns[i].name +
                            (row.is_null(i) ? " null" : " = " + std::string(row.text(i))) + ",";
                rows.push_back(std::move(line));
                return true;
            });
        std::ranges::sort(rows);
        lines.insert(lines.end(), rows.begin(), rows.end());
    }

    [[nodiscard]] std::string quoted(const std::string& name) const {
        return connection_->quoted_identifier(name);
    }

    std::string name_, receipts_;
    DuringCase during_;
    std::unique_ptr<Connection> connection_;
    std::map<std::string, Table> tables_;  // by oid
};

// {"a","b"}: an array of the server.
std::string schemas_with_receipts(const PostgresPlaces& places) {
    std::set<std::string> names;
    for (const auto& [name, place] : places) names.insert(place.receipts);
    std::string array = "{";
    for (const std::string& name : names) {
        array += array.size() > 1 ? ",\"" : "\"";
        for (const char c : name) {
            if (c == '"' || c == '\\') array += '\\';
            array += c;
        }
        array += '"';
    }
    return array + "}";
}

}  // namespace

std::vector<std::string> describe_postgres(const PrivatePostgres& server,
                                           const PostgresPlaces& places, const DuringCase& during) {
    std::vector<std::string> lines, databases;
    {
        const auto connection = server.connect("template1");
        const auto into = [](std::vector<std::string>& texts) {
            return [&texts](const ResultRow& row) {
                texts.emplace_back(row.text(0));
                return true;
            };
        };
        connection->run(std::string(kRoles) + " order by rolname", {}, {}, into(lines));
        connection->run(
            "select 'postgres ' || database || ': prepared transaction ' || gid"
            "  from pg_prepared_xacts order by 1",
            {}, {}, into(lines));
        // Those that came with the cluster nobody has been in.
        connection->run(
            "select datname from pg_database"
            " where not datistemplate and oid >= 16384 order by 1",
            {}, {}, into(databases));
    }
    server.end_prepared();  // else what they have locked could not be read
    const std::string receipts = schemas_with_receipts(places);
    for (const std::string& database : databases)
        Database(server, database, receipts, during).describe(lines);
    return lines;
}

}  // namespace drydock::cases
