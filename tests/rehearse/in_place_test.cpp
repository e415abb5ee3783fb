#include "engine/rehearse/in_place.h"

#include <gtest/gtest.h>

#include "engine/rehearse/rehearse.h"
#include "engine/schema/difference.h"
#include "tests/doubles/engine_story.h"
#include "tests/sql/drivers.h"

// Rehearsals on a real server: everything is done, and nothing stays.
namespace drydock::rehearse {
namespace {

constexpr Microseconds kLimit{60'000'000};

class InPlaceTest : public testing::Test {
  protected:
    InPlaceTest() {
        target_.outside(
            "create table users (id bigint primary key, name text);"
            "insert into users values (1, 'anna'), (2, 'ben'), (3, 'carl');"
            "analyze users");
    }
    Report rehearse(const std::string& steps, Microseconds limit = kLimit) {
        const auto& server = test::PostgresServer::shared();
        const std::string address = "postgres: \"" + server.socket_folder() +
                                    "\", port: " + std::to_string(server.port()) +
                                    ", database: " + target_.name() + ", user: postgres";
        story_.write("book.yaml", "runbook: demo\nconnections:\n  main: {" + address +
                                      "}\n  reader: {" + address + ", read_only: true}\nsteps:\n" +
                                      steps);
        const execute::StartOptions options = story_.options({});
        EngineStory::Open open = story_.opened();
        open.engine.rehearsal = true;
        Copies copies;
        const InPlace in_place(execute::postgres_targets(open.engine, options), system_clock(),
                               limit);
        in_place.add_to(copies);
        open.engine.lend = [&](const std::string& name) { return in_place.lend(name); };
        return rehearse::rehearse(open.engine, options, copies);
    }
    // "step status rows", and why it failed.
    static std::vector<std::string> told(const std::vector<Rehearsed>& steps) {
        std::vector<std::string> all;
        for (const Rehearsed& one : steps)
            all.push_back(
                one.step + " " + one.status + " " + std::to_string(one.rows) +
                (one.error.empty() ? "" : ": " + one.error.substr(one.error.find(": ") + 2)));
        return all;
    }
    std::string everything() {
        std::string all;
        target_.open(true)->run(
            "select string_agg(id || name, ' ' order by id) || ' of ' || "
            "(select string_agg(relname, ' ' order by relname) from pg_class "
            "where relnamespace = 'public'::regnamespace or relname = 'receipts') from users",
            {}, sql::Access::Read, [&](const sql::Row& row) {
                all = to_text(row.value(0));
                return true;
            });
        return all;
    }
    using Told = std::vector<std::string>;

    sql::PostgresTarget target_;
    EngineStory story_;
};

TEST_F(InPlaceTest, RunsTheRealStepsAndTheirUndoAndLeavesNothing) {
    const std::string before = everything();
    const Report report = rehearse(R"yaml(
  - id: add
    lua: |
      connections.main:exec("create table teams (id int primary key)")
      connections.main:exec("insert into teams values (1), (2)")
    undo: {lua: 'connections.main:exec("drop table teams")'}
  - id: widen
    lua: |
      connections.main:transaction{key = "one", function()
        connections.main:exec("alter table users add column colour text")
      end}
      return {seen = connections.main:value("select count(*) from teams")}
    undo: {lua: 'connections.main:exec("alter table users drop column colour")'}
  - id: drain
    lua: |
      connections.main:batches{key = "all", size = 2,
        sql = "delete from users where id in (select id from users order by id limit :size)"}
  - id: other
    lua: |
      local n = 0
      connections.reader:each("select id from users", function() n = n + 1 end)
      check(n == 1, "the other connection saw %d users", n)
  - id: alone
    lua: connections.main:exec_alone("vacuum users")
)yaml");
    EXPECT_EQ(told(report.steps), (Told{"add succeeded 2", "widen succeeded 0", "drain succeeded 2",
                                        "other succeeded 0"}));
    ASSERT_EQ(report.left_out.size(), 1U);
    EXPECT_EQ(report.left_out[0].why, "it acts outside of transactions");
    EXPECT_EQ(told(report.undo), (Told{"widen succeeded 0", "add succeeded 0"}));
    const Changes& changes = report.databases.at(0);
    EXPECT_EQ(changes.copy.original, target_.name());
    const auto changed = schema::difference(changes.before.catalog, changes.after.catalog);
    EXPECT_EQ(schema::lines(changed),
              (Told{"+ column users.colour text",
                    "+ table teams (id), with 1 constraint, 1 index"}));
    EXPECT_EQ(schema::changed_rows(changes.before.rows, changes.after.rows), Told{"users 3 → 1"});
    EXPECT_EQ(changes.locks, Told{"access exclusive on users"});
    EXPECT_EQ(changes.undone.catalog, changes.before.catalog);
    EXPECT_EQ(everything(), before);
}

TEST_F(InPlaceTest, AStepThatFailsLeavesTheOthersRehearsed) {
    const Report report = rehearse(R"yaml(
  - id: good
    lua: connections.main:exec("update users set name = 'x'")
  - id: bad
    on_failure: continue
    lua: |
      connections.main:exec("update users set name = 'y'")
      connections.main:exec("insert into missing values (1)")
  - id: after
    lua: |
      check(connections.main:value("select min(name) from users") == "x", "what failed is there")
)yaml");
    EXPECT_EQ(told(report.steps),
              (Told{"good succeeded 3", "bad failed 0: relation \"missing\" does not exist",
                    "after succeeded 0"}));
    EXPECT_TRUE(report.failed());
}

TEST_F(InPlaceTest, FindsWhatTheRealRunWouldRefuse) {
    target_.outside(
        "create table parts (of_user bigint references users deferrable initially "
        "deferred)");
    const Report report = rehearse(R"yaml(
  - id: reads
    on_failure: continue
    lua: connections.main:query("delete from users returning id")
  - id: reader
    on_failure: continue
    lua: connections.reader:exec("delete from users")
  - id: deferred
    on_failure: continue
    lua: connections.main:exec("insert into parts values (7)")
  - id: mended
    lua: |
      connections.main:exec("insert into parts values (8)")
      connections.main:exec("insert into users values (8, 'hanna')")
)yaml");
    const Told seen = told(report.steps);
    EXPECT_EQ(seen.at(0), "reads failed 0: cannot execute DELETE in a read-only transaction");
    EXPECT_EQ(seen.at(1),
              "reader failed 0: the connection is declared read_only, so it can hold no receipt");
    EXPECT_EQ(seen.at(2),
              "deferred failed 0: Key (of_user)=(7) is not present in table \"users\".");
    EXPECT_EQ(seen.at(3), "mended succeeded 2");
}

TEST_F(InPlaceTest, EndsWhenItsTimeIsOver) {
    const Report report = rehearse(
        "  - id: slow\n    lua: connections.main:value(\"select "
        "pg_sleep(60)\")\n",
        Microseconds(300'000));
    EXPECT_EQ(told(report.steps).at(0),
              "slow failed 0: the time of a rehearsal in place is over: it keeps its locks to its "
              "end");
}

}  // namespace
}  // namespace drydock::rehearse
