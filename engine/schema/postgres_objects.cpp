// What PostgreSQL knows besides relations: routines, types, extensions, and the rare kinds.

#include <fmt/core.h>

#include "engine/schema/postgres_catalog.h"

namespace drydock::schema {
namespace {

// A query of one kind: `kind`, the SQL of the name and of the pairs of facts, from `from`. The
// owner and the comment are among the facts where `owner` and `table` say whose.
struct Kind {
    std::string_view kind;
    std::string_view name;
    std::string_view facts;
    std::string_view from;   // its row is x
    std::string_view table;  // of the catalog
    std::string_view space;  // the SQL of its schema's oid; empty: it lives in none
    std::string_view owner;  // the column; empty: nobody owns it
};

std::string query_of(const Kind& one) {
    std::string facts(one.facts);
    if (!one.owner.empty()) facts += fmt::format(", 'owner', pg_get_userbyid(x.{})", one.owner);
    facts += ", 'comment', " + comment(one.table, "x.oid");
    const bool placed = !one.space.empty();
    return with_relations(fmt::format(
        "\nselect '{}', {}, {}, jsonb_strip_nulls(jsonb_build_object({}))::text\n  from {}{}\n"
        " where not exists (select from members where classid = '{}'::regclass and objid = x.oid)"
        "{}",
        one.kind, one.name, placed ? "'schema ' || quote_ident(s.nspname)" : "null", facts,
        one.from, placed ? fmt::format(" join spaces s on s.oid = x.{}", one.space) : "", one.table,
        // What initdb made has an oid below that of the first user's object.
        placed ? "" : " and x.oid >= 16384"));
}

// A name in a schema that is not searched stands with it; quoted, as the server writes others.
constexpr std::string_view kPlacedName =
    "case when s.nspname = 'public' then '' else quote_ident(s.nspname) || '.' end || ";

std::string placed(std::string_view column) {
    return std::string(kPlacedName) + "quote_ident(x." + std::string(column) + ")";
}

// The transition functions of an aggregate are all that there is of it.
std::string routines() {
    return query_of({.kind = "routine",
                     .name = "x.oid::regprocedure::text",
                     .facts = R"(
       'definition', case when prokind <> 'a' then pg_get_functiondef(x.oid) end,
       'aggregate', (select concat_ws(' ', aggtransfn::regproc, aggtranstype::regtype,
                       'final', nullif(aggfinalfn, 0)::regproc, 'initial', agginitval,
                       'combine', nullif(aggcombinefn, 0)::regproc,
                       'moving', nullif(aggmtransfn, 0)::regproc, aggkind, aggfinalmodify)
                       from pg_aggregate where aggfnoid = x.oid),
       'returns', case when prokind = 'a' then pg_get_function_result(x.oid) end,
       'parallel', case when prokind = 'a' then nullif(proparallel, 'u') end,
       'grants', )" + grants("proacl", 'f', "proowner"),
                     .from = "pg_proc x",
                     .table = "pg_proc",
                     .space = "pronamespace",
                     .owner = "proowner"});
}

// Those that the server makes beside another one, of rows, arrays and multiranges, say nothing new.
std::string types() {
    return query_of({.kind = "type",
                     .name = "x.oid::regtype::text",
                     .facts = R"(
       'labels', (select string_agg(quote_literal(enumlabel), ', ' order by enumsortorder)
                    from pg_enum where enumtypid = x.oid),
       'type', case typtype when 'd' then format_type(typbasetype, typtypmod) end,
       'not null', case when typnotnull then 'yes' end,
       'default', typdefault,
       'collation', case when typtype = 'd' then
                      (select collname from pg_collation c, pg_type b
                        where b.oid = x.typbasetype and c.oid = x.typcollation
                          and b.typcollation <> c.oid) end,
       'range', (select concat_ws(' ', 'of', rngsubtype::regtype, 'order', opcname,
                          'collation', collname, 'canonical', nullif(rngcanonical, 0)::regproc,
                          'difference', nullif(rngsubdiff, 0)::regproc)
                   from pg_range r left join pg_opclass o on o.oid = rngsubopc
                   left join pg_collation c on c.oid = rngcollation where rngtypid = x.oid),
       'base', case typtype when 'b' then concat_ws(' ', typinput, typoutput, typlen, typbyval,
                      typalign, typstorage, typcategory, typdelim) end,
       'shell', case when not typisdefined then 'yes' end,
       'grants', )" + grants("typacl", 'T', "typowner"),
                     .from = "pg_type x",
                     .table = "pg_type",
                     .space = "typnamespace",
                     .owner = "typowner"}) +
           R"( and typtype in ('e', 'd', 'r', 'b', 'p')
   and not exists (select from pg_type e where e.typarray = x.oid))";
}

std::string domain_constraints() {
    return with_relations(R"(
select 'constraint', contypid::regtype || '.' || quote_ident(conname), 'type ' || contypid::regtype,
       jsonb_strip_nulls(jsonb_build_object('definition', pg_get_constraintdef(k.oid),
       'comment', )" + comment("pg_constraint", "k.oid") +
                          R"())::text
  from pg_constraint k join pg_type t on t.oid = contypid join spaces s on s.oid = typnamespace
 where contype <> 'n' and not exists (
         select from members where classid = 'pg_type'::regclass and objid = t.oid))");
}

// Its comment comes with its files, and what it made is its own.
constexpr std::string_view kExtensions = R"(
select 'extension', quote_ident(extname), null, jsonb_build_object(
       'version', extversion, 'schema', nspname)::text
  from pg_extension x join pg_namespace n on n.oid = extnamespace)";

// Options may hold passwords, and only the server may tell them.
constexpr std::string_view kUserMappings = R"(
select 'user mapping', quote_ident(usename) || ' on ' || quote_ident(srvname),
       'server ' || quote_ident(srvname), '{}'
  from pg_user_mappings)";

constexpr std::string_view kSubscriptions = R"(
select 'subscription', quote_ident(subname), null, jsonb_strip_nulls(jsonb_build_object(
       'enabled', subenabled::text, 'slot', subslotname,
       'publications', array_to_string(subpublications, ', '),
       'owner', pg_get_userbyid(subowner)))::text
  from pg_subscription where subdbid =
       (select oid from pg_database where datname = current_database()))";

// Sorted, because their order is that in which they were given.
constexpr std::string_view kDefaultPrivileges = R"(
select 'default privileges', concat_ws(' ', quote_ident(pg_get_userbyid(defaclrole)),
         case defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'routines'
              when 'T' then 'types' when 'n' then 'schemas' else defaclobjtype::text end,
         'in ' || quote_ident(nspname)), 'schema ' || quote_ident(nspname),
       jsonb_build_object('grants', (select coalesce(string_agg(g::text, ', '
                            order by g::text collate "C"), 'none') from unnest(defaclacl) g))::text
  from pg_default_acl left join pg_namespace n on n.oid = defaclnamespace)";

std::vector<Area> rare_areas() {
    const std::string operators = R"('definition', concat_ws(' ', x.oprcode, 'returns',
         x.oprresult::regtype, 'commutator', nullif(x.oprcom, 0)::regoperator,
         'negator', nullif(x.oprnegate, 0)::regoperator, 'restrict', nullif(x.oprrest, 0)::regproc,
         'join', nullif(x.oprjoin, 0)::regproc, case when x.oprcanhash then 'hashes' end,
         case when x.oprcanmerge then 'merges' end))";
    const std::string families = R"('operators', (select string_agg(concat_ws(' ', amopstrategy,
           amopopr::regoperator), ', ' order by amopstrategy, amopopr::regoperator::text)
           from pg_amop where amopfamily = x.oid),
         'functions', (select string_agg(concat_ws(' ', amprocnum, amproc::regprocedure), ', '
           order by amprocnum, amproc::regprocedure::text) from pg_amproc
           where amprocfamily = x.oid))";
    const std::string method =
        " || ' using ' || (select quote_ident(amname) from pg_am a where a.oid = x.";
    return {
        {{"operator"},
         {"pg_operator"},
         query_of({"operator", "x.oid::regoperator::text", operators, "pg_operator x",
                   "pg_operator", "oprnamespace", "oprowner"})},
        {{"operator family"},
         {"pg_opfamily", "pg_amop", "pg_amproc", "pg_am"},
         query_of({"operator family", placed("opfname") + method + "opfmethod)", families,
                   "pg_opfamily x", "pg_opfamily", "opfnamespace", "opfowner"})},
        {{"operator class"},
         {"pg_opclass", "pg_am"},
         query_of({"operator class", placed("opcname") + method + "opcmethod)",
                   "'definition', concat_ws(' ', 'for', x.opcintype::regtype, "
                   "case when x.opcdefault then 'default' end, "
                   "'storage', nullif(x.opckeytype, 0)::regtype)",
                   "pg_opclass x", "pg_opclass", "opcnamespace", "opcowner"})},
        {{"cast"},
         {"pg_cast"},
         query_of({"cast", "concat_ws(' ', castsource::regtype, 'as', casttarget::regtype)",
                   "'definition', concat_ws(' ', castmethod, castcontext, "
                   "nullif(castfunc, 0)::regprocedure)",
                   "pg_cast x", "pg_cast", "", ""})},
        {{"language"},
         {"pg_language"},
         query_of({"language", "quote_ident(lanname)",
                   "'trusted', lanpltrusted::text, 'grants', " + grants("lanacl", 'l', "lanowner"),
                   "pg_language x", "pg_language", "", "lanowner"})},
        {{"text search configuration"},
         {"pg_ts_config", "pg_ts_config_map", "pg_ts_dict", "pg_ts_parser"},
         query_of({"text search configuration", placed("cfgname"),
                   "'parser', (select prsname from pg_ts_parser p where p.oid = cfgparser), "
                   "'mapping', (select string_agg(concat_ws(' ', maptokentype, "
                   "mapdict::regdictionary), ', ' order by maptokentype, mapseqno) "
                   "from pg_ts_config_map where mapcfg = x.oid)",
                   "pg_ts_config x", "pg_ts_config", "cfgnamespace", "cfgowner"})},
        {{"text search dictionary"},
         {"pg_ts_dict", "pg_ts_template"},
         query_of({"text search dictionary", placed("dictname"),
                   "'template', (select tmplname from pg_ts_template t where t.oid = dicttemplate),"
                   " 'options', dictinitoption",
                   "pg_ts_dict x", "pg_ts_dict", "dictnamespace", "dictowner"})},
        {{"conversion"},
         {"pg_conversion"},
         query_of({"conversion", placed("conname"),
                   "'definition', concat_ws(' ', pg_encoding_to_char(conforencoding), 'to', "
                   "pg_encoding_to_char(contoencoding), conproc, case when condefault then "
                   "'default' end)",
                   "pg_conversion x", "pg_conversion", "connamespace", "conowner"})},
        {{"access method"},
         {"pg_am"},
         query_of({"access method", "quote_ident(amname)",
                   "'definition', concat_ws(' ', amtype, amhandler)", "pg_am x", "pg_am", "", ""})},
    };
}

std::vector<Area> further_areas() {
    // What newer servers know of them is told by their names, and of older ones not asked.
    const std::string collations =
        "'definition', (to_jsonb(x) - array['oid', 'collname', 'collnamespace', 'collowner', "
        "'collversion'])::text";
    const std::string publications = R"(
       'definition', (to_jsonb(x) - array['oid', 'pubname', 'pubowner'])::text,
       'tables', (select string_agg(concat_ws(' ', format('%I.%I', t.schemaname, t.tablename),
                     to_jsonb(t)->>'attnames', to_jsonb(t)->>'rowfilter'), ', '
                     order by t.schemaname, t.tablename)
                    from pg_publication_tables t where t.pubname = x.pubname))";
    const std::string options = "(select string_agg(o, ', ' order by o) from unnest(x.";
    return {
        {{"collation"},
         {"pg_collation"},
         query_of({"collation", placed("collname"), collations, "pg_collation x", "pg_collation",
                   "collnamespace", "collowner"})},
        {{"statistics"},
         {"pg_statistic_ext"},
         query_of({"statistics", placed("stxname"),
                   "'definition', pg_get_statisticsobjdef(x.oid), "
                   "'target', nullif(to_jsonb(x)->>'stxstattarget', '-1')",
                   "pg_statistic_ext x", "pg_statistic_ext", "stxnamespace", "stxowner"})},
        {{"event trigger"},
         {"pg_event_trigger"},
         query_of({"event trigger", "quote_ident(evtname)",
                   "'on', evtevent, 'tags', array_to_string(evttags, ', '), "
                   "'calls', evtfoid::regproc::text, 'enabled', case evtenabled when 'D' then 'no' "
                   "when 'R' then 'replica' when 'A' then 'always' end",
                   "pg_event_trigger x", "pg_event_trigger", "", "evtowner"})},
        {{"publication"},
         {"pg_publication", "pg_publication_tables"},
         query_of({"publication", "quote_ident(x.pubname)", publications, "pg_publication x",
                   "pg_publication", "", "pubowner"})},
        {{"foreign data wrapper"},
         {"pg_foreign_data_wrapper"},
         query_of({"foreign data wrapper", "quote_ident(fdwname)",
                   "'handler', nullif(x.fdwhandler, 0)::regproc::text, "
                   "'validator', nullif(x.fdwvalidator, 0)::regproc::text, "
                   "'options', " +
                       options + "fdwoptions) o), 'grants', " +
                       grants("x.fdwacl", 'F', "x.fdwowner"),
                   "pg_foreign_data_wrapper x", "pg_foreign_data_wrapper", "", "fdwowner"})},
        {{"server"},
         {"pg_foreign_server", "pg_foreign_data_wrapper"},
         query_of({"server", "quote_ident(srvname)",
                   "'wrapper', (select fdwname from pg_foreign_data_wrapper w "
                   "where w.oid = srvfdw), 'type', srvtype, 'version', srvversion, "
                   "'options', " +
                       options + "srvoptions) o), 'grants', " +
                       grants("x.srvacl", 'S', "x.srvowner"),
                   "pg_foreign_server x", "pg_foreign_server", "", "srvowner"})},
        {{"user mapping"}, {"pg_user_mappings"}, std::string(kUserMappings)},
        {{"subscription"}, {"pg_subscription"}, std::string(kSubscriptions)},
        {{"default privileges"}, {"pg_default_acl"}, std::string(kDefaultPrivileges)},
    };
}

}  // namespace

const std::vector<Area>& other_areas() {
    static const std::vector<Area> kAreas = [] {
        std::vector<Area> areas{
            {{"routine"}, {"pg_proc", "pg_aggregate"}, routines()},
            {{"type"}, {"pg_type", "pg_enum", "pg_range", "pg_collation"}, types()},
            {{"constraint"}, {"pg_constraint", "pg_type"}, domain_constraints()},
            {{"extension"}, {"pg_extension"}, std::string(kExtensions)},
        };
        for (std::vector<Area>& more : std::vector{rare_areas(), further_areas()})
            areas.insert(areas.end(), std::make_move_iterator(more.begin()),
                         std::make_move_iterator(more.end()));
        return areas;
    }();
    return kAreas;
}

}  // namespace drydock::schema
