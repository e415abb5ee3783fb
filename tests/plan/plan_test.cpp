#include "engine/plan/plan.h"

#include <gtest/gtest.h>

#include "tests/doubles/run_story.h"

namespace drydock::plan {
namespace {

using run::RunStory;
using Kind = Move::Kind;

runbook::Step step(std::string id, bool undoable = false) {
    runbook::Step made;
    made.id = std::move(id);
    made.body = runbook::LuaBody{.text = "return nil", .place = {}};
    if (undoable) made.undo = runbook::LuaBody{.text = "return nil", .place = {}};
    return made;
}

runbook::Bundle book(std::vector<runbook::Step> steps, std::vector<runbook::Step> finally = {}) {
    runbook::Bundle bundle;
    bundle.runbook.steps = std::move(steps);
    bundle.runbook.finally = std::move(finally);
    return bundle;
}

TEST(Plan, TakesStepsInTheOrderWrittenAndEnds) {
    const runbook::Bundle bundle = book({step("a"), step("b")});
    RunStory story;
    Plan plan(bundle);
    story.created();
    EXPECT_EQ(plan.next(story.state).scope, "do/a");
    EXPECT_EQ(plan.next(story.state).kind, Kind::Consider);
    story.starts("a").succeeds("a");
    EXPECT_EQ(plan.next(story.state).scope, "do/b");
    story.tell(run::StepSkipped{}, "do/b");
    EXPECT_EQ(plan.next(story.state).kind, Kind::BeginFinal);
    story.tell(run::PhaseBegan{.phase = run::Phase::Final, .episode = 1});
    EXPECT_EQ(plan.next(story.state).kind, Kind::End);
}

TEST(Plan, StopsEndsUndoesOrGoesOnAsTheStepSays) {
    using runbook::OnFailure;
    const auto after_failure = [](OnFailure answer) {
        runbook::Bundle bundle = book({step("a"), step("b")});
        bundle.runbook.steps[0].on_failure = answer;
        RunStory story;
        story.created().starts("a").fails("a");
        return Plan(bundle).next(story.state).kind;
    };
    EXPECT_EQ(after_failure(OnFailure::Stop), Kind::Suspend);
    EXPECT_EQ(after_failure(OnFailure::End), Kind::BeginFinal);
    EXPECT_EQ(after_failure(OnFailure::Undo), Kind::BeginUndo);
    EXPECT_EQ(after_failure(OnFailure::Continue), Kind::Consider);
}

TEST(Plan, WaitsForTheOperatorWhenAnOutcomeIsUnknown) {
    const runbook::Bundle bundle = book({step("a"), step("b")});
    RunStory story;
    story.created().starts("a").tell(run::StepFinished{.outcome = run::StepOutcome::Unknown},
                                     "do/a", 1);
    const Move move = Plan(bundle).next(story.state);
    EXPECT_EQ(move.kind, Kind::Suspend);
    EXPECT_TRUE(move.unknown);
}

TEST(Plan, LetsAnUnknownOutcomeWinOverACancel) {
    const runbook::Bundle bundle = book({step("a"), step("b")});
    RunStory story;
    story.created().starts("a").tell(run::StepFinished{.outcome = run::StepOutcome::Unknown},
                                     "do/a", 1);
    story.tell(run::CancelRequested{});
    EXPECT_EQ(Plan(bundle).next(story.state).kind, Kind::Suspend);
    story.tell(run::StepSettled{.verdict = run::Verdict::Applied}, "do/a", 1);
    EXPECT_EQ(Plan(bundle).next(story.state).outcome, run::RunStatus::Cancelled);
}

TEST(Plan, WalksTheItemsOfAForeachAndResumesAtTheFailedOne) {
    runbook::Bundle bundle = book({step("each")});
    bundle.runbook.steps[0].foreach = runbook::Node{};
    RunStory story;
    Plan plan(bundle);
    story.created().tell(run::StepStarted{}, "do/each", 1, {{"list", Value::List{1, 2, 3}}});
    EXPECT_EQ(plan.next(story.state).scope, "do/each[1]");
    story.starts("each[1]").succeeds("each[1]").starts("each[2]").fails("each[2]");
    Move move = plan.next(story.state);
    EXPECT_EQ(move.kind, Kind::FinishGroup);
    EXPECT_TRUE(move.failed);
    story.fails("each").tell(run::StepSettled{.verdict = run::Verdict::Retry}, "do/each[2]", 1);
    story.tell(run::StepSettled{.verdict = run::Verdict::Retry}, "do/each", 1);
    move = plan.next(story.state);
    EXPECT_EQ(move.scope, "do/each[2]");
    EXPECT_EQ(move.index, 2);
}

TEST(Plan, UndoesInReverseOrderOfStartWhatHasAWayBack) {
    const runbook::Bundle bundle =
        book({step("a", true), step("b"), step("c", true), step("d", true)});
    RunStory story;
    story.created().starts("a").succeeds("a").starts("b").succeeds("b").starts("c").succeeds("c");
    const Plan plan(bundle);
    EXPECT_EQ(plan.undo_list(story.state), (std::vector<std::string>{"do/c", "do/a"}));
}

TEST(Plan, SkipsTheUndoOfAStepThatDidNothing) {
    const runbook::Bundle bundle = book({step("a", true)});
    RunStory story;
    story.created().starts("a").fails("a");
    story.tell(run::PhaseBegan{.phase = run::Phase::Undo, .outcome = run::RunStatus::Undone}, {}, 0,
               {{"scopes", Value::List{"do/a"}}});
    EXPECT_EQ(Plan(bundle).next(story.state).kind, Kind::SkipUndone);
}

TEST(Plan, SuspendsWhenAnUndoFails) {
    const runbook::Bundle bundle = book({step("a", true)});
    RunStory story;
    story.created().starts("a").succeeds("a");
    story.tell(run::PhaseBegan{.phase = run::Phase::Undo, .outcome = run::RunStatus::Undone}, {}, 0,
               {{"scopes", Value::List{"do/a"}}});
    Plan plan(bundle);
    EXPECT_EQ(plan.next(story.state).scope, "undo/a");
    story.tell(run::StepStarted{}, "undo/a", 1)
        .tell(run::StepFinished{.outcome = run::StepOutcome::Failed}, "undo/a", 1);
    EXPECT_EQ(plan.next(story.state).kind, Kind::Suspend);
}

// A process that is at work on an undo is stopped by a cancel; only one that found it standing may
// give it up.
TEST(Plan, GivesAnUndoUpOnlyWhenTheCancelFoundItStanding) {
    const runbook::Bundle bundle = book({step("a", true)});
    for (const auto why : {run::ClaimWhy::Undo, run::ClaimWhy::Cancel}) {
        RunStory story;
        story.created().starts("a").succeeds("a");
        story.tell(run::PhaseBegan{.phase = run::Phase::Undo, .outcome = run::RunStatus::Undone},
                   {}, 0, {{"scopes", Value::List{"do/a"}}});
        story.tell(run::RunClaimed{.why = why}).tell(run::CancelRequested{});
        EXPECT_EQ(story.state.undo_given_up(), why == run::ClaimWhy::Cancel);
        if (why != run::ClaimWhy::Cancel) continue;
        const Move move = Plan(bundle).next(story.state);
        EXPECT_EQ(move.kind, Kind::BeginFinal);
        EXPECT_EQ(move.outcome, run::RunStatus::Cancelled);
        // What is taken back already needs nobody to give it up.
        story.tell(run::StepStarted{}, "undo/a", 1).tell(run::StepFinished{}, "undo/a", 1);
        EXPECT_EQ(Plan(bundle).next(story.state).outcome, run::RunStatus::Undone);
    }
}

TEST(Plan, TriesEachFinallyStepAndFailsTheRunForTheFirst) {
    const runbook::Bundle bundle = book({}, {step("x"), step("y")});
    RunStory story;
    Plan plan(bundle);
    story.created().tell(run::PhaseBegan{
        .phase = run::Phase::Final, .episode = 1, .outcome = run::RunStatus::Succeeded});
    story.tell(run::StepStarted{}, "fin1/x", 1)
        .tell(run::StepFinished{.outcome = run::StepOutcome::Failed}, "fin1/x", 1);
    EXPECT_EQ(plan.next(story.state).scope, "fin1/y");
    story.tell(run::StepStarted{}, "fin1/y", 1).tell(run::StepFinished{}, "fin1/y", 1);
    EXPECT_EQ(plan.next(story.state).outcome, run::RunStatus::Failed);
}

TEST(Plan, GivesTheSameAnswerTwice) {
    const runbook::Bundle bundle = book({step("a")});
    RunStory story;
    story.created();
    Plan plan(bundle);
    EXPECT_EQ(plan.next(story.state).scope, plan.next(story.state).scope);
}

}  // namespace
}  // namespace drydock::plan
