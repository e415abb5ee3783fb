#include "engine/migrate/apply.h"

#include "tests/migrate/apply_fixture.h"

namespace drydock::migrate {
namespace {

using testing::Values;
using Texts = std::vector<std::string>;

class ApplyTest : public Migrated {};
INSTANTIATE_TEST_SUITE_P(On, ApplyTest, Values(sql::Driver::Sqlite, sql::Driver::Postgres),
                         sql::driver_name);

TEST_P(ApplyTest, GoesUpAndDownAndKeepsBothHistories) {
    write_three();
    const Applied up = go("head");
    EXPECT_EQ(up.from, "");
    EXPECT_EQ(up.to, "000003");
    EXPECT_EQ(up.done.size(), 3U);
    EXPECT_EQ(ask("select count(*) from teams"), "2");
    EXPECT_EQ(ask("select version from schema_migrations"), "3");
    EXPECT_EQ(done("head"), Texts{});
    EXPECT_EQ(done("-1"), Texts{"down 000003"});
    EXPECT_EQ(ask("select version from schema_migrations"), "2");
    EXPECT_EQ(done("000001"), Texts{"down 000002"});
    EXPECT_EQ(standings(), "000001 applied, 000002 pending, 000003 pending");
    EXPECT_EQ(done("2"), Texts{"up 000002"});
    EXPECT_EQ(done("base"), (Texts{"down 000002", "down 000001"}));
    EXPECT_EQ(ask("select count(*) from schema_migrations"), "0");
    EXPECT_EQ(ask(on_server() ? "select string_agg(action, ' ' order by id) from drydock.migrations"
                              : "select group_concat(action, ' ') from drydock_migrations"),
              "up up up down down up down down");
}

TEST_P(ApplyTest, LeavesNothingOfAMigrationThatFails) {
    write_three();
    write("000002_teams.up.sql",
          "create table teams (id integer primary key);\n"
          "insert into teams values (1);\n\n  insert into nowhere values (1);");
    const Error error = refusal("head");
    EXPECT_EQ(error.message().substr(0, error.message().find(": ")),
              on_server() ? "000002_teams.up.sql:4:15" : "000002_teams.up.sql:4:3");
    EXPECT_NE(error.message().find("in: insert into nowhere values (1)"), std::string::npos)
        << error.message();
    EXPECT_EQ(standings(), "000001 applied, 000002 pending, 000003 pending");
    EXPECT_EQ(ask("select version from schema_migrations"), "1");
    EXPECT_EQ(sql::failure([&] { (void)ask("select 1 from teams"); }).code(), ErrorCode::Sql);
    write_three();
    EXPECT_EQ(done("head"), (Texts{"up 000002", "up 000003"}));
}

TEST_P(ApplyTest, RefusesWhatSomebodyMustLookAtFirst) {
    write_three();
    go("+2");
    EXPECT_EQ(refusal("+2").message(), "2 migrations are wanted, 1 are pending");
    EXPECT_EQ(refusal("-3").message(), "3 migrations back are wanted, 2 are applied");
    EXPECT_EQ(refusal("77").code(), ErrorCode::NotFound);
    write("000002_teams.up.sql",
          "create table teams (id integer primary key);\n"
          "insert into teams values (1);\ninsert into teams values (3);\n");
    EXPECT_EQ(refusal("head").message(),
              "000002_teams.up.sql:3: the file was edited after it was applied");
    std::filesystem::remove(folder_.file("000002_teams.up.sql"));
    std::filesystem::remove(folder_.file("000002_teams.down.sql"));
    EXPECT_NE(refusal("head").message().find("has no file for it"), std::string::npos);
    EXPECT_EQ(standings().find("000002 applied"), std::string::npos);
}

TEST_P(ApplyTest, KnowsAFileThatCameInBetween) {
    write_three();
    go("head");
    write("000004_later.up.sql", "create table later (id integer);\n");
    std::filesystem::rename(folder_.file("000004_later.up.sql"),
                            folder_.file("000005_later.up.sql"));
    go("head");
    write("000004_between.up.sql", "create table between_them (id integer);\n");
    EXPECT_EQ(
        standings(),
        "000001 applied, 000002 applied, 000003 applied, 000004 out of order, 000005 applied");
    EXPECT_EQ(refusal("head").message(),
              "000004_between is not applied, and 000005_later, which comes after it, is");
    EXPECT_EQ(refusal("base").message(), "000005_later has no script that takes it back");
    options_.choose.out_of_order = true;
    EXPECT_EQ(done("head"), Texts{"up 000004"});
    EXPECT_EQ(ask("select version from schema_migrations"), "5") << "not back to 4";
    EXPECT_EQ(done("head"), Texts{});
    std::filesystem::remove(folder_.file("000004_between.up.sql"));
    EXPECT_NE(refusal("head").message().find("000004_between is applied"), std::string::npos)
        << refusal("head").message();
}

// Two programs at once: on a server they wait for each other, in a file the second one is refused.
TEST_P(ApplyTest, DoesNothingTwiceWhenAnotherComesInBetween) {
    write("1_a.up.sql", "create table a (id integer); insert into a values (1);\n");
    write("2_b.up.sql", "insert into a values (2);\n");
    const auto other = [&] {
        CancelToken cancel;
        const auto database = open();
        sql::ReceiptScope scope = scope_;
        scope.run = "01OTHER";
        sql::SessionHooks quiet = hooks();
        sql::StepSession session("main", *database, scope, quiet, system_clock(), cancel);
        ApplyOptions options;
        options.lock_wait = Microseconds(1);
        const Folder folder = read();
        return sql::failure([&] { apply(session, folder, Head{}, options); });
    };
    std::optional<Error> theirs;
    in_between_ = [&] { theirs = other(); };
    const Error ours = refusal("head");
    ASSERT_TRUE(theirs.has_value());
    if (on_server()) {
        EXPECT_EQ(theirs->code(), ErrorCode::Busy) << theirs->message();
        EXPECT_EQ(ours.message(), "nothing failed");
    } else {
        EXPECT_EQ(theirs->message(), "nothing failed");
        EXPECT_EQ(ours.message(), "another program migrates this database at the same time");
    }
    EXPECT_EQ(ask("select count(*) from a"), "2");
}

// The application runs the tool itself at start-up, between two of our runs.
TEST_P(ApplyTest, GoesOnFromWhatTheToolHasDone) {
    write_three();
    go("+1");
    outside(
        "create table teams (id integer primary key); delete from schema_migrations;"
        "insert into schema_migrations (version, dirty) values (2, false)");
    EXPECT_EQ(done("head"), Texts{"up 000003"});
    EXPECT_EQ(standings(), "000001 applied, 000002 applied, 000003 applied");
    // And it takes two back.
    outside(
        "alter table users drop column tags; drop table teams; delete from schema_migrations;"
        "insert into schema_migrations (version, dirty) values (1, false)");
    EXPECT_EQ(done("head"), (Texts{"up 000002", "up 000003"}));
}

TEST_P(ApplyTest, StopsAtTheToolsMark) {
    write_three();
    go("+1");
    outside(
        "delete from schema_migrations;"
        "insert into schema_migrations (version, dirty) values (2, true)");
    EXPECT_EQ(refusal("head").code(), ErrorCode::Refused);
    EXPECT_NE(refusal("head").message().find("says that 2 was begun"), std::string::npos);
}

TEST_P(ApplyTest, IsOneTransactionWhereTheFileSaysSoItself) {
    write("1_a.up.sql", "begin;\ncreate table a (id integer);\ncommit;\n");
    write("2_b.up.sql",
          "begin;\ncreate table b (id integer);\ncommit;\nbegin;\n"
          "insert into nowhere values (1);\ncommit;\n");
    EXPECT_NE(refusal("head").message().find("2_b.up.sql:5:"), std::string::npos);
    EXPECT_EQ(ask("select count(*) from b"), "0") << "the first one of two is committed";
    EXPECT_EQ(ask("select version || ':' || dirty from schema_migrations"),
              on_server() ? "2:true" : "2:1");
    // The rest of it goes on where it stopped.
    outside("create table nowhere (id integer)");
    EXPECT_EQ(done("head"), Texts{"up 2"});
    EXPECT_EQ(ask("select count(*) from nowhere"), "1");
    EXPECT_EQ(ask("select version from schema_migrations where dirty = false"), "2");
}

TEST_P(ApplyTest, WillNotGoOnWithAnotherFileThanWasBegun) {
    write("1_b.up.sql",
          "begin;\ncreate table b (id integer);\ncommit;\nbegin;\n"
          "insert into nowhere values (1);\ncommit;\n");
    EXPECT_EQ(refusal("head").code(), ErrorCode::Sql);
    write("1_b.up.sql", "create table b (id integer);\n");
    EXPECT_NE(refusal("head").message().find("1 of its 2 parts are done"), std::string::npos)
        << refusal("head").message();
}

// What one migration in parts leaves in the tool's table is its own work, not another program's.
TEST_P(ApplyTest, GoesOnToTheNextAfterOneInParts) {
    write("1_a.sql",
          "-- +goose NO TRANSACTION\n-- +goose Up\ncreate table a (id integer);\n"
          "insert into a values (1);\n-- +goose Down\ndrop table a;\n");
    write("2_b.sql",
          "-- +goose Up\ninsert into a values (2);\n-- +goose Down\n"
          "delete from a where id = 2;\n");
    EXPECT_EQ(done("head"), (Texts{"up 1", "up 2"}));
    EXPECT_EQ(ask("select count(*) from a"), "2");
    EXPECT_EQ(done("base"), (Texts{"down 2", "down 1"}));
}

TEST_P(ApplyTest, RefusesAFileThatRollsItselfBack) {
    write("1_a.up.sql", "begin;\ncreate table a (id integer);\nrollback;\n");
    EXPECT_EQ(refusal("head").message(), "1_a.up.sql:3:1: a migration that rolls itself back");
    write("1_a.up.sql", "begin;\ncreate table a (id integer);\n");
    EXPECT_EQ(refusal("head").message(), "1_a.up.sql:1:1: BEGIN without its COMMIT");
    write("1_a.up.sql", "create table a (id integer);\nrollback;\n");
    EXPECT_EQ(refusal("head").message(), "1_a.up.sql:2:1: a migration that rolls itself back");
}

TEST_P(ApplyTest, TakesARollbackBehindTheCommitAsTheServerDoes) {
    write("1_a.up.sql", "begin;\ncreate table a (id integer);\ncommit;\nrollback;\n");
    if (on_server())
        EXPECT_EQ(done("head"), Texts{"up 1"});
    else
        EXPECT_EQ(refusal("head").message(), "1_a.up.sql:4:1: a migration that rolls itself back");
}

TEST_P(ApplyTest, PutsTheSessionBackAsItWas) {
    write("1_a.up.sql", on_server()
                            ? "set search_path = ''; create table public.a (id integer);"
                            : "pragma recursive_triggers = on; create table a (id integer);");
    write("2_b.up.sql", "create table b (id integer);");
    EXPECT_EQ(done("head"), (Texts{"up 1", "up 2"}));
}

class FileApply : public Migrated {};
INSTANTIATE_TEST_SUITE_P(On, FileApply, Values(sql::Driver::Sqlite), sql::driver_name);

constexpr const char* kRebuild =
    "create table new_users (id integer primary key, name text not null default '');\n"
    "insert into new_users select id, coalesce(name, '') from users;\n"
    "drop table users;\nalter table new_users rename to users;\n";

TEST_P(FileApply, KeepsTheChildrenOfATableThatIsMadeAnew) {
    outside(
        "create table users (id integer primary key, name text);"
        "create table posts (id integer primary key, author references users (id) on delete "
        "cascade); insert into users values (1, 'anna'); insert into posts values (1, 1)");
    write("1_rebuild.up.sql", "pragma foreign_keys = off;\nbegin;\n" + std::string(kRebuild) +
                                  "commit;\npragma foreign_keys = on;\n");
    EXPECT_EQ(done("head"), Texts{"up 1"});
    EXPECT_EQ(ask("select count(*) from posts"), "1");
}

// As long as they do not migrate it: what the tool's table holds by then is known.
TEST_P(FileApply, OthersMayWriteBetweenTwoMigrations) {
    outside("create table visits (id integer)");
    const std::vector<std::pair<std::string, std::string>> formats{{".up.sql", ""},
                                                                   {".sql", "-- +goose Up\n"},
                                                                   {".sql", "-- migrate:up\n"},
                                                                   {".sql", "-- +migrate Up\n"}};
    for (const auto& [extension, head] : formats) {
        SCOPED_TRACE(head + extension);
        for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
            std::filesystem::remove(entry);
        outside("drop table if exists drydock_migrations; drop table if exists schema_migrations");
        for (const char* version : {"1", "2", "3", "4"})
            write(version + std::string("_x") + extension, head + "select " + version + ";\n");
        std::function<void()> visit = [&] {
            outside("insert into visits values (1)");
            in_between_ = visit;
        };
        in_between_ = visit;
        EXPECT_EQ(done("head").size(), 4U);
        in_between_ = {};
    }
    EXPECT_EQ(ask("select count(*) from visits"), "16");
}

TEST_P(FileApply, ChecksKeysBeforeItCommits) {
    outside(
        "create table users (id integer primary key, name text);"
        "create table posts (id integer primary key, author references users (id));"
        "insert into users values (1, 'anna'), (2, 'ben'); insert into posts values (1, 1);"
        "pragma foreign_keys = off; insert into posts values (7, 99)");
    write("1_clean.up.sql", "delete from users where id = 1;\n");
    EXPECT_EQ(refusal("head").message(),
              "1_clean.up.sql: after it a foreign key leads nowhere: posts to users");
    write("1_clean.up.sql", "delete from users where id = 2;\n");
    EXPECT_EQ(done("head"), Texts{"up 1"}) << "row 7 was broken before";
}

}  // namespace
}  // namespace drydock::migrate
