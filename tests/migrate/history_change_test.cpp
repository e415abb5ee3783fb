#include "engine/migrate/history_change.h"

#include <filesystem>

#include "engine/migrate/tool_table.h"
#include "engine/sql/advisory_lock.h"
#include "tests/migrate/apply_fixture.h"

namespace drydock::migrate {
namespace {

using testing::Values;
using Texts = std::vector<std::string>;
using Kind = HistoryChange::Kind;

class HistoryChangeTest : public Migrated {
  protected:
    [[nodiscard]] std::string tools_row() const {
        return ask("select version || case when dirty then ' dirty' else '' end "
                   "from schema_migrations");
    }
    void remove(const std::string& name) const { std::filesystem::remove(folder_.file(name)); }
    // 16 and 17 alone, as a release's own folder may have it.
    void write_late_two() const {
        write("000016_flags.up.sql", "create table flags (id integer);\n");
        write("000016_flags.down.sql", "drop table flags;\n");
        write("000017_marks.up.sql", "create table marks (id integer);\n");
        write("000017_marks.down.sql", "drop table marks;\n");
    }
};
INSTANTIATE_TEST_SUITE_P(On, HistoryChangeTest,
                         Values(sql::Driver::Sqlite, sql::Driver::Postgres), sql::driver_name);

TEST_P(HistoryChangeTest, ForceMovesBothHistoriesUpAndDownAndRunsNothing) {
    write_three();
    go("+1");
    EXPECT_EQ(force("3"), "000002 counts as applied, 000003 counts as applied");
    EXPECT_EQ(tools_row(), "3");
    EXPECT_EQ(standings(), "000001 applied, 000002 applied, 000003 applied");
    EXPECT_EQ(sql::failure([&] { (void)ask("select 1 from teams"); }).code(), ErrorCode::Sql);
    EXPECT_EQ(force("000001"), "000003 counts as not applied, 000002 counts as not applied");
    EXPECT_EQ(tools_row(), "1");
    EXPECT_EQ(force("1"), "") << "it is there already";
    EXPECT_EQ(recorded(),
              "up 000001, force 000002, force 000003, force down 000003, force down 000002");
    EXPECT_EQ(done("head"), (Texts{"up 000002", "up 000003"}));
    EXPECT_EQ(force("base").find("000003 counts as not applied"), 0U);
    EXPECT_EQ(tools_row(), "");
    EXPECT_EQ(standings(), "000001 pending, 000002 pending, 000003 pending");
}

TEST_P(HistoryChangeTest, ForceWantsAReasonAndAVersionThatIsSomewhere) {
    write_three();
    go("head");
    const auto without = [&] { change({.kind = Kind::Force, .version = "1", .reason = " "}); };
    EXPECT_EQ(refused(without).message(), "force wants a reason");
    EXPECT_EQ(refused(without).code(), ErrorCode::Usage);
    EXPECT_EQ(refused([&] { force("4"); }).code(), ErrorCode::NotFound);
    EXPECT_EQ(tools_row(), "3");
    EXPECT_EQ(ask(on_server() ? "select count(*) from drydock.migrations where reason <> ''"
                              : "select count(*) from drydock_migrations where reason <> ''"),
              "0");
    remove("000003_tags.up.sql");
    remove("000003_tags.down.sql");
    EXPECT_EQ(force("3"), "") << "the history has it";
    EXPECT_EQ(force("2"), "000003 counts as not applied");
    EXPECT_EQ(done("head"), Texts{});
}

TEST_P(HistoryChangeTest, ForceClearsTheMarkOfAToolOnEitherSideOfIt) {
    write_three();
    go("+1");
    const auto mark = [&] {
        outside("delete from schema_migrations;"
                "insert into schema_migrations (version, dirty) values (2, true)");
    };
    mark();
    EXPECT_EQ(force("2"), "000002 counts as applied");
    EXPECT_EQ(tools_row(), "2");
    mark();
    EXPECT_EQ(force("1"), "000002 its mark goes");
    EXPECT_EQ(tools_row(), "1");
    EXPECT_EQ(done("+1"), Texts{"up 000002"});
}

TEST_P(HistoryChangeTest, ForceTakesOneThatCameLateForApplied) {
    write_three();
    remove("000002_teams.up.sql");
    remove("000002_teams.down.sql");
    go("head");
    write_three();
    EXPECT_EQ(standings(), "000001 applied, 000002 out of order, 000003 applied");
    EXPECT_EQ(force("3"), "000002 counts as applied");
    EXPECT_EQ(done("head"), Texts{});
}

TEST_P(HistoryChangeTest, ForceBringsTheToolsTableBackFromTheRecords) {
    write_three();
    go("+2");
    outside("drop table schema_migrations");
    EXPECT_EQ(refusal("head").code(), ErrorCode::Refused);
    EXPECT_EQ(force("2"), "000001 counts as applied, 000002 counts as applied");
    EXPECT_EQ(tools_row(), "2");
    EXPECT_EQ(done("head"), Texts{"up 000003"});
}

TEST_P(HistoryChangeTest, BaselineCountsAsAppliedAndIsNotGoneBelow) {
    write_three();
    outside("create table users (id integer primary key, name text);"
            "create table teams (id integer primary key)");
    EXPECT_EQ(baseline("2"), "000001 counts as applied, 000002 counts as applied");
    EXPECT_EQ(tools_row(), "2");
    EXPECT_EQ(done("head"), Texts{"up 000003"});
    EXPECT_NE(refusal("-2").message().find("000002_teams belongs to the baseline"),
              std::string::npos)
        << refusal("-2").message();
    EXPECT_EQ(refusal("base").code(), ErrorCode::Refused);
    EXPECT_EQ(done("2"), Texts{"down 000003"});
    const Error again = refused([&] { baseline("1"); });
    EXPECT_NE(again.message().find("the database has a history"), std::string::npos);
    EXPECT_NE(again.hint().find("force"), std::string::npos);
    EXPECT_EQ(recorded(),
              "baseline 000001, baseline 000002, up 000003, down 000003");
}

TEST_P(HistoryChangeTest, BaselineMayLieBelowTheFirstFile) {
    write_late_two();
    EXPECT_EQ(refused([&] { baseline("18"); }).code(), ErrorCode::NotFound);
    EXPECT_EQ(baseline("15"), "15 counts as applied");
    EXPECT_EQ(tools_row(), "15");
    EXPECT_EQ(standings(), "15 baseline, 000016 pending, 000017 pending");
    EXPECT_EQ(done("head"), (Texts{"up 000016", "up 000017"}));
    EXPECT_EQ(standings(), "15 baseline, 000016 applied, 000017 applied");
    EXPECT_EQ(go("-1").from, "000017");
    EXPECT_NE(refusal("base").message().find("no way down past it"), std::string::npos);
    EXPECT_NE(refusal("-2").message().find("no way down past it"), std::string::npos);
    EXPECT_EQ(done("15"), Texts{"down 000016"});
    EXPECT_EQ(tools_row(), "15") << "not: no row";
    EXPECT_EQ(go("head").from, "15");
}

// The whole folder was run by the tool; a release brings the next two alone.
TEST_P(HistoryChangeTest, BaselineIsAcceptedWhereTheToolSaysTheSame) {
    outside("create table schema_migrations (version bigint not null primary key, dirty boolean "
            "not null); insert into schema_migrations (version, dirty) values (15, false)");
    write_late_two();
    EXPECT_NE(refusal("head").message().find("has no file for it"), std::string::npos);
    EXPECT_EQ(refused([&] { baseline("14"); }).code(), ErrorCode::Refused);
    EXPECT_EQ(baseline("000015"), "15 is recorded");
    EXPECT_EQ(recorded(), "baseline 15");
    EXPECT_EQ(done("head"), (Texts{"up 000016", "up 000017"}));
    EXPECT_EQ(baseline("17"), "000016 is recorded, 000017 is recorded");
    // One that is newer than the baseline still needs its file.
    remove("000017_marks.up.sql");
    remove("000017_marks.down.sql");
    EXPECT_EQ(standings(), "15 baseline, 000017 baseline, 000016 applied");
}

TEST_P(HistoryChangeTest, AVersionAboveTheBaselineStillNeedsItsFile) {
    write_late_two();
    baseline("15");
    go("head");
    remove("000017_marks.up.sql");
    remove("000017_marks.down.sql");
    EXPECT_EQ(standings(), "15 baseline, 000016 applied, 000017 no file");
    EXPECT_NE(refusal("head").message().find("has no file for it"), std::string::npos);
}

TEST_P(HistoryChangeTest, AdoptRecordsWhatTheToolHasAppliedWithItsFiles) {
    write_three();
    const auto adopt = [&] { return change({.kind = Kind::Adopt}); };
    const Error nothing = refused([&] { adopt(); });
    EXPECT_EQ(nothing.code(), ErrorCode::NotFound);
    EXPECT_NE(nothing.hint().find("baseline"), std::string::npos);
    outside("create table schema_migrations (version bigint not null primary key, dirty boolean "
            "not null); insert into schema_migrations (version, dirty) values (2, false)");
    EXPECT_EQ(adopt(), "000001 is recorded, 000002 is recorded");
    EXPECT_EQ(adopt(), "");
    EXPECT_EQ(recorded(), "adopt 000001, adopt 000002");
    // From then on an edited file is known.
    write("000001_users.up.sql", "create table users (id integer primary key, name varchar(7));\n");
    EXPECT_EQ(refusal("head").message(),
              "000001_users.up.sql:1: the file was edited after it was applied");
}

TEST_P(HistoryChangeTest, AdoptNamesTheTablesOfOtherTools) {
    write_three();
    outside("create table goose_db_version (id integer, version_id bigint, is_applied boolean, "
            "tstamp timestamp)");
    const Error error = refused([&] { change({.kind = Kind::Adopt}); });
    EXPECT_NE(error.hint().find("goose_db_version is one of goose: name goose as the format"),
              std::string::npos)
        << error.hint();
}

TEST_P(HistoryChangeTest, RepairAcceptsAnEditedFileAsItIsNow) {
    write_three();
    go("head");
    const auto without = [&] { change({.kind = Kind::Repair}); };
    EXPECT_EQ(refused(without).message(), "repair wants a reason");
    write("000002_teams.up.sql", "create table teams (id bigint primary key);\n");
    EXPECT_EQ(refusal("head").code(), ErrorCode::Refused);
    EXPECT_EQ(repair(), "000002 its file is accepted");
    EXPECT_EQ(done("head"), Texts{});
    EXPECT_EQ(repair(), "");
    // That it was run by Drydock is not forgotten: what comes beneath it later was left out.
    go("-1");
    write("000000_late.up.sql", "create table late (id integer);\n");
    EXPECT_NE(standings().find("000000 out of order"), std::string::npos) << standings();
}

TEST_P(HistoryChangeTest, RepairOnlyTellsOfAVersionWithoutAFile) {
    write_three();
    go("head");
    remove("000003_tags.up.sql");
    remove("000003_tags.down.sql");
    EXPECT_EQ(repair(), "");
    EXPECT_EQ(recorded(), "up 000001, up 000002, up 000003");
}

// A receipt keeps an attempt that comes after the commit from changing anything again.
TEST_P(HistoryChangeTest, IsDoneOnceHoweverOftenTheStepIsTried) {
    write_three();
    const Folder folder = read();
    scope_.run = "01SAME";
    const HistoryChange wanted{.kind = Kind::Force, .version = "2", .reason = "why"};
    const auto attempt = [&] {
        const auto database = open();
        sql::StepSession session("main", *database, scope_, hooks(), system_clock(), cancel_);
        return change_history(session, folder, wanted, {.tool = {}, .who = "a", .run = "01SAME"});
    };
    const Value first = attempt();
    EXPECT_EQ(first.as<Value::List>().size(), 2U);
    outside("update schema_migrations set version = 3");
    EXPECT_EQ(attempt(), first);
    EXPECT_EQ(tools_row(), "3");
    EXPECT_EQ(recorded(), "force 000001, force 000002");
}

// A table with rules of its own: what was announced is not what would stand there.
TEST_P(HistoryChangeTest, WritesNothingWhenTheTableDoesNotTakeIt) {
    write_three();
    go("+1");
    for (const std::string deed : {"update", "insert", "delete"}) {
        outside(on_server() ? "create rule no_" + deed + " as on " + deed +
                                  " to schema_migrations do instead nothing"
                            : "create trigger no_" + deed + " before " + deed +
                                  " on schema_migrations begin select raise(ignore); end");
    }
    const Error error = refused([&] { force("3"); });
    EXPECT_NE(error.message().find("cannot say that 2 is applied"), std::string::npos)
        << error.message();
    EXPECT_EQ(recorded(), "up 000001");
    EXPECT_EQ(tools_row(), "1");
}

class ServerHistoryChange : public HistoryChangeTest {};
INSTANTIATE_TEST_SUITE_P(On, ServerHistoryChange, Values(sql::Driver::Postgres),
                         sql::driver_name);

TEST_P(ServerHistoryChange, HoldsTheToolsLocks) {
    write_three();
    const auto other = open();
    sql::AdvisoryLock theirs(*other,
                             {"theirs", golang_migrate_lock("public", "schema_migrations",
                                                            ask("select current_database()"))});
    ASSERT_TRUE(theirs.try_acquire());
    const Folder folder = read();
    const auto attempt = [&] {
        const auto database = open();
        scope_.run = "01LOCKED";
        sql::StepSession session("main", *database, scope_, hooks(), system_clock(), cancel_);
        (void)change_history(session, folder,
                             {.kind = Kind::Force, .version = "2", .reason = "why"},
                             {.tool = {}, .lock_wait = Microseconds(1), .who = "a", .run = "b"});
    };
    const Error error = refused(attempt);
    EXPECT_EQ(error.code(), ErrorCode::Busy);
    EXPECT_NE(error.message().find("golang-migrate for public.schema_migrations"),
              std::string::npos)
        << error.message();
    theirs.release();
    attempt();
    EXPECT_EQ(tools_row(), "2");
}

}  // namespace
}  // namespace drydock::migrate
