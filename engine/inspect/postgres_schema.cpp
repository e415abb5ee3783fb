#include "engine/inspect/postgres_schema.h"

namespace drydock::inspect {
namespace {

// "kind name", then what it is. $1: the schema of the receipts.
constexpr std::string_view kObjects = R"(
with spaces as (
  select oid from pg_namespace
   where nspname !~ '^pg_' and nspname not in ('information_schema', $1)),
rels as (select c.* from pg_class c join spaces s on s.oid = c.relnamespace)
select case relkind when 'f' then 'foreign table ' else 'table ' end || oid::regclass,
       case relpersistence when 'u' then 'unlogged ' else '' end ||
       concat_ws(' ', pg_get_partkeydef(oid), pg_get_expr(relpartbound, oid), reloptions::text)
  from rels where relkind in ('r', 'p', 'f')
union all
select format('column %s.%I', rels.oid::regclass, attname),
       concat(format_type(atttypid, atttypmod), case when attnotnull then ' not null' end,
              case attidentity when 'a' then ' identity always' when 'd' then ' identity' end,
              case when attgenerated <> '' then ' generated ' when atthasdef then ' default ' end,
              pg_get_expr(adbin, adrelid))
  from rels join pg_attribute on attrelid = rels.oid and attnum > 0 and not attisdropped
  left join pg_attrdef on adrelid = attrelid and adnum = attnum
 where relkind in ('r', 'p', 'f')
union all
select 'index ' || i.indexrelid::regclass,
       pg_get_indexdef(i.indexrelid) || case when indisvalid then '' else ' INVALID' end
  from pg_index i join rels on rels.oid = i.indexrelid
union all
select format('constraint %s.%I', conrelid::regclass, conname), pg_get_constraintdef(k.oid)
  from pg_constraint k join rels on rels.oid = k.conrelid
union all
select case relkind when 'v' then 'view ' else 'materialized view ' end || oid::regclass,
       pg_get_viewdef(oid)
  from rels where relkind in ('v', 'm')
union all
select 'sequence ' || seqrelid::regclass,
       format('%s by %s, %s to %s', format_type(seqtypid, null), seqincrement, seqmin, seqmax)
  from pg_sequence join rels on rels.oid = seqrelid
union all
select 'routine ' || p.oid::regprocedure,
       case when prokind in ('f', 'p') then pg_get_functiondef(p.oid) else 'aggregate' end
  from pg_proc p join spaces s on s.oid = p.pronamespace
union all
select format('trigger %s.%I', tgrelid::regclass, tgname), pg_get_triggerdef(t.oid)
  from pg_trigger t join rels on rels.oid = tgrelid where not tgisinternal
union all
select 'enum ' || t.oid::regtype,
       (select string_agg(enumlabel, ', ' order by enumsortorder) from pg_enum
         where enumtypid = t.oid)
  from pg_type t join spaces s on s.oid = t.typnamespace where typtype = 'e'
union all
select 'extension ' || extname, extversion from pg_extension)";

constexpr std::string_view kRows = R"(
select c.oid::regclass::text,
       greatest(c.reltuples, 0)::bigint + pg_stat_get_xact_tuples_inserted(c.oid)
         - pg_stat_get_xact_tuples_deleted(c.oid)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p') and nspname !~ '^pg_'
   and nspname not in ('information_schema', $1))";

}  // namespace

Schema look_at_schema(sql::Database& session, const std::string& receipts) {
    Schema schema;
    const sql::Arguments arguments{.positional = {receipts}, .named = {}};
    session.run(kObjects, arguments, sql::Access::Read, [&](const sql::Row& row) {
        const std::string object = to_text(row.value(0));
        const Value found = row.value(1);
        const std::string text = found.is_null() ? "" : to_text(found);
        // A definition that the server writes as a statement says by itself what it defines.
        schema.objects.emplace(object, text.starts_with("CREATE ") ? text
                                       : text.empty()              ? object
                                                                   : object + " " + text);
        return true;
    });
    session.run(kRows, arguments, sql::Access::Read, [&](const sql::Row& row) {
        schema.rows.emplace(to_text(row.value(0)), row.value(1).as<std::int64_t>());
        return true;
    });
    return schema;
}

}  // namespace drydock::inspect
