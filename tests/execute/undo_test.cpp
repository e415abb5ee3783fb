#include <gtest/gtest.h>

#include <filesystem>

#include "tests/doubles/engine_story.h"

namespace drydock {
namespace {

using run::RunStatus;
using run::StepStatus;

constexpr const char* kThreeSteps = R"yaml(runbook: demo
connections: {app: {sqlite: app.db}}
on_failure: stop
steps:
  - id: a
    lua: |
      connections.app:exec("insert into log values ('a')")
      return {n = 7}
    returns: {n: integer}
    undo: {lua: 'connections.app:exec("insert into log values (?1)", "undo a " .. output.n)'}
  - id: b
    foreach: [x, y]
    lua: connections.app:exec("insert into log values (?1)", item)
    undo: {lua: 'connections.app:exec("insert into log values (?1)", "undo " .. item)'}
  - id: c
    lua: |
      check(connections.app:value("select count(*) from ready") > 0, "not ready")
    undo: {lua: 'connections.app:exec("insert into log values (''undo c'')")'}
finally:
  - {id: z, lua: 'connections.app:exec("insert into log values (?1)", "finally " .. run.status)'}
)yaml";

TEST(Undo, TakesStepsBackInReverseOrderAndThenRunsFinally) {
    EngineStory story;
    story.sql("app.db", "create table log (x); create table ready (x)");
    EXPECT_EQ(story.start(kThreeSteps).exit, 1);
    EXPECT_EQ(story.undo().exit, 0);
    EXPECT_EQ(story.load().state.status(), RunStatus::Undone);
    EXPECT_EQ(story.ask("app.db", "select group_concat(x) from log"),
              Value("a,x,y,undo y,undo x,undo a 7,finally undone"));
    EXPECT_EQ(story.status("a"), StepStatus::Undone);
    EXPECT_THROW(story.undo(), Error);  // an undone run is final
}

TEST(Undo, OfARunThatSucceededContinuesItsChain) {
    EngineStory story;
    story.sql("app.db",
              "create table log (x); create table ready (x); insert into ready values (1)");
    EXPECT_EQ(story.start(kThreeSteps).exit, 0);
    EXPECT_EQ(story.undo().exit, 0);
    EXPECT_EQ(story.ask("app.db", "select group_concat(x) from log"),
              Value("a,x,y,finally succeeded,undo c,undo y,undo x,undo a 7,finally undone"));
    EXPECT_EQ(story.load().state.episode(), 2);
}

TEST(Undo, HappensByItselfWhereTheRunbookSaysSo) {
    EngineStory story;
    story.sql("app.db", "create table log (x); create table ready (x)");
    std::string yaml = kThreeSteps;
    yaml.replace(yaml.find("on_failure: stop"), 16, "on_failure: undo");
    const auto finished = story.start(yaml);
    EXPECT_EQ(finished.status, RunStatus::Undone);
    EXPECT_EQ(finished.exit, 7);
}

TEST(Undo, StopsWhereItFailsAndGoesOnFromThere) {
    EngineStory story;
    story.sql("app.db", "create table log (x); create table ready (x)");
    std::string yaml = R"yaml(runbook: demo
connections: {app: {sqlite: app.db}}
steps:
  - id: a
    lua: connections.app:exec("insert into log values ('a')")
    undo: {lua: 'connections.app:exec("insert into log values (''undo a'')")'}
  - id: b
    lua: connections.app:exec("insert into log values ('b')")
    undo: {lua: 'check(connections.app:value("select count(*) from ready") > 0, "cannot go back yet")'}
)yaml";
    EXPECT_EQ(story.start(yaml).exit, 0);
    EXPECT_EQ(story.undo().exit, 1);
    EXPECT_EQ(story.ask("app.db", "select group_concat(x) from log"), Value("a,b"));
    story.sql("app.db", "insert into ready values (1)");
    EXPECT_EQ(story.go_on().status, RunStatus::Undone);
    EXPECT_EQ(story.ask("app.db", "select group_concat(x) from log"), Value("a,b,undo a"));
}

// A run that is done, and whose undo has stopped at b; what came after b is taken back.
class StoppedUndo : public testing::Test {
  protected:
    StoppedUndo() {
        story_.sql("app.db", "create table log (x); create table ready (x)");
        EXPECT_EQ(story_.start(R"yaml(runbook: demo
connections: {app: {sqlite: app.db}}
steps:
  - id: a
    lua: connections.app:exec("insert into log values ('a')")
    undo: {lua: 'connections.app:exec("insert into log values (''undo a'')")'}
  - id: b
    foreach: [x, y]
    lua: connections.app:exec("insert into log values (?1)", item)
    undo:
      lua: |
        check(item == "y" or connections.app:value("select count(*) from ready") > 0, "not yet")
        connections.app:exec("insert into log values (?1)", "undo " .. item)
finally:
  - {id: z, lua: 'connections.app:exec("insert into log values (?1)", run.status)'}
)yaml")
                      .exit,
                  0);
        EXPECT_EQ(story_.undo().exit, 1);
    }
    Value log() { return story_.ask("app.db", "select group_concat(x) from log"); }

    EngineStory story_;
};

TEST_F(StoppedUndo, IsGivenUpByACancel) {
    const execute::RunFinished finished = story_.cancel();
    EXPECT_EQ(finished.status, RunStatus::Cancelled);
    EXPECT_EQ(finished.exit, 6);
    EXPECT_EQ(log(), Value("a,x,y,succeeded,undo y,cancelled"));
    EXPECT_EQ(story_.status("a"), StepStatus::Succeeded);
    EXPECT_THROW(story_.cancel(), Error);
    EXPECT_THROW(story_.go_on(), Error);
}

TEST_F(StoppedUndo, BeginsAgainAfterItWasGivenUp) {
    EXPECT_EQ(story_.cancel().exit, 6);
    EXPECT_EQ(story_.undo().exit, 1) << "what stopped it is tried again";
    EXPECT_EQ(story_.cancel().exit, 6);
    story_.sql("app.db", "insert into ready values (1)");
    EXPECT_EQ(story_.undo().status, RunStatus::Undone);
    EXPECT_EQ(log(), Value("a,x,y,succeeded,undo y,cancelled,cancelled,undo x,undo a,undone"));
}

TEST_F(StoppedUndo, IsNotCalledUndoneWhenWhatStandsWasSkipped) {
    EXPECT_EQ(story_.go_on().exit, 1);
    const execute::RunFinished finished = story_.settle("b", run::Verdict::Skip);
    EXPECT_EQ(finished.status, RunStatus::Cancelled);
    EXPECT_EQ(log(), Value("a,x,y,succeeded,undo y,undo a,cancelled"));
    story_.sql("app.db", "insert into ready values (1)");
    EXPECT_EQ(story_.undo().status, RunStatus::Undone) << "the operator may think again";
    EXPECT_THROW(story_.undo(), Error);
}

// An action's undo that is cut off in a program: the run is asked about, unless the action says
// that its undo may be repeated.
class CutUndo : public testing::Test {
  protected:
    EngineStory story_;

    execute::RunFinished undone(const std::string& says) {
        story_.clock = &system_clock();
        std::filesystem::create_directory(story_.folder.file("out"));
        story_.write("own.lua", R"lua(return {set = {
  summary = "Sets", effect = "unsafe", )lua" + says + R"lua(
  run = function() fs.write("out/set", "") end,
  probe = function() return fs.exists("out/set") end,
  undo = function()
    if fs.exists("out/tried") then return fs.remove("out/set") end
    fs.write("out/tried", "")
    command{"/bin/sh", "-c", "while true; do read x < /dev/zero; done"}
  end,
}}
)lua");
        EXPECT_EQ(story_.start("runbook: demo\nfiles: [out]\ncommands: [/bin/sh]\n"
                               "steps:\n"
                               "  - {id: set, uses: ./own.set, timeout: 400ms}\n")
                      .exit,
                  0);
        return story_.undo();
    }
    bool is_set() { return std::filesystem::exists(story_.folder.file("out/set")); }
};

TEST_F(CutUndo, IsAskedAbout) {
    EXPECT_EQ(undone("").exit, 4);
    EXPECT_EQ(story_.go_on().exit, 4);
    EXPECT_TRUE(is_set());
}

// What nobody can tell must be settled; and an undo that may have been done is not begun again.
TEST_F(CutUndo, IsGivenUpOnlyWhenItIsSettled) {
    EXPECT_EQ(undone("").exit, 4);
    EXPECT_EQ(story_.cancel().exit, 4);
    EXPECT_EQ(story_.settle("set", run::Verdict::Skip).status, RunStatus::Cancelled);
    EXPECT_THROW(story_.undo(), Error);
    EXPECT_TRUE(is_set());
}

TEST_F(CutUndo, IsRepeatedWhereItsActionSaysThatItMayBe) {
    EXPECT_EQ(undone("undo_idempotent = true,").exit, 1);
    EXPECT_EQ(story_.undo().exit, 0);
    EXPECT_FALSE(is_set());
}

TEST(Cancel, RunsFinallyAndEnds) {
    EngineStory story;
    story.sql("app.db", "create table log (x); create table ready (x)");
    EXPECT_EQ(story.start(kThreeSteps).exit, 1);
    EXPECT_EQ(story.cancel().exit, 6);
    EXPECT_EQ(story.ask("app.db", "select group_concat(x) from log"),
              Value("a,x,y,finally cancelled"));
}

TEST(Settle, SkipsAFailedStep) {
    EngineStory story;
    story.sql("app.db", "create table log (x); create table ready (x)");
    EXPECT_EQ(story.start(kThreeSteps).exit, 1);
    EXPECT_EQ(story.settle("c", run::Verdict::Skip).exit, 0);
    EXPECT_EQ(story.status("c"), StepStatus::Skipped);
}

TEST(Settle, RefusesAStepThatIsNotOpen) {
    EngineStory story;
    story.sql("app.db", "create table log (x); create table ready (x)");
    EXPECT_EQ(story.start(kThreeSteps).exit, 1);
    EXPECT_THROW(story.settle("a", run::Verdict::Retry), Error);
    EXPECT_THROW(story.settle("nope", run::Verdict::Retry), Error);
}

}  // namespace
}  // namespace drydock
