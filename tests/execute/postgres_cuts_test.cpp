// The connection to the server is cut at one message after another: before the server gets it,
// after it has acted on it, or by pg_terminate_backend. Whatever was cut, the run can be taken up,
// nobody has to be asked what happened, and each effect is there exactly once.

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/doubles/engine_story.h"
#include "tests/servers/cutting_proxy.h"
#include "tests/sql/drivers.h"

namespace drydock::execute {
namespace {

using run::RunStatus;
using test::CuttingProxy;

constexpr const char* kSteps = R"yaml(
  - id: bare
    lua: |
      connections.main:exec("insert into t values (1, 'bare')")
      connections.main:exec("update counts set n = n + 1 where name = 'bare'")
      return {rows = connections.main:value("select count(*) from t")}
    returns: {rows: integer}
  - id: keyed
    lua: |
      for i = 1, 4 do
        connections.main:transaction{key = "k" .. i, function()
          connections.main:exec("update counts set n = n + 1 where name = 'keyed'")
        end}
      end
  - id: batches
    lua: |
      local rows = connections.main:batches{key = "all", size = 2,
        sql = "update old set done = done + 1 where a in "
           .. "(select a from old where done = 0 order by a limit :size)"}
      return {rows = rows}
    returns: {rows: integer}
  - id: copied
    lua: |
      local rows = {}
      for i = 10, 30 do rows[#rows + 1] = {i, "copied"} end
      connections.main:copy("t", {"a", "b"}, rows)
  - id: alone
    lua: |
      connections.main:exec_alone("create index concurrently t_b on t (b)")
      connections.main:exec_alone("alter type colour add value 'red'")
      connections.main:exec_alone("drop index concurrently old_a")
      connections.main:exec_alone("vacuum t")
)yaml";

int from_environment(const char* name, int otherwise) {
    const char* value = std::getenv(name);
    return value == nullptr ? otherwise : std::atoi(value);
}

class World {
  public:
    World() {
        target_.outside(
            "create table counts (name text primary key, n int);"
            "insert into counts values ('bare', 0), ('keyed', 0);"
            "create table old (a int, done int default 0); create index old_a on old (a);"
            "create type colour as enum ('blue');"
            "insert into old select n, 0 from generate_series(1, 5) as n");
    }
    std::string runbook() const {
        return "runbook: demo\nconnections:\n  main: {postgres: 127.0.0.1, port: " +
               std::to_string(proxy_.port()) + ", database: " + target_.name() +
               ", user: postgres}\nsteps:\n" + kSteps;
    }
    RunFinished start() { return story_.start(runbook()); }
    // What is cut may be the look at the target before there is a run.
    RunFinished try_to_start() {
        try {
            return start();
        } catch (const Error& error) {
            return {.status = RunStatus::Failed, .why = error.message(), .scope = {}, .exit = 1};
        }
    }
    // As an operator would after each stop: look that the server is there, and retry the step.
    RunFinished bring_to_an_end(RunFinished finished) {
        for (int i = 0; i < 5 && finished.status != RunStatus::Succeeded; ++i) {
            if (finished.exit == 4) return finished;
            const bool at_step = finished.scope.starts_with("do/");
            finished = at_step ? story_.settle(finished.scope.substr(3), run::Verdict::Retry)
                               : story_.go_on();
        }
        return finished;
    }
    std::string state() {
        std::string all;
        target_.open(true)->run(
            "select (select string_agg(a || b, ' ' order by a) from t) || ' | ' || "
            "(select string_agg(name || n, ' ' order by name) from counts) || ' | ' || "
            "(select string_agg(a || ':' || done, ' ' order by a) from old) || ' | ' || "
            "enum_range(null::colour)::text || ' | ' || "
            "(select string_agg(indexrelid::regclass || ':' || indisvalid, ' ' order by "
            "indexrelid::regclass::text) from pg_index where indrelid in ('t'::regclass, "
            "'old'::regclass))",
            {}, sql::Access::Read, [&](const sql::Row& row) {
                all = to_text(row.value(0));
                return true;
            });
        return all;
    }
    CuttingProxy& proxy() { return proxy_; }
    EngineStory& story() { return story_; }

  private:
    sql::PostgresTarget target_;
    CuttingProxy proxy_{test::PostgresServer::shared().port(), [this](int pid) {
                            target_.outside("select pg_terminate_backend(" + std::to_string(pid) +
                                            ", 5000)");
                        }};
    EngineStory story_;
};

class PostgresCuts : public testing::TestWithParam<CuttingProxy::Cut> {};

TEST_P(PostgresCuts, LeaveEachEffectThereExactlyOnce) {
    std::string expected;
    std::int64_t messages = 0;
    {
        World undisturbed;
        undisturbed.proxy().cut_at(0, GetParam());
        const RunFinished finished = undisturbed.start();
        ASSERT_EQ(finished.status, RunStatus::Succeeded) << undisturbed.story().error_of("bare");
        expected = undisturbed.state();
        messages = undisturbed.proxy().messages();
    }
    ASSERT_GT(messages, 20);
    int cuts = 0;
    const int stride = from_environment("DRYDOCK_CUT_STRIDE", 7);
    // The last one only says good-bye.
    for (std::int64_t nth = 1; nth < messages; nth += stride) {
        SCOPED_TRACE("cut at message " + std::to_string(nth) + " of " + std::to_string(messages));
        World world;
        world.proxy().cut_at(nth, GetParam());
        RunFinished finished = world.try_to_start();
        ASSERT_TRUE(world.proxy().has_cut());
        ++cuts;
        if (world.story().last_run.empty()) finished = world.start();
        finished = world.bring_to_an_end(finished);
        EXPECT_EQ(finished.status, RunStatus::Succeeded)
            << "exit " << finished.exit << " at " << finished.scope << " " << finished.why;
        EXPECT_EQ(world.state(), expected);
        if (HasFailure()) break;
    }
    std::printf("%d cuts\n", cuts);
}

INSTANTIATE_TEST_SUITE_P(Moments, PostgresCuts,
                         testing::Values(CuttingProxy::Cut::Before, CuttingProxy::Cut::After,
                                         CuttingProxy::Cut::Killed),
                         [](const auto& how) {
                             return how.param == CuttingProxy::Cut::Before  ? "before"
                                    : how.param == CuttingProxy::Cut::After ? "after"
                                                                            : "killed";
                         });

}  // namespace
}  // namespace drydock::execute
