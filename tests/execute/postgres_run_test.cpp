#include <gtest/gtest.h>

#include "engine/sql/receipt.h"
#include "tests/doubles/engine_story.h"
#include "tests/sql/drivers.h"

// Whole runs with a PostgreSQL target: what the engine promises of SQLite holds there too.
namespace drydock::execute {
namespace {

using run::RunStatus;
using run::StepStatus;

class PostgresRun : public testing::Test {
  protected:
    // `steps` are those of a runbook with one connection, `main`.
    RunFinished start(const std::string& steps) {
        const auto& server = test::PostgresServer::shared();
        return story_.start("runbook: demo\nconnections:\n  main: {postgres: \"" +
                            server.socket_folder() + "\", port: " + std::to_string(server.port()) +
                            ", database: " + target_.name() + ", user: postgres}\nsteps:\n" +
                            steps);
    }
    Value ask(const std::string& query) {
        Value found;
        target_.open(true)->run(query, {}, sql::Access::Read, [&](const sql::Row& row) {
            found = row.value(0);
            return true;
        });
        return found;
    }

    sql::PostgresTarget target_;
    EngineStory story_;
};

TEST_F(PostgresRun, CommitsAStepWithItsReceiptAndOutput) {
    const RunFinished finished = start(R"yaml(
  - id: fill
    lua: |
      connections.main:exec("insert into t select n, 'x' from generate_series(1, :n) as n", {n = 5})
      return {rows = connections.main:value("select count(*) from t")}
    returns: {rows: integer}
  - id: keyed
    lua: |
      connections.main:transaction{key = "one", function()
        connections.main:exec("update t set b = $1 where a = $2", "changed", 1)
      end}
)yaml");
    EXPECT_EQ(finished.status, RunStatus::Succeeded) << story_.error_of("fill");
    EXPECT_EQ(story_.output("fill", "rows"), Value(5));
    EXPECT_EQ(ask("select b from t where a = 1"), Value("changed"));
    EXPECT_EQ(ask("select string_agg(scope || ':' || key || ':' || rows, ' ' order by scope) from "
                  "drydock.receipts"),
              Value("do/fill::5 do/keyed:one:1"));
}

TEST_F(PostgresRun, DrainsInBatchesAndCountsThem) {
    target_.outside("insert into t select n, 'x' from generate_series(1, 25) as n");
    EXPECT_EQ(start(R"yaml(
  - id: drain
    lua: |
      return {rows = connections.main:batches{key = "all", size = 10,
        sql = "delete from t where a in (select a from t order by a limit :size)"}}
    returns: {rows: integer}
)yaml")
                  .status,
              RunStatus::Succeeded)
        << story_.error_of("drain");
    EXPECT_EQ(story_.output("drain", "rows"), Value(25));
    EXPECT_EQ(target_.count("t"), 0);
}

TEST_F(PostgresRun, AFailedStepLeavesNothingAndCanBeTakenUpAgain) {
    EXPECT_EQ(start(R"yaml(
  - id: work
    lua: |
      connections.main:exec("insert into t values (1, 'x')")
      connections.main:exec("insert into missing values (1)")
)yaml")
                  .exit,
              1);
    EXPECT_NE(story_.error_of("work").find("relation \"missing\" does not exist"),
              std::string::npos);
    EXPECT_EQ(target_.count("t"), 0);
    target_.outside("create table missing (a int)");
    EXPECT_EQ(story_.settle("work", run::Verdict::Retry).status, RunStatus::Succeeded);
    EXPECT_EQ(target_.count("t"), 1);
}

TEST_F(PostgresRun, CopiesRowsThatAFunctionGivesAndExplainsAsATable) {
    EXPECT_EQ(start(R"yaml(
  - id: fill
    lua: |
      local n = 0
      local rows = connections.main:copy("public.t", {"a", "b"}, function()
        n = n + 1
        if n <= 5000 then return {b = "row " .. n, a = n} end
      end)
      connections.main:exec("analyze t")
      local plan = connections.main:explain("select * from t where a = $1", 7)
      return {rows = rows, node = plan[1].Plan["Node Type"]}
    returns: {rows: integer, node: string}
)yaml")
                  .status,
              RunStatus::Succeeded)
        << story_.error_of("fill");
    EXPECT_EQ(story_.output("fill", "rows"), Value(5000));
    EXPECT_EQ(story_.output("fill", "node"), Value("Index Scan"));
    EXPECT_EQ(ask("select b from t where a = 4711"), Value("row 4711"));
}

TEST_F(PostgresRun, RefusesAServerThatIsTooOld) {
    const auto& server = test::PostgresServer::shared();
    EXPECT_EQ(story_.start("runbook: demo\nconnections:\n  main: {postgres: \"" +
                           server.socket_folder() + "\", port: " + std::to_string(server.port()) +
                           ", database: " + target_.name() +
                           ", user: postgres, min_version: \"99\"}\nsteps:\n"
                           "  - {id: ask, lua: 'connections.main:exec(\"select 1\")'}\n")
                  .exit,
              1);
    EXPECT_NE(story_.error_of("ask").find("and the runbook needs 99 or newer"), std::string::npos)
        << story_.error_of("ask");
}

TEST_F(PostgresRun, WritesWhatTheServerRemarksIntoTheLog) {
    EXPECT_EQ(start(R"yaml(
  - id: talk
    lua: |
      connections.main:exec("do $$ begin raise notice 'nearly there'; raise warning 'look'; end $$")
)yaml")
                  .status,
              RunStatus::Succeeded)
        << story_.error_of("talk");
    EXPECT_EQ(story_.observer.lines,
              (std::vector<std::string>{"do/talk: nearly there", "do/talk: look"}));
}

TEST_F(PostgresRun, AServerThatIsNotThereIsTriedAgain) {
    const std::string yaml = R"yaml(runbook: demo
connections: {main: {postgres: "/nowhere", connect: {every: 2s, for: 10s}}}
steps:
  - {id: ask, effect: read, lua: 'return nil, connections.main:value("select 1")'}
)yaml";
    const RunFinished finished = story_.start(yaml);
    EXPECT_EQ(finished.exit, 1);
    EXPECT_NE(story_.error_of("ask").find("connection main"), std::string::npos);
    // Before the run is made, for its locks and for the step, each time for ten seconds.
    EXPECT_EQ(story_.manual_clock.sleeps().size(), 15U);
    for (const Microseconds sleep : story_.manual_clock.sleeps())
        EXPECT_EQ(sleep, std::chrono::seconds(2));
}

// The session goes before the answer came: whether the statement took effect nobody knows, and its
// kind is none that the catalog tells of.
TEST_F(PostgresRun, AsksAboutAStatementThatRanAloneWhenItsSessionWasLost) {
    const RunFinished finished = start(R"yaml(
  - id: lost
    lua: connections.main:exec_alone("select pg_terminate_backend(pg_backend_pid())")
)yaml");
    EXPECT_EQ(finished.exit, 4) << story_.error_of("lost");
    EXPECT_EQ(story_.status("lost"), StepStatus::Unknown);
    EXPECT_EQ(story_.go_on().exit, 4) << "however often it is asked";
    EXPECT_EQ(story_.settle("lost", run::Verdict::NotApplied).exit, 4) << "it is lost again";
    EXPECT_EQ(story_.settle("lost", run::Verdict::Applied).status, RunStatus::Succeeded);
}

TEST_F(PostgresRun, AnotherDatabaseUnderTheSameNameIsRefused) {
    start(R"yaml(
  - {id: first, lua: 'connections.main:exec("insert into t values (1)")'}
  - {id: stop, lua: 'fail("here")'}
  - {id: last, lua: 'connections.main:exec("insert into t values (2)")'}
)yaml");
    const std::string name = target_.name();
    auto& server = test::PostgresServer::shared();
    server.run("postgres", "alter database " + name + " rename to old_" + name);
    server.run("postgres", "create database " + name);
    const RunFinished refused = story_.settle("stop", run::Verdict::Skip);
    EXPECT_EQ(refused.exit, 4) << "the operator must say which one is meant";
    server.run("postgres", "drop database old_" + name);
}

}  // namespace
}  // namespace drydock::execute
