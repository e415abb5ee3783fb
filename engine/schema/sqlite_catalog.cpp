#include "engine/schema/sqlite_catalog.h"

#include "engine/schema/sqlite_definition.h"
#include "engine/sql/placeholders.h"

namespace drydock::schema {
namespace {

// Shadow tables belong to a virtual table, which makes and changes them.
constexpr std::string_view kObjects = R"(
select s.type, s.name, s.tbl_name, s.sql from sqlite_schema s
 where s.sql is not null and s.name not like 'sqlite\_%' escape '\'
   and s.tbl_name not in ('drydock_receipts', 'drydock_fences', 'drydock_migrations')
   and not exists (select 1 from pragma_table_list l
                    where l.schema = 'main' and l.name = s.tbl_name and l.type = 'shadow'))";

// What tells one program's files from another's, and one version of them from the next.
constexpr std::string_view kNumbers = R"(
select 'application_id', application_id from pragma_application_id
union all select 'user_version', user_version from pragma_user_version
union all select 'auto_vacuum', auto_vacuum from pragma_auto_vacuum)";

struct Stored {
    std::string type, name, table, sql;
};

class Reading final {
  public:
    explicit Reading(sql::Database& database) : database_(database) {}

    Catalog read() {
        catalog_.database = "sqlite";
        database_.run(kObjects, {}, sql::Access::Read, [&](const sql::Row& row) {
            stored_.push_back({to_text(row.value(0)), to_text(row.value(1)), to_text(row.value(2)),
                               to_text(row.value(3))});
            return true;
        });
        know_names();
        for (const Stored& one : stored_) add(one);
        read_numbers();
        return std::move(catalog_);
    }

  private:
    void know_names() {
        for (const Stored& one : stored_) {
            names_.insert(folded(one.name));
            names_.insert(folded(one.table));
            if (one.type == "view") keys_.emplace(folded(one.name), "view " + one.name);
            if (one.type != "table") continue;
            keys_.emplace(folded(one.name),
                          (is_virtual(one) ? "virtual table " : "table ") + one.name);
            for (const ColumnDefinition& column : table_definition(one.sql, {}).columns)
                names_.insert(folded(column.name));
        }
    }

    static bool is_virtual(const Stored& one) {
        const auto tokens = sql::lex(one.sql, sql::Dialect::Sqlite);
        return one.type == "table" && tokens.size() > 1 && tokens[1].is("virtual");
    }

    // The key of the table or view `name`, as something else names it.
    [[nodiscard]] std::string key_of(const std::string& name) const {
        const auto found = keys_.find(folded(name));
        return found == keys_.end() ? std::string() : found->second;
    }

    void put(std::string kind, std::string name, std::string parent, Value::Map facts) {
        std::string key = kind + " " + name;
        catalog_.objects.emplace(std::move(key), Object{std::move(kind), std::move(name),
                                                        std::move(parent), std::move(facts)});
    }

    void add(const Stored& one) {
        if (one.type == "table" && !is_virtual(one)) {
            add_table(one);
            return;
        }
        const bool apart = one.type == "view" || one.type == "table";
        put(one.type == "table" ? "virtual table" : one.type, one.name,
            apart ? std::string() : key_of(one.table),
            {{"definition", canonical(one.sql, names_)}});
    }

    void add_table(const Stored& one) {
        const TableDefinition table = table_definition(one.sql, names_);
        const std::string key = "table " + one.name;
        Value::List columns;
        for (const ColumnDefinition& column : table.columns) {
            columns.emplace_back(column.name);
            Value::Map facts;
            if (!column.type.empty()) facts.emplace("type", column.type);
            if (!column.rest.empty()) facts.emplace("definition", column.rest);
            put("column", one.name + "." + column.name, key, std::move(facts));
        }
        for (const TableDefinition::Constraint& constraint : table.constraints) {
            const bool named = !constraint.name.empty();
            Value::Map facts;
            if (named) facts.emplace("definition", constraint.text);
            put("constraint", one.name + "." + (named ? constraint.name : constraint.text), key,
                std::move(facts));
        }
        Value::Map facts{{"columns", std::move(columns)}};
        if (!table.options.empty()) facts.emplace("options", table.options);
        put("table", one.name, {}, std::move(facts));
    }

    void read_numbers() {
        database_.run(kNumbers, {}, sql::Access::Read, [&](const sql::Row& row) {
            const std::string number = to_text(row.value(1));
            if (number != "0") put("setting", to_text(row.value(0)), {}, {{"value", number}});
            return true;
        });
    }

    sql::Database& database_;
    std::vector<Stored> stored_;
    KnownNames names_;
    std::map<std::string, std::string> keys_;  // of tables and views, by name in lower case
    Catalog catalog_;
};

}  // namespace

Catalog look_at_sqlite(sql::Database& database) {
    return Reading(database).read();
}

// Virtual tables keep their rows in others, which are counted.
Rows rows_in_sqlite(sql::Database& database) {
    constexpr std::string_view kTables = R"(
select name from sqlite_schema
 where type = 'table' and name not like 'sqlite\_%' escape '\'
   and name not in ('drydock_receipts', 'drydock_fences', 'drydock_migrations')
   and sql not like 'create virtual %' order by name)";
    std::vector<std::string> tables;
    database.run(kTables, {}, sql::Access::Read, [&](const sql::Row& row) {
        tables.push_back(to_text(row.value(0)));
        return true;
    });
    Rows rows;
    for (const std::string& table : tables) {
        database.run("select count(*) from " + sql::quoted_identifier(table), {}, sql::Access::Read,
                     [&](const sql::Row& row) {
                         rows.emplace(table, row.value(0).as<std::int64_t>());
                         return true;
                     });
    }
    return rows;
}

}  // namespace drydock::schema
