#include "tests/cli/cli_story.h"

namespace drydock::test {
namespace {

constexpr std::string_view kWaiting = R"yaml(runbook: waiting
connections:
  app: {sqlite: app.db}
steps:
  - id: insert
    lua: connections.app:exec("insert into t values (1)")
  - id: pause
    wait: 1h
)yaml";

class AskingRuns : public testing::Test {
  protected:
    AskingRuns() {
        make_database(program);
        program.put("gated.yaml", kGated);
        program.put("waiting.yaml", kWaiting);
    }
    Program program;
};

TEST_F(AskingRuns, a_gate_waits_and_show_tells_what_it_asks_for) {
    const Ended ended = program.run({"run", "gated.yaml"});
    EXPECT_EQ(ended.exit, 3) << ended.err;
    EXPECT_NE(ended.out.find("WAITING at ready (1 of 2)"), std::string::npos) << ended.out;
    EXPECT_NE(ended.out.find("May it start?"), std::string::npos);
    EXPECT_NE(ended.out.find("1 [sign] the backup was looked at"), std::string::npos);
    EXPECT_NE(ended.out.find("-a ticket="), std::string::npos);
    EXPECT_EQ(rows_in(program), 0);
}

TEST_F(AskingRuns, an_approval_without_its_signature_or_its_form_is_refused) {
    ASSERT_EQ(program.run({"run", "gated.yaml"}).exit, 3);
    EXPECT_EQ(program.run({"approve", "last", "-a", "ticket=OPS-1"}).exit, 2);
    EXPECT_EQ(program.run({"approve", "last", "--sign", "all"}).exit, 2);
    EXPECT_EQ(program.run({"approve", "last", "--sign", "seven"}).exit, 2);
    EXPECT_EQ(rows_in(program), 0);
}

TEST_F(AskingRuns, an_approved_gate_lets_the_run_go_on) {
    ASSERT_EQ(program.run({"run", "gated.yaml"}).exit, 3);
    const Ended approved = program.run({"approve", "last", "--sign", "1", "-a", "ticket=OPS-1"});
    EXPECT_EQ(approved.exit, 0) << approved.out << approved.err;
    EXPECT_EQ(program.run({"resume", "last"}).exit, 0);
    EXPECT_EQ(rows_in(program), 1);
}

TEST_F(AskingRuns, a_rejected_gate_fails_its_step) {
    ASSERT_EQ(program.run({"run", "gated.yaml"}).exit, 3);
    EXPECT_EQ(program.run({"reject", "last", "--comment", "no"}).exit, 0);
    EXPECT_EQ(program.run({"resume", "last"}).exit, 1);
    EXPECT_EQ(rows_in(program), 0);
}

TEST_F(AskingRuns, a_run_of_another_process_takes_a_cancel_and_ends) {
    auto running = program.start({"run", "waiting.yaml"});
    ASSERT_TRUE(running.wait_for("pause  waiting"));
    const Ended owned = program.run({"resume", "last"});
    EXPECT_EQ(owned.exit, 5);
    EXPECT_NE(owned.err.find("pid "), std::string::npos) << owned.err;
    const Ended cancelled = program.run({"cancel", "last", "--reason", "enough"});
    EXPECT_EQ(cancelled.exit, 0) << cancelled.out << cancelled.err;
    EXPECT_EQ(running.wait().exit, 6);
}

TEST_F(AskingRuns, an_interrupted_run_waits_and_can_be_cancelled_by_anybody_of_the_same_user) {
    auto running = program.start({"run", "waiting.yaml"});
    ASSERT_TRUE(running.wait_for("pause  waiting"));
    running.signal(SIGINT);
    EXPECT_EQ(running.wait().exit, 3);
    EXPECT_EQ(program.run({"cancel", "last"}).exit, 0);
    EXPECT_EQ(program.run({"cancel", "last"}).exit, 5);
}

// A cancel that meets a process at work on an undo stops it; the next one finds it standing, and
// ends the run.
TEST_F(AskingRuns, an_undo_is_first_stopped_and_then_given_up) {
    program.put("slow.yaml", R"yaml(runbook: slow
commands: [/bin/sleep]
connections:
  app: {sqlite: app.db}
steps:
  - id: insert
    lua: connections.app:exec("insert into t values (1)")
    undo: {lua: connections.app:exec("delete from t")}
  - id: later
    lua: connections.app:exec("insert into t values (2)")
    undo: {lua: 'command{"/bin/sleep", "3"}'}
)yaml");
    ASSERT_EQ(program.run({"run", "slow.yaml"}).exit, 0);
    auto running = program.start({"undo", "last"});
    ASSERT_TRUE(running.wait_for("undo of 2 steps"));
    const Ended asked = program.run({"cancel", "last"});
    EXPECT_EQ(asked.exit, 0) << asked.err;
    EXPECT_NE(asked.out.find("the undo of run "), std::string::npos) << asked.out;
    const Ended stopped = running.wait();
    EXPECT_EQ(stopped.exit, 1) << stopped.out;
    EXPECT_NE(stopped.out.find("drydock cancel "), std::string::npos) << stopped.out;
    const Ended given_up = program.run({"cancel", "last"});
    EXPECT_EQ(given_up.exit, 0) << given_up.err;
    EXPECT_NE(given_up.out.find("CANCELLED"), std::string::npos) << given_up.out;
    EXPECT_NE(given_up.out.find("in effect: insert"), std::string::npos) << given_up.out;
    EXPECT_NE(given_up.out.find("undo given up: insert"), std::string::npos) << given_up.out;
    EXPECT_EQ(rows_in(program), 2);
}

TEST_F(AskingRuns, a_hangup_does_not_stop_a_run) {
    auto running = program.start({"run", "waiting.yaml"});
    ASSERT_TRUE(running.wait_for("pause  waiting"));
    running.signal(SIGHUP);
    running.signal(SIGTERM);
    EXPECT_EQ(running.wait().exit, 3);
}

}  // namespace
}  // namespace drydock::test
