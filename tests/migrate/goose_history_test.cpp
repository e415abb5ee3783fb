#include "tests/migrate/tool_story.h"

namespace drydock::migrate {
namespace {

class GooseHistory : public ToolStory, public testing::WithParamInterface<sql::Driver> {
  protected:
    void SetUp() override {
        use(GetParam());
        write("00001_a.sql", "-- +goose Up\nselect 1;\n-- +goose Down\nselect 2;\n");
        write("00002_b.sql", "-- +goose Up\nselect 1;\n-- +goose Down\nselect 2;\n");
    }
};

TEST_P(GooseHistory, BelievesTheNewestRowOfAVersion) {
    up(good(), 0);
    up(good(), 1);
    // As releases took a migration back before they deleted its row.
    target_->outside("INSERT INTO goose_db_version (version_id, is_applied) VALUES (2, false)");
    EXPECT_EQ(applied(good()), Texts{"1"});
    up(good(), 1);
    EXPECT_EQ(applied(good()), (Texts{"1", "2"}));
    down(good(), 1);
    EXPECT_EQ(applied(good()), Texts{"1"});
    EXPECT_EQ(target_->count("goose_db_version"), 2) << "the row 0 is never taken away";
}

TEST_P(GooseHistory, KeepsATableOfOldReleasesAsItIs) {
    if (server()) {
        target_->outside("CREATE TABLE goose_db_version (id serial NOT NULL, version_id bigint NOT "
                         "NULL, is_applied boolean NOT NULL, tstamp timestamp NULL default now(), "
                         "PRIMARY KEY(id))");
    } else {
        target_->outside("CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, "
                         "version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp "
                         "TIMESTAMP)");
    }
    target_->outside("INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true)");
    up(good(), 0);
    EXPECT_EQ(applied(good()), Texts{"1"});
    EXPECT_EQ(target_->count("goose_db_version"), 2);
}

INSTANTIATE_TEST_SUITE_P(Drivers, GooseHistory,
                         testing::Values(sql::Driver::Sqlite, sql::Driver::Postgres),
                         sql::driver_name);

}  // namespace
}  // namespace drydock::migrate
