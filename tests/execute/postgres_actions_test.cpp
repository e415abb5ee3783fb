#include <gtest/gtest.h>

#include "tests/doubles/engine_story.h"
#include "tests/sql/drivers.h"

// The shipped actions postgres.* in whole runs on a real server.
namespace drydock::execute {
namespace {

using run::RunStatus;

class PostgresActions : public testing::Test {
  protected:
    ~PostgresActions() override {
        server_.run("postgres", "drop database if exists live_" + target_.name() + " with (force)");
        server_.run("postgres", "drop database if exists new_" + target_.name() + " with (force)");
        server_.run("postgres", "drop database if exists old_" + target_.name() + " with (force)");
        server_.run("postgres", "drop role if exists \"role'; " + target_.name() + "\"");
    }
    RunFinished start(const std::string& steps) {
        return story_.start(
            "runbook: demo\n" + secrets_ +
            "connections:\n"
            "  main: {postgres: \"" +
            server_.socket_folder() + "\", port: " + std::to_string(server_.port()) +
            ", database: " + target_.name() + ", user: postgres}\nsteps:\n" + steps);
    }
    Value ask(const std::string& query) {
        Value found;
        target_.open(true)->run(query, {}, sql::Access::Read, [&](const sql::Row& row) {
            found = row.value(0);
            return true;
        });
        return found;
    }
    std::string databases() {
        return to_text(ask("select string_agg(split_part(datname, '_', 1), ' ' order by datname) "
                           "from pg_database where datname like '%\\_" + target_.name() + "'"));
    }

    test::PostgresServer& server_ = test::PostgresServer::shared();
    sql::PostgresTarget target_;
    EngineStory story_;
    std::string secrets_;
};

TEST_F(PostgresActions, MakeARoleWithAPasswordThatTheServerNeverSees) {
    secrets_ = "secrets: {pw: {env: PW}}\n";
    story_.variables["PW"] = "hunter2 '; drop table t; --";
    const std::string name = "role'; " + target_.name();
    const std::string step = R"yaml(
  - id: make
    uses: postgres.role
    with: {connection: main, name: ")yaml" +
                             name + R"yaml(", login: true, password: "${secrets.pw}"}
)yaml";
    ASSERT_EQ(start(step).status, RunStatus::Succeeded) << story_.error_of("make");
    EXPECT_EQ(story_.output("make", "made"), Value(true));
    const std::string stored =
        to_text(ask("select rolpassword from pg_authid where rolname = 'role''; " +
                    target_.name() + "'"));
    EXPECT_TRUE(stored.starts_with("SCRAM-SHA-256$4096:")) << stored;
    EXPECT_EQ(story_.undo().status, RunStatus::Undone);
    EXPECT_EQ(ask("select count(*) from pg_roles where rolname like 'role''; " + target_.name() +
                  "%'"),
              Value(0));
}

TEST_F(PostgresActions, MakeADatabaseOnceAndSwapItIn) {
    const std::string name = target_.name();
    ASSERT_EQ(start(R"yaml(
  - id: live
    uses: postgres.database
    with: {connection: main, name: live_)yaml" + name + R"yaml(, owner: postgres}
  - id: incoming
    uses: postgres.database
    with: {connection: main, name: new_)yaml" + name + R"yaml(, owner: postgres}
  - id: again
    uses: postgres.database
    with: {connection: main, name: new_)yaml" + name + R"yaml(, owner: postgres}
  - id: swap
    uses: postgres.swap_databases
    with: {connection: main, live: live_)yaml" + name + ", incoming: new_" + name +
                    ", keep_as: old_" + name + "}\n")
                  .status,
              RunStatus::Succeeded)
        << story_.error_of("live") << story_.error_of("swap");
    EXPECT_EQ(story_.output("incoming", "made"), Value(true));
    EXPECT_EQ(story_.output("again", "made"), Value(false));
    EXPECT_EQ(databases(), "live old");
    EXPECT_EQ(story_.undo().status, RunStatus::Undone);
    EXPECT_EQ(databases(), "live new");
}

TEST_F(PostgresActions, SwapAlthoughSomebodyIsConnected) {
    const std::string name = target_.name();
    for (const char* which : {"live_", "new_"})
        server_.run("postgres", "create database " + (which + name));
    sql::PostgresSettings settings = target_.settings();
    settings.database = Secret("database", "live_" + name);
    const auto idle = sql::open_postgres(settings);
    EXPECT_EQ(start(R"yaml(
  - id: swap
    uses: postgres.swap_databases
    with: {connection: main, live: live_)yaml" + name + ", incoming: new_" + name +
                    ", keep_as: old_" + name + "}\n")
                  .status,
              RunStatus::Succeeded)
        << story_.error_of("swap");
    EXPECT_EQ(databases(), "live old");
}

TEST_F(PostgresActions, LookAtAPlan) {
    target_.outside("insert into t select n, 'x' from generate_series(1, 5000) as n; analyze t");
    ASSERT_EQ(start(R"yaml(
  - id: good
    uses: postgres.plan
    with:
      connection: main
      sql: select * from t where a = :n
      args: {n: 7}
      uses_index: t_pkey
      below: 10s
  - id: bad
    uses: postgres.plan
    with: {connection: main, sql: "select * from t where b = 'y'", uses_index: t_pkey}
)yaml")
                  .exit,
              1);
    EXPECT_EQ(story_.status("good"), run::StepStatus::Succeeded) << story_.error_of("good");
    EXPECT_EQ(story_.output("good", "indexes"), Value(Value::List{"t_pkey"}));
    EXPECT_EQ(story_.error_of("bad"), "the query does not use t_pkey, it uses no index");
}

}  // namespace
}  // namespace drydock::execute
