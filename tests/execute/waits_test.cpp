#include <gtest/gtest.h>

#include "tests/doubles/engine_story.h"

namespace drydock {
namespace {

using run::RunStatus;
using run::StepStatus;
using Intent = plan::ResumeFacts::Intent;

constexpr const char* kGate = R"yaml(runbook: demo
connections: {app: {sqlite: app.db}}
steps:
  - id: ready
    gate:
      prompt: Go on with ${params.what}?
      by: dba
      checklist:
        - The window is announced
        - {text: The table is empty, lua: 'return connections.app:value("select count(*) from t") == 0'}
      form: {why: string, batch: {type: integer, default: 5}}
    timeout: 1h
  - id: after
    lua: return {by = steps.ready.by, why = steps.ready.why}
    effect: read
    returns: {by: string, why: string}
params: {what: {type: string, default: it}}
)yaml";

class Gate : public testing::Test {
  protected:
    EngineStory story_;

    void SetUp() override {
        story_.settings.roles = {{"dba", {"anna", "ben"}}};
        story_.sql("app.db", "create table t (x)");
        const auto waiting = story_.start(kGate);
        EXPECT_EQ(waiting.exit, 3);
        EXPECT_EQ(waiting.why, "approval");
    }
    execute::AnswerRequest answer() {
        const auto run = story_.load();
        return {.scope = "do/ready",
                .leaf = run.state.find("do/ready")->wait->leaf,
                .comment = {},
                .form = {{"why", "planned"}},
                .signed_items = {1}};
    }
    execute::RunFinished give(const std::string& actor, const execute::AnswerRequest& ask) {
        story_.actor = actor;
        return story_.go_on({.intent = Intent::Answer, .ask = ask, .reason = {}});
    }
    std::string refusal(const std::string& actor, const execute::AnswerRequest& ask) {
        try {
            give(actor, ask);
        } catch (const Error& error) {
            return error.message();
        }
        return "";
    }
};

TEST_F(Gate, ShowsItsPromptAndWhatHoldsAlready) {
    const auto run = story_.load();
    const auto& shown = run.state.find("do/ready")->wait->shown;
    EXPECT_EQ(shown.at("prompt"), Value("Go on with it?"));
    const auto& items = shown.at("items").as<Value::List>();
    EXPECT_EQ(items.at(0).member("holds"), nullptr);
    EXPECT_EQ(*items.at(1).member("holds"), Value(true));
}

TEST_F(Gate, PassesForAMemberOfTheRoleAndGivesTheFormAsOutput) {
    EXPECT_EQ(give("uid:1001/ben", answer()).exit, 3);
    EXPECT_EQ(story_.go_on().status, RunStatus::Succeeded);
    EXPECT_EQ(story_.output("after", "why"), Value("planned"));
    EXPECT_EQ(story_.output("after", "by"), Value("uid:1001/ben"));
}

TEST_F(Gate, RefusesTheStarterAStrangerAnUnsignedItemAndAWrongForm) {
    EXPECT_NE(refusal("uid:1000/anna", answer()).find("who started the run"), std::string::npos);
    EXPECT_NE(refusal("uid:1002/carl", answer()).find("not of role dba"), std::string::npos);
    auto unsigned_item = answer();
    unsigned_item.signed_items.clear();
    EXPECT_NE(refusal("uid:1001/ben", unsigned_item).find("not signed: item 1"), std::string::npos);
    auto without_form = answer();
    without_form.form.clear();
    EXPECT_NE(refusal("uid:1001/ben", without_form).find("missing answer why"), std::string::npos);
    auto wrong_form = answer();
    wrong_form.form["batch"] = "many";
    EXPECT_NE(refusal("uid:1001/ben", wrong_form), "");
    auto another_leaf = answer();
    another_leaf.leaf = "of another day";
    EXPECT_NE(refusal("uid:1001/ben", another_leaf), "");
    EXPECT_TRUE(story_.load().state.find("do/ready")->wait->answers.empty());
}

TEST_F(Gate, FailsWhenItsItemDoesNotHoldAnyMore) {
    give("uid:1001/ben", answer());
    story_.sql("app.db", "insert into t values (1)");
    EXPECT_EQ(story_.go_on().exit, 1);
    EXPECT_NE(story_.error_of("ready").find("item 2 does not hold"), std::string::npos);
    EXPECT_EQ(story_.status("after"), StepStatus::Pending);
}

TEST_F(Gate, StopsTheRunWhenItIsRejected) {
    auto no = answer();
    no.verdict = run::WaitVerdict::Reject;
    no.comment = "not today";
    give("uid:1001/ben", no);
    EXPECT_EQ(story_.go_on().exit, 1);
    EXPECT_EQ(story_.error_of("ready"), "rejected by ben: not today");
}

TEST_F(Gate, ExpiresAtItsDeadline) {
    story_.manual_clock.advance(std::chrono::minutes(59));
    EXPECT_EQ(story_.go_on().exit, 3);
    story_.manual_clock.advance(std::chrono::minutes(2));
    EXPECT_EQ(story_.go_on().exit, 1);
    EXPECT_EQ(story_.status("ready"), StepStatus::Failed);
}

TEST(Wait, SleepsUntilItsTimeOrSuspendsWhenDetached) {
    const std::string yaml =
        "runbook: demo\nsteps: [{id: w, wait: 1h}, {id: a, lua: return nil, effect: read}]\n";
    EngineStory story;
    EXPECT_EQ(story.start(yaml).status, RunStatus::Succeeded);
    Microseconds slept{0};
    for (const Microseconds sleep : story.manual_clock.sleeps()) slept += sleep;
    EXPECT_EQ(slept, std::chrono::hours(1));

    EngineStory detached;
    detached.write("book.yaml", yaml);
    execute::StartOptions options = detached.options({});
    options.detach = true;
    EXPECT_EQ(detached.start_options(options).why, "timer");
    detached.manual_clock.advance(std::chrono::minutes(61));
    EXPECT_EQ(detached.go_on().status, RunStatus::Succeeded);
    EXPECT_TRUE(detached.manual_clock.sleeps().empty());
}

TEST(Window, HoldsWhatChangesSomethingUntilItOpens) {
    EngineStory story;
    story.sql("app.db", "create table t (x)");
    // The clock of the test begins at Sunday 02:00 in Berlin; the window opens two hours later.
    story.settings.window =
        runbook::Window{.opens = "Sun 04:00",
                        .lasts = {.held = runbook::Node::Scalar{"2h", true}, .place = {}},
                        .timezone = "Europe/Berlin",
                        .reserve = {},
                        .place = {}};
    const std::string yaml = R"yaml(runbook: demo
connections: {app: {sqlite: app.db}}
steps:
  - {id: look, lua: 'return connections.app:value("select 1") and nil', effect: read}
  - {id: act, lua: 'connections.app:exec("insert into t values (1)")', timeout: 10m}
)yaml";
    const auto held = story.start(yaml);
    EXPECT_EQ(held.why, "window");
    EXPECT_EQ(story.status("look"), StepStatus::Succeeded);
    EXPECT_EQ(story.status("act"), StepStatus::Pending);
    story.manual_clock.advance(std::chrono::hours(2));
    EXPECT_EQ(story.go_on().status, RunStatus::Succeeded);
}

}  // namespace
}  // namespace drydock
