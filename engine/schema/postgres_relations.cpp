// What PostgreSQL knows of tables, views, sequences and all that belongs to one of them.

#include "engine/schema/postgres_catalog.h"

namespace drydock::schema {
namespace {

constexpr std::string_view kCommon = R"(
with spaces as (
  select oid, nspname, nspowner, nspacl from pg_namespace
   where nspname !~ '^pg_' and nspname <> 'information_schema'),
members as materialized (
  select classid, objid from pg_depend
   where deptype = 'e' or (deptype = 'i' and refclassid = 'pg_type'::regclass
                           and classid in ('pg_proc'::regclass, 'pg_cast'::regclass))),
rels as materialized (
  select c.*, c.oid::regclass::text as name, 'schema ' || quote_ident(s.nspname) as space,
         case c.relkind when 'f' then 'foreign table ' when 'v' then 'view '
              when 'm' then 'materialized view ' when 'c' then 'type ' when 'S' then 'sequence '
              when 'i' then 'index ' when 'I' then 'index ' else 'table ' end ||
           c.oid::regclass as key
    from pg_class c join spaces s on s.oid = c.relnamespace
   where c.relkind <> 't'
     and not exists (select from members
                      where classid = 'pg_class'::regclass and objid = c.oid)))";

std::string spaces() {
    return with_relations(R"(
select 'schema', quote_ident(nspname), null, jsonb_strip_nulls(jsonb_build_object(
       'owner', pg_get_userbyid(nspowner), 'grants', )" +
                          grants("nspacl", 'n', "nspowner") + R"(,
       'comment', )" + comment("pg_namespace", "s.oid") +
                          R"())::text
  from spaces s
 where not exists (select from members
                    where classid = 'pg_namespace'::regclass and objid = s.oid))");
}

std::string relations() {
    return with_relations(R"(
select left(key, -1 - length(name)), name, space, jsonb_strip_nulls(jsonb_build_object(
       'columns', array(select attname from pg_attribute
                         where attrelid = c.oid and attnum > 0 and not attisdropped
                         order by attnum),
       'unlogged', case relpersistence when 'u' then 'yes' end,
       'partition by', pg_get_partkeydef(c.oid),
       'partition', pg_get_expr(relpartbound, c.oid),
       'parents', (select string_agg(inhparent::regclass::text, ', ' order by inhseqno)
                     from pg_inherits where inhrelid = c.oid),
       'of type', case when reloftype <> 0 then reloftype::regtype::text end,
       'options', (select string_agg(o, ', ' order by o) from unnest(c.reloptions) o),
       'toast options', (select string_agg(o, ', ' order by o)
                           from pg_class t, unnest(t.reloptions) o where t.oid = c.reltoastrelid),
       'access method', (select amname from pg_am where pg_am.oid = c.relam and amname <> 'heap'),
       'tablespace', (select spcname from pg_tablespace where pg_tablespace.oid = c.reltablespace),
       'replica identity', case when relkind in ('r', 'p') then
                             case relreplident when 'f' then 'full' when 'n' then 'nothing'
                                               when 'i' then 'index' end end,
       'row security', case when relrowsecurity and relforcerowsecurity then 'on, forced'
                            when relrowsecurity then 'on'
                            when relforcerowsecurity then 'off, forced' end,
       'server', (select quote_ident(srvname) from pg_foreign_server s
                   where s.oid = f.ftserver),
       'server options', (select string_agg(o, ', ' order by o) from unnest(f.ftoptions) o),
       'definition', case when relkind in ('v', 'm') then pg_get_viewdef(c.oid) end,
       'filled', case when relkind = 'm' and not relispopulated then 'no' end,
       'owner', pg_get_userbyid(relowner),
       'grants', )" + grants("c.relacl", 'r', "c.relowner") +
                          R"(,
       'comment', )" + comment("pg_class", "c.oid") +
                          R"())::text
  from rels c left join pg_foreign_table f on f.ftrelid = c.oid
 where relkind in ('r', 'p', 'f', 'v', 'm', 'c'))");
}

// What only newer servers have is asked for in a form that older ones understand. Some servers
// number in the options when a column was made (Debian's 15.20 does): that says nothing about it.
std::string columns() {
    return with_relations(R"(
select 'column', name || '.' || quote_ident(attname), key, jsonb_strip_nulls(jsonb_build_object(
       'type', format_type(atttypid, atttypmod),
       'collation', case when attcollation <> typcollation then
                      (select o.collname from pg_collation o where o.oid = attcollation) end,
       'not null', case when attnotnull then 'yes' end,
       'default', case when attgenerated = '' then pg_get_expr(adbin, adrelid) end,
       'generated', case when attgenerated <> '' then pg_get_expr(adbin, adrelid) end,
       'identity', case attidentity when 'a' then 'always' when 'd' then 'by default' end,
       'storage', case when attstorage <> typstorage then attstorage end,
       'compression', case when relkind in ('r', 'p', 'm') then
                        nullif(to_jsonb(a)->>'attcompression', '') end,
       'statistics', nullif(attstattarget, -1)::text,
       'options', (select string_agg(o, ', ' order by o) from unnest(attoptions) o
                    where o not like 'pg\_attver=%'),
       'server options', (select string_agg(o, ', ' order by o) from unnest(attfdwoptions) o),
       'inherited', case when not attislocal then 'yes' end,
       'grants', case when attacl is not null then )" +
                          grants("attacl", 'c', "c.relowner") +
                          R"( end,
       'comment', d.description))::text
  from rels c
  join pg_attribute a on attrelid = c.oid and attnum > 0 and not attisdropped
  join pg_type t on t.oid = atttypid
  left join pg_attrdef on adrelid = attrelid and adnum = attnum
  left join pg_description d
    on d.classoid = 'pg_class'::regclass and d.objoid = c.oid and d.objsubid = attnum
 where relkind in ('r', 'p', 'f', 'v', 'm', 'c'))");
}

// That of a constraint goes with it.
std::string indexes() {
    return with_relations(R"(
select 'index', c.name, coalesce(
         (select format('constraint %s.%I', t.name, conname) from pg_constraint k
           where conindid = c.oid and contype in ('p', 'u', 'x') limit 1), t.key),
       jsonb_strip_nulls(jsonb_build_object(
       'definition', pg_get_indexdef(c.oid),
       'state', case when not indisvalid then 'INVALID' when not indisready then 'not ready' end,
       'clustered', case when indisclustered then 'yes' end,
       'replica identity', case when indisreplident then 'yes' end,
       'parents', (select string_agg(inhparent::regclass::text, ', ' order by inhseqno)
                     from pg_inherits where inhrelid = c.oid),
       'statistics', (select string_agg(attnum || ' ' || attstattarget, ', ' order by attnum)
                        from pg_attribute where attrelid = c.oid and attstattarget >= 0),
       'tablespace', (select spcname from pg_tablespace where pg_tablespace.oid = c.reltablespace),
       'comment', )" + comment("pg_class", "c.oid") +
                          R"())::text
  from rels c join pg_index i on i.indexrelid = c.oid join rels t on t.oid = i.indrelid)");
}

// The triggers that check a foreign key may have been switched off with those of its table.
std::string constraints() {
    return with_relations(R"(
select 'constraint', t.name || '.' || quote_ident(conname), t.key,
       jsonb_strip_nulls(jsonb_build_object(
       'definition', pg_get_constraintdef(k.oid),
       'inherited', case when not conislocal then 'yes' end,
       'triggers', (select string_agg(distinct case tgenabled when 'D' then 'disabled'
                                      when 'A' then 'always' else 'replica' end, ', ')
                      from pg_trigger where tgconstraint = k.oid and tgisinternal
                       and tgenabled <> 'O'),
       'comment', )" + comment("pg_constraint", "k.oid") +
                          R"())::text
  from pg_constraint k join rels t on t.oid = k.conrelid
 where contype <> 'n')");
}

std::string sequences() {
    return with_relations(R"(
select 'sequence', c.name, coalesce(t.key, c.space), jsonb_strip_nulls(jsonb_build_object(
       'type', format_type(seqtypid, null), 'start', seqstart::text, 'increment', seqincrement::text,
       'minimum', seqmin::text, 'maximum', seqmax::text, 'cache', nullif(seqcache, 1)::text,
       'cycle', case when seqcycle then 'yes' end,
       'owned by', t.name || '.' || quote_ident(attname),
       'unlogged', case c.relpersistence when 'u' then 'yes' end,
       'owner', pg_get_userbyid(c.relowner),
       'grants', )" + grants("c.relacl", 's', "c.relowner") +
                          R"(,
       'comment', )" + comment("pg_class", "c.oid") +
                          R"())::text
  from rels c join pg_sequence q on q.seqrelid = c.oid
  left join (pg_depend d join rels t on t.oid = d.refobjid
             join pg_attribute on attrelid = t.oid and attnum = d.refobjsubid)
    on d.classid = 'pg_class'::regclass and d.objid = c.oid
   and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i'))");
}

std::string triggers() {
    return with_relations(R"(
select 'trigger', c.name || '.' || quote_ident(tgname), c.key,
       jsonb_strip_nulls(jsonb_build_object(
       'definition', pg_get_triggerdef(t.oid),
       'enabled', case tgenabled when 'D' then 'no' when 'R' then 'replica' when 'A' then 'always' end,
       'comment', )" + comment("pg_trigger", "t.oid") +
                          R"())::text
  from pg_trigger t join rels c on c.oid = tgrelid where not tgisinternal)");
}

std::string rules() {
    return with_relations(R"(
select 'rule', c.name || '.' || quote_ident(rulename), c.key,
       jsonb_strip_nulls(jsonb_build_object(
       'definition', pg_get_ruledef(r.oid),
       'enabled', case ev_enabled when 'D' then 'no' when 'R' then 'replica' when 'A' then 'always' end,
       'comment', )" + comment("pg_rewrite", "r.oid") +
                          R"())::text
  from pg_rewrite r join rels c on c.oid = ev_class where rulename <> '_RETURN')");
}

std::string policies() {
    return with_relations(R"(
select 'policy', c.name || '.' || quote_ident(polname), c.key,
       jsonb_strip_nulls(jsonb_build_object(
       'for', case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
                          when 'd' then 'delete' end,
       'restrictive', case when not polpermissive then 'yes' end,
       'to', (select string_agg(case role when 0 then 'public' else pg_get_userbyid(role)::text end,
                                ', ' order by role::regrole::text) from unnest(polroles) role),
       'using', pg_get_expr(polqual, polrelid),
       'with check', pg_get_expr(polwithcheck, polrelid),
       'comment', )" + comment("pg_policy", "p.oid") +
                          R"())::text
  from pg_policy p join rels c on c.oid = polrelid)");
}

}  // namespace

std::string with_relations(std::string_view rest) {
    return std::string(kCommon) + std::string(rest);
}

std::string comment(std::string_view of, std::string_view oid, std::string_view column) {
    return "(select description from pg_description where classoid = '" + std::string(of) +
           "'::regclass and objoid = " + std::string(oid) +
           " and objsubid = " + std::string(column) + ")";
}

std::string grants(std::string_view acl, char kind, std::string_view owner) {
    const std::string sorted = R"(array(select g::text collate "C" from unnest()";
    const std::string given(acl);
    return "case when " + given +
           " is not null then (select coalesce(nullif(array_to_string(a, "
           "', '), ''), 'none') from (select nullif(" +
           sorted + given + ") g order by 1), " + sorted + "acldefault('" + kind + "', " +
           std::string(owner) + ")) g order by 1)) as a) s where a is not null) end";
}

const std::vector<Area>& relation_areas() {
    static const std::vector<Area> kAreas{
        {{"schema"}, {}, spaces()},
        {{"table", "foreign table", "view", "materialized view", "type"},
         {"pg_attribute", "pg_inherits", "pg_foreign_table", "pg_foreign_server"},
         relations()},
        {{"column"}, {"pg_attribute", "pg_attrdef", "pg_type"}, columns()},
        {{"index"}, {"pg_index", "pg_constraint", "pg_attribute"}, indexes()},
        {{"constraint"}, {"pg_constraint", "pg_trigger"}, constraints()},
        {{"sequence"}, {"pg_sequence", "pg_depend", "pg_attribute"}, sequences()},
        {{"trigger"}, {"pg_trigger"}, triggers()},
        {{"rule"}, {"pg_rewrite"}, rules()},
        {{"policy"}, {"pg_policy"}, policies()},
    };
    return kAreas;
}

}  // namespace drydock::schema
