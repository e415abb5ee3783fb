#include "engine/execute/step_history.h"

#include <gtest/gtest.h>

#include "tests/doubles/engine_story.h"

// A step starts in a window when what it took in earlier runs fits into the rest of it.
namespace drydock::execute {
namespace {

using run::RunStatus;
using run::StepStatus;

constexpr const char* kBook = R"yaml(runbook: demo
connections: {app: {sqlite: app.db}}
steps:
  - {id: act, lua: 'connections.app:exec("insert into t values (1)")', timeout: 90m}
)yaml";

class History : public testing::Test {
  protected:
    EngineStory story_;

    History() { story_.sql("app.db", "create table t (x)"); }

    void run_without_a_window(int times) {
        story_.settings.window.reset();
        for (int i = 0; i < times; ++i)
            EXPECT_EQ(story_.start(kBook).status, RunStatus::Succeeded);
    }
    // The clock of the story begins at Sunday 02:00 in Berlin: half an hour is left.
    RunFinished run_in_the_last_half_hour(const char* book = kBook) {
        story_.settings.window =
            runbook::Window{.opens = "Sun 01:30",
                            .lasts = {.held = runbook::Node::Scalar{"1h", true}, .place = {}},
                            .timezone = "Europe/Berlin",
                            .reserve = {},
                            .place = {}};
        return story_.start(book);
    }
};

TEST_F(History, OfTooFewRunsLeavesTheTimeoutToDecide) {
    run_without_a_window(2);
    const RunFinished held = run_in_the_last_half_hour();
    EXPECT_EQ(held.why, "window");
    EXPECT_EQ(story_.status("act"), StepStatus::Pending);
    ASSERT_FALSE(story_.observer.lines.empty());
    EXPECT_EQ(story_.observer.lines.back(),
              "do/act: the window has 30m left; this step may take its timeout of 1h30m");
}

TEST_F(History, LetsAStepStartThatUsuallyFits) {
    run_without_a_window(3);
    EXPECT_EQ(run_in_the_last_half_hour().status, RunStatus::Succeeded);
}

// Taken literally the step still has its 90 minutes; the window has 30.
TEST_F(History, TheAttemptHasNoMoreTimeThanTheWindow) {
    run_without_a_window(3);
    run_in_the_last_half_hour();
    auto open = story_.opened();
    const std::int64_t n = open.journal->find(story_.last_run, 1).at(0).n;
    std::int64_t deadline_ms = 0;
    (void)journal::load(*open.journal, n, [&](const run::Event& event, const auto&, const auto&) {
        if (const auto* started = std::get_if<run::StepStarted>(&event.payload))
            deadline_ms = started->deadline_ms;
    });
    EXPECT_EQ(deadline_ms, 30 * 60 * 1000);
}

constexpr const char* kSlow = R"yaml(runbook: demo
connections: {app: {sqlite: app.db}}
steps:
  - id: act
    timeout: 90m
    lua: |
      connections.app:batches{key = "all", size = 1, pause = "40m",
        sql = "delete from t where rowid in (select rowid from t limit :size)"}
)yaml";

TEST_F(History, HoldsAStepThatUsuallyTakesLonger) {
    story_.settings.window.reset();
    const std::int64_t begun = story_.manual_clock.wall().micros;
    for (int i = 0; i < 3; ++i) {
        story_.sql("app.db", "insert into t values (1)");
        EXPECT_EQ(story_.start(kSlow).status, RunStatus::Succeeded);
    }
    story_.manual_clock.set_wall(begun);
    const RunFinished held = run_in_the_last_half_hour(kSlow);
    EXPECT_EQ(held.why, "window");
    EXPECT_EQ(story_.observer.lines.back(),
              "do/act: the window has 30m left; this step took up to 40m in earlier runs");
}

TEST_F(History, KnowsNothingOfAStepThatNeverRan) {
    run_without_a_window(3);
    auto open = story_.opened();
    StepHistory history(*open.journal, "demo", "");
    EXPECT_TRUE(history.p95("do/act").has_value());
    EXPECT_FALSE(history.p95("do/other").has_value());
    StepHistory other(*open.journal, "another-runbook", "");
    EXPECT_FALSE(other.p95("do/act").has_value());
}

}  // namespace
}  // namespace drydock::execute
