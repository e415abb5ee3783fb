#include "engine/migrate/round_trip.h"

#include "tests/migrate/apply_fixture.h"

namespace drydock::migrate {
namespace {

// What a round trip through a folder tells.
class RoundTripTest : public Migrated {
  protected:
    RoundTrip trip(const std::optional<std::string>& prerequisites = {}) {
        const Folder folder = read();
        const auto database = open();
        scope_.run = "01TRIP";
        sql::StepSession session("main", *database, scope_, hooks(), system_clock(), cancel_);
        return round_trip(session, folder, {.prerequisites = prerequisites, .who = "anna"});
    }
    // "000001 clean, 000002 fails down"
    static std::string told(const RoundTrip& trip) {
        std::string all;
        for (const RoundTripped& one : trip.migrations) {
            all += (all.empty() ? "" : ", ") + one.version + " " + std::string(name_of(one.is)) +
                   (one.failed.empty() ? "" : " " + one.failed);
        }
        return all;
    }
    void pair(const std::string& name, const std::string& up, const std::string& down) const {
        write(name + ".up.sql", up);
        write(name + ".down.sql", down);
    }
};

TEST_P(RoundTripTest, MigrationsThatAreTakenBackWhollyAreClean) {
    write_three();
    const RoundTrip found = trip();
    EXPECT_EQ(told(found), "000001 clean, 000002 clean, 000003 clean");
    EXPECT_TRUE(found.passed());
    EXPECT_EQ(standings(), "000001 applied, 000002 applied, 000003 applied");
}

TEST_P(RoundTripTest, WhatAWayBackLeavesIsShown) {
    write_three();
    pair("000002_teams", "create table teams (id integer);\ncreate table rest (id integer);\n",
         "drop table teams;\n");
    pair("000004_more", "create table more (id integer);\n", "drop table more;\n");
    const RoundTrip found = trip();
    // The table that is still there is in the way of the second up.
    EXPECT_EQ(told(found), "000001 clean, 000002 fails up again");
    EXPECT_EQ(found.migrations[1].left, (std::vector<std::string>{"+ table rest (id)"}));
    EXPECT_NE(found.migrations[1].error.find("000002_teams.up.sql:2:"), std::string::npos)
        << found.migrations[1].error;
    EXPECT_EQ(found.not_reached, 2U);
    EXPECT_FALSE(found.passed());
}

TEST_P(RoundTripTest, WhatIsOtherwiseAfterwardsDiffers) {
    pair("000001_users", "create table users (id integer primary key, name text);\n",
         "drop table users;\n");
    pair("000002_index", "create table if not exists tags (id integer);\n"
                         "create index users_name on users (name);\n",
         "drop index users_name;\n");
    pair("000003_last", "create table last (id integer);\n", "drop table last;\n");
    const RoundTrip found = trip();
    EXPECT_EQ(told(found), "000001 clean, 000002 differs, 000003 clean");
    EXPECT_EQ(found.migrations[1].left, (std::vector<std::string>{"+ table tags (id)"}));
    EXPECT_TRUE(found.migrations[1].again.empty());
    EXPECT_FALSE(found.passed());
}

TEST_P(RoundTripTest, SecondUpThatMakesSomethingElseDiffers) {
    pair("000001_users", "create table users (id integer primary key);\n", "drop table users;\n");
    // The way back empties what the way up looks at.
    pair("000002_twice", "create table if not exists seen (id integer, a text);\n"
                         "drop table seen;\ncreate table seen (id integer);\n",
         "drop table seen;\ncreate table users_was (id integer);\n");
    pair("000003_again", "drop table if exists users_was;\n",
         "create table users_was (id integer);\n");
    const RoundTrip found = trip();
    EXPECT_EQ(told(found), "000001 clean, 000002 differs, 000003 clean");
    EXPECT_EQ(found.migrations[1].left, (std::vector<std::string>{"+ table users_was (id)"}));
    EXPECT_EQ(found.migrations[1].again, (std::vector<std::string>{"+ table users_was (id)"}));
}

TEST_P(RoundTripTest, OtherOrderOfColumnsIsTold) {
    pair("000001_users", "create table users (id integer, name text, age integer);\n",
         "drop table users;\n");
    pair("000002_no_name", "alter table users drop column name;\n",
         "alter table users add column name text;\n");
    const RoundTrip found = trip();
    EXPECT_EQ(told(found), "000001 clean, 000002 order only");
    EXPECT_TRUE(found.passed());
    EXPECT_EQ(found.migrations[1].left.size(), 1U);
}

TEST_P(RoundTripTest, WayBackThatFailsLeavesTheOthersToBeTried) {
    write_three();
    write("000002_teams.down.sql", "drop table teams;\ndrop table never_there;\n");
    const RoundTrip found = trip();
    EXPECT_EQ(told(found), "000001 clean, 000002 fails down, 000003 clean");
    EXPECT_NE(found.migrations[1].error.find("000002_teams.down.sql:2:"), std::string::npos)
        << found.migrations[1].error;
    EXPECT_FALSE(found.passed());
    EXPECT_EQ(standings(), "000001 applied, 000002 applied, 000003 applied");
}

TEST_P(RoundTripTest, MigrationWithoutAWayBackFailsUnlessItSaysWhy) {
    write_three();
    std::filesystem::remove(folder_.file("000002_teams.down.sql"));
    write("000003_tags.up.sql", "-- drydock: irreversible nobody needs the old ones\n"
                                "alter table users add column tags text;\n");
    std::filesystem::remove(folder_.file("000003_tags.down.sql"));
    const RoundTrip found = trip();
    EXPECT_EQ(told(found), "000001 clean, 000002 fails down, 000003 irreversible");
    EXPECT_NE(found.migrations[1].error.find("no script that takes it back"), std::string::npos);
    EXPECT_EQ(found.migrations[2].reason, "nobody needs the old ones");
}

TEST_P(RoundTripTest, UpThatFailsEndsTheTrip) {
    write_three();
    write("000002_teams.up.sql", "create table teams (id integer);\nnonsense;\n");
    const RoundTrip found = trip();
    EXPECT_EQ(told(found), "000001 clean, 000002 fails up");
    EXPECT_EQ(found.not_reached, 1U);
    const Value told = to_value(found);
    EXPECT_EQ(*told.member("passed"), Value(false));
    EXPECT_EQ(told.member("migrations")->as<Value::List>().size(), 2U);
}

TEST_P(RoundTripTest, PrerequisitesAreThereBeforeTheFirstOne) {
    write_three();
    pair("000001_users", "create table users (id integer primary key, of integer);\n"
                         "insert into users select id, 1 from before_all;\n",
         "drop table users;\n");
    EXPECT_EQ(told(trip()), "000001 fails up");
    const RoundTrip found =
        trip("create table before_all (id integer);\ninsert into before_all values (1);\n");
    EXPECT_EQ(told(found), "000001 clean, 000002 clean, 000003 clean");
    const Error error = sql::failure([&] { trip("select 1;\nselect 'x"); });
    EXPECT_EQ(error.code(), ErrorCode::Document);
    EXPECT_NE(error.message().find("prerequisites.sql:2"), std::string::npos) << error.message();
}

TEST_P(RoundTripTest, StatementsOutsideOfTransactionsGoRoundToo) {
    if (!on_server()) return;
    write_three();
    pair("000002_index", "create index concurrently users_name on users (name);\n",
         "drop index concurrently users_name;\n");
    std::filesystem::remove(folder_.file("000002_teams.up.sql"));
    std::filesystem::remove(folder_.file("000002_teams.down.sql"));
    EXPECT_EQ(told(trip()), "000001 clean, 000002 clean, 000003 clean");
}

INSTANTIATE_TEST_SUITE_P(Databases, RoundTripTest,
                         testing::Values(sql::Driver::Sqlite, sql::Driver::Postgres),
                         sql::driver_name);

}  // namespace
}  // namespace drydock::migrate
