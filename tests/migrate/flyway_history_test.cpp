#include "engine/migrate/checksum.h"
#include "engine/migrate/state.h"
#include "engine/migrate/tool_table.h"
#include "tests/migrate/tool_story.h"

// What Flyway's table says beyond what is applied.
namespace drydock::migrate {
namespace {

class FlywayHistory : public ToolStory, public testing::WithParamInterface<sql::Driver> {
  protected:
    void SetUp() override {
        use(GetParam());
        write("V1__start.sql", "select 1;");
        write("V1.1__more_of_it.sql", "select 2;\r\n");
        write("U1.1__more_of_it.sql", "select 3;");
        write("V002__end.sql", "select 4;");
        write("R__the_views.sql", "select 5;");
        // Makes the table.
        up(good(), 0);
        down(good(), 0);
        target_->outside("delete from flyway_schema_history");
    }
    // A row as Flyway writes it.
    void row(const std::string& version, const std::string& description, const std::string& type,
             const std::string& checksum, bool success = true) const {
        target_->outside(
            "INSERT INTO flyway_schema_history (installed_rank, version, description, type, "
            "script, checksum, installed_by, execution_time, success) VALUES ((select coalesce("
            "max(installed_rank), 0) + 1 from flyway_schema_history), " + version + ", '" +
            description + "', '" + type + "', 'x', " + checksum + ", 'x', 0, " +
            (success ? "true" : "false") + ");");
    }
    [[nodiscard]] Texts rows() const {
        Texts found;
        database_->run(
            "select coalesce(version, '-') || ' ' || description || ' ' || type || ' ' || script "
            "from flyway_schema_history order by installed_rank",
            {}, sql::Access::Read, [&](const sql::Row& row) {
                found.push_back(to_text(row.value(0)));
                return true;
            });
        return found;
    }
};

TEST_P(FlywayHistory, KnowsAVersionHoweverItIsWritten) {
    row("'1.0'", "start", "SQL", "1");
    row("'2'", "end", "JDBC", "null");
    row("'9.9'", "elsewhere", "SQL", "null");
    EXPECT_EQ(applied(good()), (Texts{"1", "002", "9.9"}));
}

TEST_P(FlywayHistory, TakesWhatABaselineCoversForApplied) {
    row("null", "<< Flyway Schema Creation >>", "SCHEMA", "null");
    row("'1.5'", "<< Flyway Baseline >>", "BASELINE", "null");
    EXPECT_EQ(applied(good()), (Texts{"1", "1.1"}));
    up(good(), 2);
    EXPECT_EQ(applied(good()), (Texts{"1", "1.1", "002"}));
    EXPECT_EQ(rows().back(), "002 end SQL V002__end.sql");
}

TEST_P(FlywayHistory, TakesBackWhatWasUndoneOrDeleted) {
    row("'1'", "start", "SQL", "1");
    row("'1.1'", "more of it", "SQL", "1");
    row("'1.1'", "more of it", "UNDO_SQL", "1");
    EXPECT_EQ(applied(good()), Texts{"1"});
    row("'1.1'", "more of it", "SQL", "1");
    row("'1'", "start", "DELETE", "1");
    EXPECT_EQ(applied(good()), Texts{"1.1"});
    down(good(), 1);
    EXPECT_EQ(rows().back(), "1.1 more of it UNDO_SQL U1.1__more_of_it.sql");
    up(good(), 0);
    down(good(), 0);  // which has no script for it
    EXPECT_EQ(rows().back(), "1 start DELETE V1__start.sql");
    EXPECT_EQ(applied(good()), Texts{});
}

TEST_P(FlywayHistory, AppliesARepeatableAnewWhenItsTextHasChanged) {
    up(good(), 3);
    EXPECT_EQ(rows(), Texts{"- the views SQL R__the_views.sql"});
    EXPECT_EQ(applied(good()), Texts{"R__the_views"});
    EXPECT_TRUE(state(good()).same_file.at("R__the_views"));
    write("R__the_views.sql", "select 6;");
    EXPECT_FALSE(state(good()).same_file.at("R__the_views"));
    up(good(), 3);
    EXPECT_EQ(rows().size(), 2U);
    EXPECT_EQ(applied(good()), Texts{"R__the_views"});
    EXPECT_TRUE(state(good()).same_file.at("R__the_views"));
    row("null", "gone away", "SQL", "1");
    EXPECT_EQ(applied(good()), (Texts{"R__the_views", "R__gone away"}));
}

TEST_P(FlywayHistory, AcceptsTheChecksumsOfOldAndNewReleases) {
    row("'1.1'", "more of it", "SQL", std::to_string(flyway_checksum("select 2;")));
    EXPECT_TRUE(state(good()).same_file.at("1.1"));
    row("'1.1'", "more of it", "SQL", std::to_string(old_flyway_checksum("select 2;\r\n")));
    EXPECT_TRUE(state(good()).same_file.at("1.1"));
    row("'1.1'", "more of it", "SQL", "17");
    EXPECT_FALSE(state(good()).same_file.at("1.1"));
    row("'1.1'", "more of it", "SQL", "null");
    EXPECT_FALSE(state(good()).same_file.contains("1.1"));
}

TEST_P(FlywayHistory, IsBelievedBeforeOurRecordOfTheFile) {
    if (server()) target_->outside("create schema drydock");
    Records records(*database_, "it");
    const auto standing = [&] {
        const Folder folder = good();
        return look(records, *history(folder), folder).standings.at(3);
    };
    in_transaction([&] {
        (void)records.add({.key = "R__the_views",
                           .name = "the_views",
                           .digest = "of another text",
                           .ended = Timestamp{1}});
    });
    // Flyway has applied it since, as it is now.
    row("null", "the views", "SQL", std::to_string(flyway_checksum("select 5;")));
    EXPECT_EQ(standing().is, Standing::Is::Applied);
    EXPECT_EQ(standing().file_is, Standing::File::Same);
    row("null", "the views", "SQL", "17");
    EXPECT_EQ(standing().is, Standing::Is::Changed);
}

TEST_P(FlywayHistory, MarksWhatItHasBegunAsFlywayMarksWhatFailed) {
    up(good(), 0);
    begin(good(), 1);
    ToolState found = state(good());
    EXPECT_EQ(found.dirty, "1.1");
    EXPECT_EQ(found.applied, Texts{"1"});
    up(good(), 1);  // its end
    found = state(good());
    EXPECT_EQ(found.dirty, std::nullopt);
    EXPECT_EQ(rows(), (Texts{"1 start SQL V1__start.sql",
                             "1.1 more of it SQL V1.1__more_of_it.sql"}));
    row("'2'", "end", "SQL", "null", false);
    EXPECT_EQ(state(good()).dirty, "002");
}

TEST_P(FlywayHistory, ShortensADescriptionAsFlywayDoes) {
    const std::string umlauts = "\u00fc\u00fc\u00fc";
    std::string name = umlauts + std::string(230, 'n');
    write("V3__" + name + ".sql", "select 7;");
    up(good(), 3);
    EXPECT_EQ(rows().at(0),
              "3 " + umlauts + std::string(194, 'n') + "... SQL V3__" + name + ".sql");
    EXPECT_EQ(applied(good()), Texts{"3"});
}

INSTANTIATE_TEST_SUITE_P(Drivers, FlywayHistory,
                         testing::Values(sql::Driver::Sqlite, sql::Driver::Postgres),
                         sql::driver_name);

}  // namespace
}  // namespace drydock::migrate
