#include "engine/migrate/known_tables.h"

#include "tests/migrate/tool_story.h"

namespace drydock::migrate {
namespace {

class KnownTables : public ToolStory, public testing::WithParamInterface<sql::Driver> {
  protected:
    void SetUp() override { use(GetParam()); }
    [[nodiscard]] Texts found() const {
        Texts texts;
        for (const FoundTable& one : find_tool_tables(*database_))
            texts.push_back(std::string(one.known->tool) + " " + one.table);
        return texts;
    }
    // As the driver's messages name a table.
    [[nodiscard]] std::string at(const std::string& table) const {
        return server() ? "public." + table : table;
    }
};

TEST_P(KnownTables, AreFoundByTheirColumnsWhateverTheirNames) {
    target_->outside("create table a1 (version bigint not null primary key, dirty boolean)");
    target_->outside("create table a2 (id integer, version_id bigint, is_applied boolean, "
                     "tstamp timestamp)");
    target_->outside("create table a3 (installed_rank int, version varchar(50), description "
                     "varchar(200), type varchar(20), script varchar(1000), checksum integer, "
                     "installed_by varchar(100), installed_on timestamp, execution_time integer, "
                     "success boolean)");
    target_->outside("create table a4 (version bigint, description text, installed_on timestamp, "
                     "success boolean, checksum text, execution_time bigint)");
    EXPECT_EQ(found(), (Texts{"golang-migrate " + at("a1"), "goose " + at("a2"),
                              "Flyway " + at("a3"), "sqlx " + at("a4")}));
}

TEST_P(KnownTables, AreFoundByNameWhereTheirColumnsCouldBeAnybodys) {
    target_->outside("create table alembic_version (version_num varchar(32) not null)");
    target_->outside("create table versions (version_num varchar(32))");
    target_->outside("create table __diesel_schema_migrations (version varchar(50), run_on "
                     "timestamp)");
    target_->outside("create table django_migrations (id integer, app text, name text, applied "
                     "timestamp)");
    target_->outside("create table \"DATABASECHANGELOG\" (id text, author text, filename text, "
                     "dateexecuted timestamp, orderexecuted int, exectype text, md5sum text, "
                     "description text, comments text, tag text, liquibase text, contexts text, "
                     "labels text, deployment_id text)");
    target_->outside("create table gorp_migrations (id text, applied_at timestamp)");
    target_->outside("create table jobs (id text, applied_at timestamp)");
    target_->outside("create table schema_migrations (version varchar)");
    Texts tools = found();
    std::ranges::sort(tools);
    EXPECT_EQ(tools, (Texts{"Alembic " + at("alembic_version"), "Django " + at("django_migrations"),
                            "Liquibase " + at("DATABASECHANGELOG"),
                            "dbmate " + at("schema_migrations"),
                            "diesel " + at("__diesel_schema_migrations"),
                            "sql-migrate " + at("gorp_migrations")}));
}

TEST_P(KnownTables, TellRailsFromDbmateByTheTableBesideIt) {
    target_->outside("create table schema_migrations (version varchar not null primary key)");
    EXPECT_EQ(found(), Texts{"dbmate " + at("schema_migrations")});
    target_->outside("create table ar_internal_metadata (key varchar, value varchar)");
    EXPECT_EQ(found(), Texts{"Rails " + at("schema_migrations")});
    EXPECT_NE(advice(*find_tool_tables(*database_).at(0).known).find("command.run"),
              std::string::npos);
}

TEST_P(KnownTables, AreNamedSoThatTheyAreFoundAgain) {
    const std::string name = server() ? R"("My Schema"."my.table")" : R"("my.table")";
    if (server()) target_->outside(R"(create schema "My Schema")");
    target_->outside("create table " + name + " (version bigint primary key, dirty boolean)");
    const auto tables = find_tool_tables(*database_);
    ASSERT_EQ(tables.size(), 1U);
    EXPECT_EQ(tables[0].table, server() ? R"(My Schema."my.table")" : "my.table");
    write("1_a.up.sql", "select 1;");
    settings_.table = tables[0].table;
    up(good(), 0);
    EXPECT_EQ(applied(good()), Texts{"1"});
}

TEST_P(KnownTables, AreNotThereInAnEmptyDatabase) { EXPECT_EQ(found(), Texts{}); }

INSTANTIATE_TEST_SUITE_P(Drivers, KnownTables,
                         testing::Values(sql::Driver::Sqlite, sql::Driver::Postgres),
                         sql::driver_name);

}  // namespace
}  // namespace drydock::migrate
