#include "engine/rehearse/migrations.h"

#include "engine/schema/difference.h"
#include "tests/rehearse/trials_fixture.h"

namespace drydock::rehearse {
namespace {

// Any database will do for the copy: here it is the target itself.
class Rehearsals : public Tried {
  protected:
    MigrationRehearsal rehearse(const std::string& target) {
        const migrate::Folder folder = read();
        const auto session = open();
        return rehearse_migrations(*session, folder, migrate::target_from(target), {.who = "anna"},
                                   system_clock(), cancel_, {});
    }
};

TEST_P(Rehearsals, GoesThereAndBackAndComparesSchemaAndRows) {
    write_three();
    go("+1");
    outside("insert into users (id, name) values (1, 'anna')");
    const MigrationRehearsal seen = rehearse("head");
    EXPECT_TRUE(seen.passed()) << seen.error;
    EXPECT_EQ(names(seen.there), (Texts{"up 000002", "up 000003"}));
    EXPECT_EQ(names(seen.back), (Texts{"down 000003", "down 000002"}));
    EXPECT_EQ(seen.there.from, "000001");
    EXPECT_EQ(seen.there.to, "000003");
    EXPECT_EQ(seen.before.rows.at("users"), 1);
    EXPECT_EQ(seen.after.rows.at("teams"), 2);
    EXPECT_EQ(seen.before.rows, seen.returned.rows);
    const schema::Difference there = schema::difference(seen.before.catalog, seen.after.catalog);
    EXPECT_EQ(schema::summary(there), "1 column added, 1 table added");
    EXPECT_EQ(standings(), "000001 applied, 000002 pending, 000003 pending");
}

TEST_P(Rehearsals, StepsGoAsFarAsTheySayAndNoFurther) {
    write_three();
    EXPECT_EQ(names(rehearse("+2").there), (Texts{"up 000001", "up 000002"}));
    go("head");
    const MigrationRehearsal down = rehearse("-2");
    EXPECT_EQ(names(down.there), (Texts{"down 000003", "down 000002"}));
    EXPECT_EQ(names(down.back), (Texts{"up 000002", "up 000003"}));
    EXPECT_TRUE(down.passed());
}

TEST_P(Rehearsals, WayBackThatDoesNotComeBackIsShown) {
    write_three();
    write("000003_tags.down.sql", "delete from teams;\n");
    go("+2");
    const MigrationRehearsal seen = rehearse("head");
    EXPECT_FALSE(seen.passed());
    EXPECT_EQ(seen.failed, "");
    EXPECT_EQ(schema::changed_rows(seen.before.rows, seen.returned.rows),
              (Texts{"teams 2 → 0"}));
}

TEST_P(Rehearsals, WayDownThatFailsIsShownWithItsPlace) {
    write_three();
    write("000003_tags.down.sql", "drop table never_there;\n");
    go("head");
    const MigrationRehearsal failing = rehearse("-1");
    EXPECT_EQ(failing.failed, "there");
    EXPECT_NE(failing.error.find("000003_tags.down.sql:1:"), std::string::npos) << failing.error;
}

TEST_P(Rehearsals, WhatWentWellBeforeAFailureIsTold) {
    write_three();
    write("000003_tags.up.sql", "nonsense;\n");
    const MigrationRehearsal seen = rehearse("head");
    EXPECT_EQ(seen.failed, "there");
    EXPECT_EQ(names(seen.there), (Texts{"up 000001", "up 000002"}));
    EXPECT_NE(seen.error.find("000003_tags.up.sql:1:1"), std::string::npos) << seen.error;
}

TEST_P(Rehearsals, WithoutAWayBackItIsSaidSo) {
    write_three();
    write("000002_teams.up.sql", "-- drydock: irreversible teams stay\n"
                                 "create table teams (id integer);\n");
    std::filesystem::remove(folder_.file("000002_teams.down.sql"));
    const MigrationRehearsal seen = rehearse("head");
    EXPECT_EQ(seen.no_way_back, "000002_teams cannot be taken back: teams stay");
    EXPECT_TRUE(seen.back.done.empty());
    EXPECT_TRUE(seen.passed());
}

INSTANTIATE_TEST_SUITE_P(Databases, Rehearsals,
                         testing::Values(sql::Driver::Sqlite, sql::Driver::Postgres),
                         sql::driver_name);

}  // namespace
}  // namespace drydock::rehearse
