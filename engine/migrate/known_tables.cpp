#include "engine/migrate/known_tables.h"

#include <algorithm>
#include <array>

#include "engine/check.h"
#include "engine/migrate/tool_table.h"

namespace drydock::migrate {
namespace {

// The first that fits is it: what has more columns stands before what has fewer.
constexpr std::array kKnown{
    KnownTable{.tool = "Flyway",
               .format = Format::Flyway,
               .name = "flyway_schema_history",
               .columns = "installed_rank version description type script checksum installed_by "
                          "installed_on execution_time success",
               .told_by_columns = true},
    KnownTable{.tool = "Liquibase",
               .format = {},
               .name = "databasechangelog",
               .columns = "id author filename dateexecuted orderexecuted exectype md5sum",
               .told_by_columns = true},
    KnownTable{.tool = "sqlx",
               .format = {},
               .name = "_sqlx_migrations",
               .columns = "version description installed_on success checksum execution_time",
               .never = "installed_rank",
               .told_by_columns = true},
    KnownTable{.tool = "goose",
               .format = Format::Goose,
               .name = "goose_db_version",
               .columns = "id version_id is_applied tstamp",
               .told_by_columns = true},
    KnownTable{.tool = "Django",
               .format = {},
               .name = "django_migrations",
               .columns = "id app name applied"},
    KnownTable{.tool = "golang-migrate",
               .format = Format::GolangMigrate,
               .name = "schema_migrations",
               .columns = "version dirty",
               .told_by_columns = true},
    KnownTable{.tool = "sql-migrate",
               .format = Format::SqlMigrate,
               .name = "gorp_migrations",
               .columns = "id applied_at"},
    KnownTable{.tool = "diesel",
               .format = Format::Diesel,
               .name = "__diesel_schema_migrations",
               .columns = "version run_on"},
    KnownTable{.tool = "Alembic",
               .format = {},
               .name = "alembic_version",
               .columns = "version_num"},
    KnownTable{.tool = "dbmate",
               .format = Format::Dbmate,
               .name = "schema_migrations",
               .columns = "version",
               .never = "dirty inserted_at"},
};
// Its table is as dbmate's is; this one stands beside it.
constexpr KnownTable kRails{.tool = "Rails",
                            .format = {},
                            .name = "schema_migrations",
                            .columns = "version",
                            .never = "dirty inserted_at"};
constexpr std::string_view kBesideThatOfRails = "ar_internal_metadata";

// A row for each table: schema, name, and its columns, separated by line breaks.
constexpr std::string_view kTablesOnServer = R"(
select nspname, relname, string_agg(lower(attname), e'\n')
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and attnum > 0 and not attisdropped
 where relkind in ('r', 'p') and nspname !~ '^pg_' and nspname <> 'information_schema'
 group by nspname, relname having count(*) < 30 order by nspname, relname)";
constexpr std::string_view kTablesInFile = R"(
select '', m.name, (select group_concat(lower(name), char(10)) from pragma_table_info(m.name))
  from sqlite_schema m where type = 'table' and m.name not like 'sqlite\_%' escape '\'
 order by m.name)";

std::vector<std::string> words_of(std::string_view text, char separator) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

std::string lower(std::string_view text) {
    std::string made(text);
    std::ranges::transform(made, made.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return made;
}

}  // namespace

const KnownTable& known_table(Format format) {
    const auto* const found = std::ranges::find(kKnown, format, &KnownTable::format);
    CHECK(found != kKnown.end());
    return *found;
}

bool matches(const KnownTable& known, const std::vector<std::string>& columns) {
    const auto has = [&](const std::string& column) {
        return std::ranges::find(columns, column) != columns.end();
    };
    return std::ranges::all_of(words_of(known.columns, ' '), has) &&
           std::ranges::none_of(words_of(known.never, ' '), has);
}

const KnownTable* known_table(std::string_view name, const std::vector<std::string>& columns) {
    for (const KnownTable& known : kKnown) {
        if (!matches(known, columns)) continue;
        const bool exact = columns.size() == words_of(known.columns, ' ').size();
        if (known.name == lower(name) || (known.told_by_columns && exact)) return &known;
    }
    return nullptr;
}

std::vector<FoundTable> find_tool_tables(sql::Database& database) {
    const bool server = database.dialect() == sql::Dialect::Postgres;
    std::vector<FoundTable> found;
    std::vector<std::string> rails;  // the schemas that have its other table
    database.run(
        server ? kTablesOnServer : kTablesInFile, {}, sql::Access::Read, [&](const sql::Row& row) {
            const auto schema = row.value(0).as<std::string>();
            const auto name = row.value(1).as<std::string>();
            if (name == kBesideThatOfRails) rails.push_back(schema);
            const Value columns = row.value(2);
            if (columns.is_null()) return true;
            const KnownTable* known =
                known_table(name, words_of(columns.as<std::string>(), '\n'));
            if (known == nullptr) return true;
            // Its companion comes before it in the alphabet.
            const bool beside = std::ranges::find(rails, schema) != rails.end();
            if (known->format == Format::Dbmate && beside) known = &kRails;
            found.push_back(
                {.known = known, .table = table_text(database.dialect(), schema, name)});
            return true;
        });
    return found;
}

std::string advice(const KnownTable& known) {
    if (known.format)
        return "name " + std::string(format_name(*known.format)) + " as the format of its folder";
    return "let " + std::string(known.tool) + " run its migrations, in a runbook with command.run";
}

}  // namespace drydock::migrate
