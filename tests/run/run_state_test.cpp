#include "engine/run/run_state.h"

#include <gtest/gtest.h>

#include "engine/error.h"
#include "tests/doubles/run_story.h"

namespace drydock::run {
namespace {

TEST(RunState, FoldsAStepFromStartToOutput) {
    RunStory story;
    story.created().starts("a");
    EXPECT_EQ(story.state.running(), "do/a");
    EXPECT_EQ(story.state.find("do/a")->status, StepStatus::Running);
    story.succeeds("a", {{"rows", 3}});
    EXPECT_EQ(story.state.running(), "");
    EXPECT_EQ(*story.state.find("do/a")->output.member("rows"), Value(3));
}

TEST(RunState, RefusesAGap) {
    RunStory story;
    story.created();
    Event event;
    event.run = std::string(26, 'r');
    event.seq = 9;
    event.payload = RunSuspended{};
    EXPECT_THROW(story.state.apply(event, "leaf"), Error);
}

TEST(RunState, CountsEffectsThatNoValueCovers) {
    RunStory story;
    story.created().starts("a");
    story.tell(EffectBegan{.n = 1, .primitive = "command"}, "do/a", 1);
    EXPECT_EQ(story.state.find("do/a")->uncovered(), 1);
    EXPECT_TRUE(story.state.find("do/a")->has_doubtful_effect());
    story.tell(EffectEnded{.n = 1}, "do/a", 1);
    EXPECT_EQ(story.state.find("do/a")->uncovered(), 1);
    EXPECT_FALSE(story.state.find("do/a")->has_doubtful_effect());
    story.tell(ValueRecorded{.covers = {1}}, "do/a", 1, {{"key", "k"}, {"value", "v"}});
    EXPECT_EQ(story.state.find("do/a")->uncovered(), 0);
    EXPECT_EQ(story.state.find("do/a")->recorded.at("k"), Value("v"));
}

// The statement is kept so that the catalog can be asked about it; what was there before the effect
// began proves nothing.
TEST(RunState, KnowsTheStatementOfAnEffectThatTheCatalogCanProve) {
    const Value::Map sql{{"sql", "drop index concurrently i"}};
    Value::Map there_before = sql;
    there_before.emplace("there_before", true);
    for (const bool before : {false, true}) {
        RunStory story;
        story.created().starts("a");
        story.tell(EffectBegan{.n = 1, .primitive = "exec_alone"}, "do/a", 1,
                   {{"subject", "main"}, {"arguments", before ? there_before : sql}});
        const auto& effects = story.state.find("do/a")->effects;
        ASSERT_EQ(effects.size(), 1U);
        EXPECT_EQ(effects.front().statement, before ? "" : "drop index concurrently i");
    }
}

TEST(RunState, CountsInterruptionsInARowUntilSomethingMoves) {
    RunStory story;
    story.created().starts("a");
    story.tell(StepInterrupted{.progress = 4}, "do/a", 1).tell(StepStarted{}, "do/a", 2);
    story.tell(StepInterrupted{.progress = 4}, "do/a", 2);
    EXPECT_EQ(story.state.find("do/a")->interruptions, 2);
    story.tell(StepStarted{}, "do/a", 3).tell(StepInterrupted{.progress = 5}, "do/a", 3);
    EXPECT_EQ(story.state.find("do/a")->interruptions, 1);
}

TEST(RunState, KeepsTheLastReceiptOfEachTargetUntilItIsReplaced) {
    RunStory story;
    story.created().starts("a");
    story.tell(TargetBound{}, {}, 0, {{"connection", "app"}, {"identity", "sqlite 1"}});
    story.tell(
        StepFinished{}, "do/a", 1,
        {{"receipts", Value::List{Value::Map{{"connection", "app"}, {"key", ""}, {"rows", 2}}}}});
    EXPECT_TRUE(story.state.targets().at("app").has_receipt);
    EXPECT_EQ(story.state.targets().at("app").last_scope, "do/a");
    story.tell(TargetBound{.replaces = true}, {}, 0,
               {{"connection", "app"}, {"identity", "sqlite 2"}});
    EXPECT_FALSE(story.state.targets().at("app").has_receipt);
}

TEST(RunState, ShowsAnUndoneStepAsUndone) {
    RunStory story;
    story.created().starts("a").succeeds("a");
    story.tell(PhaseBegan{.phase = Phase::Undo, .outcome = RunStatus::Undone}, {}, 0,
               {{"scopes", Value::List{"do/a"}}});
    EXPECT_EQ(story.state.phase_prefix(), "undo");
    story.tell(StepStarted{}, "undo/a", 1).tell(StepFinished{}, "undo/a", 1);
    EXPECT_EQ(story.state.find("do/a")->status, StepStatus::Undone);
}

TEST(RunState, ShowsAStepAsUndoneWhoseUndoWasFoundDoneAfterACrash) {
    RunStory story;
    story.created().starts("a").succeeds("a");
    story.tell(PhaseBegan{.phase = Phase::Undo, .outcome = RunStatus::Undone}, {}, 0,
               {{"scopes", Value::List{"do/a"}}});
    story.tell(StepStarted{}, "undo/a", 1)
        .tell(StepInterrupted{}, "undo/a", 1)
        .tell(StepSettled{.verdict = Verdict::Applied, .by = SettledBy::Receipt}, "undo/a", 1);
    EXPECT_EQ(story.state.find("do/a")->status, StepStatus::Undone);
}

TEST(RunState, KnowsTheUnknownUntilItIsSettled) {
    RunStory story;
    story.created().starts("a").tell(StepFinished{.outcome = StepOutcome::Unknown}, "do/a", 1);
    EXPECT_EQ(story.state.unknown(), "do/a");
    story.tell(StepSettled{.verdict = Verdict::Retry}, "do/a", 1);
    EXPECT_EQ(story.state.unknown(), "");
}

TEST(RunState, RefusesAnAnswerToAnotherQuestion) {
    RunStory story;
    story.created().tell(WaitBegan{.need = 1}, "do/gate", 1, {{"prompt", "?"}});
    const std::string leaf = story.state.find("do/gate")->wait->leaf;
    EXPECT_EQ(leaf, story.head());
    EXPECT_THROW(story.tell(WaitAnswered{.leaf = "other"}, "do/gate", 1), Error);
}

}  // namespace
}  // namespace drydock::run
