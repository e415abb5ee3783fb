#include "tests/runbooks/shipped_story.h"

namespace drydock::test {
namespace {

// How the weekly maintenance stops in the middle of its batches, and goes on.
class StoppedMaintenance : public ShippedRunbook {
  protected:
    StoppedMaintenance() { make_cache(4'000); }

    // 2,000 expired rows in 40 batches with a rest between them; some are deleted when it returns.
    [[nodiscard]] Program::Running in_the_middle() const {
        auto running =
            program.start(weekly({"-p", "size=50", "-p", "pause=100ms", "--json"}));
        EXPECT_TRUE(running.wait_for("\"progress\""));
        return running;
    }
    [[nodiscard]] int rows() const {
        return std::stoi(answer("select count(*) from vulnerability_cache"));
    }
    void expect_resume_completes() const {
        EXPECT_LT(rows(), 4'000);
        EXPECT_GT(rows(), 2'000);
        const Ended resumed = program.run({"resume", "last"});
        EXPECT_EQ(resumed.exit, 0) << resumed.out << resumed.err;
        expect_told(resumed.out, {"rows_deleted: 2000"});
        EXPECT_EQ(rows(), 2'000);
    }
};

TEST_F(StoppedMaintenance, one_interrupt_stops_between_two_batches_and_resume_completes) {
    auto running = in_the_middle();
    running.signal(SIGINT);
    EXPECT_EQ(running.wait().exit, 3);
    expect_told(program.run({"show", "last"}).out,
                {"INTERRUPTED at expire (4 of 7)", "drydock resume"});
    expect_resume_completes();
}

TEST_F(StoppedMaintenance, two_interrupts_stop_it_at_once_and_resume_completes) {
    auto running = in_the_middle();
    running.signal(SIGINT);
    running.signal(SIGINT);
    EXPECT_EQ(running.wait().exit, 3);
    expect_resume_completes();
}

TEST_F(StoppedMaintenance, a_kill_leaves_whole_batches_and_resume_completes) {
    auto running = in_the_middle();
    running.signal(SIGKILL);
    EXPECT_EQ(running.wait().exit, 128 + SIGKILL);
    EXPECT_EQ(rows() % 50, 0);
    expect_told(program.run({"show", "last"}).out, {"its process is gone", "drydock resume"});
    expect_resume_completes();
}

TEST_F(StoppedMaintenance, a_hangup_and_a_closed_pipe_let_it_run_to_its_end) {
    auto running = program.start(weekly({"-p", "size=200", "-p", "pause=50ms", "--json"}));
    ASSERT_TRUE(running.wait_for("\"progress\""));
    running.close_output();
    running.signal(SIGHUP);
    const Ended ended = running.wait();
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_EQ(rows(), 2'000);
}

TEST_F(StoppedMaintenance, a_cancel_from_elsewhere_ends_it_between_two_batches) {
    auto running = in_the_middle();
    const Ended cancelled = program.run({"cancel", "last", "--reason", "users complain"});
    EXPECT_EQ(cancelled.exit, 0) << cancelled.out << cancelled.err;
    EXPECT_EQ(running.wait().exit, 6);
    EXPECT_LT(rows(), 4'000);
    EXPECT_GT(rows(), 2'000) << "it went on to the end of its step";
    expect_told(program.run({"show", "last"}).out,
                {"CANCELLED", "in effect: expire"});
    const Ended resumed = program.run({"resume", "last"});
    EXPECT_EQ(resumed.exit, 5);
    expect_told(resumed.err, {"has ended: cancelled"});
}

TEST_F(StoppedMaintenance, a_cancel_now_ends_it_too) {
    auto running = in_the_middle();
    EXPECT_EQ(program.run({"cancel", "last", "--now"}).exit, 0);
    EXPECT_EQ(running.wait().exit, 6);
    EXPECT_GT(rows(), 2'000);
}

TEST_F(StoppedMaintenance, what_runs_elsewhere_is_refused_with_host_pid_and_since) {
    auto running = in_the_middle();
    for (const std::string command : {"resume", "undo"}) {
        const Ended refused = program.run({command, "last"});
        EXPECT_EQ(refused.exit, 5) << command;
        expect_told(refused.err, {"pid ", " on ", " since ", "hint: "});
    }
    const Ended second = program.run(weekly());
    EXPECT_EQ(second.exit, 5) << second.out << second.err;
    expect_told(second.out + second.err, {"sqlite-weekly", "hint: "});
    running.signal(SIGTERM);
    EXPECT_EQ(running.wait().exit, 3);
}

TEST_F(StoppedMaintenance, an_undo_of_what_knows_no_undo_is_refused_and_ends_nothing) {
    ASSERT_EQ(program.run(weekly()).exit, 0);
    const Ended refused = program.run({"undo", "last"});
    EXPECT_EQ(refused.exit, 5) << refused.out;
    expect_told(refused.err, {"knows how to undo itself", "hint: "});
    expect_told(program.run({"runs"}).out, {"succeeded"});
}

}  // namespace
}  // namespace drydock::test
