#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "engine/redis/step_session.h"
#include "tests/doubles/engine_story.h"
#include "tests/os/seam_switch.h"
#include "tests/servers/redis_server.h"

// Whole runs with a Redis target: what is journaled, what happens once, what happens to a run whose
// server goes.
namespace drydock::execute {
namespace {

using run::RunStatus;
using run::StepStatus;

class RedisRun : public testing::Test {
  protected:
    RedisRun() { story_.clock = &system_clock(); }

    // `steps` are those of a runbook with one connection, `cache`.
    RunFinished start(const std::string& steps, const std::string& settings = "") {
        return story_.start("runbook: demo\nconnections:\n  cache: {redis: \"" + redis_.socket() +
                            "\"" + settings + "}\nsteps:\n" + steps);
    }
    // Starts, dies at `kill_point`, and takes the run up again until it does not go on.
    RunFinished start_and_die(const std::string& steps, const std::string& kill_point) {
        const pid_t child = ::fork();
        if (child == 0) {
            const test::KillAt kill(kill_point);
            (void)start(steps);
            ::_exit(0);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_TRUE(WIFSIGNALED(status)) << kill_point << " was not passed";
        story_.last_run = first_run();
        return story_.go_on();
    }
    void write_secret(const std::string& name, const std::string& text) {
        story_.write(name, text);
        std::filesystem::permissions(story_.folder.file(name), std::filesystem::perms(0600));
    }
    // Somebody passes the gate, and somebody takes the run up.
    RunFinished pass_gate() {
        const journal::LoadedRun run = story_.load();
        (void)story_.go_on(
            {.intent = plan::ResumeFacts::Intent::Answer,
             .ask = AnswerRequest{.scope = "do/ready",
                                  .leaf = run.state.find("do/ready")->wait->leaf}});
        return story_.go_on();
    }
    std::string first_run() {
        auto open = story_.opened();
        return open.journal->list({.limit = 1}).at(0).run;
    }
    [[nodiscard]] bool has_tokens() const {
        return redis_.run({"EXISTS", redis::token_hash(story_.last_run)}).integer > 0;
    }

    test::RedisServer& redis_ = test::RedisServer::fresh();
    EngineStory story_;
};

constexpr const char* kOnce = R"yaml(
  - id: count
    lua: |
      local n = connections.cache:transaction{key = "one", "INCR", "n"}
      return {n = n}
    returns: {n: integer}
)yaml";

TEST_F(RedisRun, JournalsWritesAndBindsTheServer) {
    const RunFinished finished = start(R"yaml(
  - id: write
    lua: |
      connections.cache:set("greeting", "topsecret")
      return {got = connections.cache:get("greeting")}
    returns: {got: string}
)yaml");
    EXPECT_EQ(finished.status, RunStatus::Succeeded) << story_.error_of("write");
    EXPECT_EQ(story_.output("write", "got"), Value("topsecret"));
    const journal::LoadedRun run = story_.load();
    EXPECT_EQ(run.state.targets().at("cache").identity, "redis at=" + redis_.socket() + "/0");
    ASSERT_EQ(run.state.find("do/write")->effects.size(), 1U);
    EXPECT_EQ(run.state.find("do/write")->effects[0].primitive, "redis SET");
}

TEST_F(RedisRun, AStepMayDoNoMoreThanItDeclares) {
    (void)start(R"yaml(
  - id: write
    effect: transaction
    lua: |
      local c = connections.cache
      local name = "se" .. "t"  -- so that it is found only when it runs
      c[name](c, "a", "1")
)yaml");
    EXPECT_EQ(story_.status("write"), StepStatus::Failed);
    EXPECT_EQ(redis_.run({"EXISTS", "a"}).integer, 0);
}

TEST_F(RedisRun, AKeyedWriteIsThereOnceWhereverTheEngineDies) {
    for (const char* place : {"redis.token_written", "attempt.ended", "boundary.before_commit"}) {
        redis_.run({"FLUSHALL"});
        std::filesystem::remove_all(story_.folder.file("journal.db"));
        const RunFinished finished = start_and_die(kOnce, place);
        EXPECT_EQ(finished.status, RunStatus::Succeeded) << place;
        EXPECT_EQ(redis_.get("n"), "1") << place;
        EXPECT_FALSE(has_tokens()) << place;
    }
}

TEST_F(RedisRun, WithoutItsTokenAKeyedWriteIsThereTwice) {
    const test::Without none(Protection::Token);
    (void)start_and_die(kOnce, "redis.token_written");
    EXPECT_EQ(redis_.get("n"), "2");
}

TEST_F(RedisRun, AWriteWithoutAKeyIsUnknownWhenTheEngineDies) {
    const RunFinished finished = start_and_die(R"yaml(
  - id: count
    lua: connections.cache:incr("n")
)yaml",
                                               "redis.done");
    EXPECT_EQ(finished.exit, 4);
    EXPECT_EQ(story_.status("count"), StepStatus::Unknown);
    EXPECT_EQ(redis_.get("n"), "1");
}

TEST_F(RedisRun, TokensStayWhileARunThatFailedMayBeTakenUpAgain) {
    const RunFinished stopped = start(R"yaml(
  - id: count
    on_failure: end
    lua: |
      connections.cache:transaction{key = "one", "INCR", "n"}
      check(connections.cache:exists("go"), "not yet")
)yaml");
    EXPECT_EQ(stopped.status, RunStatus::Failed);
    EXPECT_TRUE(has_tokens());
    redis_.run({"SET", "go", "1"});
    EXPECT_EQ(story_.settle("count", run::Verdict::NotApplied).status, RunStatus::Succeeded);
    EXPECT_EQ(redis_.get("n"), "1");
    EXPECT_FALSE(has_tokens());
}

TEST_F(RedisRun, KeyedWritesAreNoPartOfADatabasesTransaction) {
    story_.sql("app.db", "create table t(a)");
    (void)story_.start("runbook: demo\nconnections:\n  app: {sqlite: app.db}\n  cache: {redis: \"" +
                       redis_.socket() + "\"}\nsteps:\n" + R"yaml(
  - id: both
    lua: |
      connections.app:exec("insert into t values (1)")
      connections.cache:transaction{key = "one", "INCR", "n"}
)yaml");
    EXPECT_NE(story_.error_of("both").find("with uncommitted writes on app"), std::string::npos);
    EXPECT_EQ(redis_.run({"EXISTS", "n"}).integer, 0);
}

TEST_F(RedisRun, AServerThatRestartsWithoutItsDataIsTheSameTarget) {
    test::RedisServer mortal;
    const std::string steps = R"yaml(
  - id: first
    lua: connections.cache:set("a", "1")
  - id: ready
    gate: {prompt: go on}
  - id: second
    lua: |
      return {there = connections.cache:exists("a")}
    returns: {there: boolean}
)yaml";
    (void)story_.start("runbook: demo\nconnections:\n  cache: {redis: \"" + mortal.socket() +
                       "\"}\nsteps:\n" + steps);
    mortal.kill();
    mortal.start();
    const RunFinished finished = pass_gate();
    EXPECT_EQ(finished.status, RunStatus::Succeeded)
        << finished.why << " " << finished.scope << story_.error_of("second");
    EXPECT_EQ(story_.output("second", "there"), Value(false));
}

TEST_F(RedisRun, AnotherServerUnderTheSameNameIsRefused) {
    test::RedisServer first, second;
    write_secret("where.txt", first.socket());
    const RunFinished waiting = story_.start(
        "runbook: demo\nsecrets: {where: {file: where.txt}}\nconnections:\n"
        "  cache: {redis: \"${secrets.where}\"}\nsteps:\n"
        "  - {id: write, lua: 'connections.cache:set(\"a\", 1)'}\n"
        "  - {id: ready, gate: {prompt: go on}}\n"
        "  - {id: again, lua: 'connections.cache:set(\"a\", 2)'}\n");
    EXPECT_EQ(waiting.exit, 3) << story_.error_of("write");
    write_secret("where.txt", second.socket());
    EXPECT_EQ(pass_gate().exit, 4);
    EXPECT_EQ(second.run({"DBSIZE"}).integer, 0);
}

TEST_F(RedisRun, ATimeoutStopsABlockedCommandAndLeavesItInDoubt) {
    const auto began = std::chrono::steady_clock::now();
    const RunFinished finished = start(R"yaml(
  - id: pop
    timeout: 200ms
    lua: connections.cache:command("BLPOP", "nothing", 0)
)yaml");
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
    EXPECT_EQ(finished.exit, 4);
    EXPECT_EQ(story_.status("pop"), StepStatus::Unknown);
}

TEST_F(RedisRun, ReadOnlyConnectionsRefuseWrites) {
    (void)start("  - {id: write, lua: 'connections.cache:set(\"a\", 1)'}\n", ", read_only: true");
    EXPECT_NE(story_.error_of("write").find("is declared read_only"), std::string::npos);
}

TEST_F(RedisRun, ThePlanSaysWhereTokensMayBeForgotten) {
    redis_.run({"CONFIG", "SET", "maxmemory-policy", "allkeys-lfu"});
    story_.write("book.yaml", "runbook: demo\nconnections:\n  cache: {redis: \"" + redis_.socket() +
                                  "\"}\nsteps:\n" + kOnce);
    auto open = story_.opened();
    const Preview preview = execute::preview(open.engine, story_.options({}));
    EXPECT_EQ(preview.effects.at("count"), runbook::Effect::Transaction);
    ASSERT_EQ(preview.remarks.size(), 1U);
    EXPECT_EQ(preview.remarks[0],
              "cache: maxmemory-policy is allkeys-lfu, so its transaction{…} are unsafe");
    EXPECT_EQ(preview.locks, std::vector<std::string>{"redis:" + redis_.socket() + "/0"});
    // Then the step may not do what it was not planned to do.
    (void)start(kOnce);
    EXPECT_NE(story_.error_of("count").find("maxmemory-policy is allkeys-lfu, so it is unsafe"),
              std::string::npos)
        << story_.error_of("count");
    EXPECT_EQ(redis_.run({"EXISTS", "n"}).integer, 0);
}

TEST_F(RedisRun, APasswordIsNowhere) {
    redis_.run({"ACL", "SETUSER", "anna", "reset", "on", ">canary-password", "~*", "+@all"});
    for (const char* password : {"canary-password", "wrong-canary-password"}) {
        write_secret("pw.txt", password);
        (void)story_.start(
            "runbook: demo\nsecrets: {pw: {file: pw.txt}}\nconnections:\n"
            "  cache: {redis: \"" +
            redis_.socket() +
            "\", user: anna, password: \"${secrets.pw}\"}\nsteps:\n"
            "  - {id: write, lua: 'connections.cache:set(\"a\", 1)'}\n");
        EXPECT_EQ(story_.error_of("write").find("canary"), std::string::npos);
    }
    EXPECT_NE(story_.error_of("write").find("WRONGPASS"), 0U);
    EXPECT_EQ(story_.read("journal.db").find("canary-password"), std::string::npos);
}

}  // namespace
}  // namespace drydock::execute
