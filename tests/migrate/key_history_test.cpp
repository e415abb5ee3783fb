#include "tests/migrate/tool_story.h"

namespace drydock::migrate {
namespace {

class KeyHistory : public ToolStory, public testing::WithParamInterface<sql::Driver> {
  protected:
    void SetUp() override { use(GetParam()); }
};

TEST_P(KeyHistory, FillsTheChecksumOfNewReleasesOfSqlMigrate) {
    write("001_a.sql", "-- +migrate Up\nselect 1;\n");
    target_->outside("create table gorp_migrations (\"id\" varchar(255) not null primary key, "
                     "\"checksum\" varchar(255), \"applied_at\" timestamp)");
    up(good(), 0);
    EXPECT_EQ(applied(good()), Texts{"001_a.sql"});
    std::string checksum;
    database_->run("select checksum from gorp_migrations", {}, sql::Access::Read,
                   [&](const sql::Row& row) {
                       checksum = to_text(row.value(0));
                       return true;
                   });
    EXPECT_EQ(checksum, crypto::to_hex(good().migrations[0].digest));
}

TEST_P(KeyHistory, CannotCountAMigrationTwice) {
    write("001_a.sql", "-- migrate:up\nselect 1;\n-- migrate:down\n");
    up(good(), 0);
    EXPECT_EQ(sql::failure([&] { up(good(), 0); }).code(), ErrorCode::Sql);
    EXPECT_EQ(target_->count("schema_migrations"), 1);
}

TEST_P(KeyHistory, TellsDbmatesTableFromThatOfGolangMigrate) {
    write("001_a.sql", "-- migrate:up\nselect 1;\n-- migrate:down\n");
    target_->outside("create table schema_migrations (version bigint primary key, dirty boolean)");
    const Error error = sql::failure([&] { (void)state(good()); });
    EXPECT_EQ(error.code(), ErrorCode::Refused);
    EXPECT_NE(error.hint().find("golang-migrate"), std::string::npos) << error.hint();
}

// SQLite keeps the text of the statement, and schema files show it.
TEST_P(KeyHistory, MakesTheTableOfSqlMigrateInItsOwnWordsInAFile) {
    if (server()) return;  // a server keeps no text
    write("001_a.sql", "-- +migrate Up\nselect 1;\n");
    up(good(), 0);
    std::string text;
    database_->run("select sql from sqlite_schema where name = 'gorp_migrations'", {},
                   sql::Access::Read, [&](const sql::Row& row) {
                       text = to_text(row.value(0));
                       return true;
                   });
    EXPECT_EQ(text,
              R"(CREATE TABLE "gorp_migrations" ("id" varchar(255) not null primary key, )"
              R"("applied_at" datetime))");
}

INSTANTIATE_TEST_SUITE_P(Drivers, KeyHistory,
                         testing::Values(sql::Driver::Sqlite, sql::Driver::Postgres),
                         sql::driver_name);

}  // namespace
}  // namespace drydock::migrate
