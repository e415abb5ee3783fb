#include "tests/cli/cli_story.h"

namespace drydock::test {
namespace {

class RunningProgram : public testing::Test {
  protected:
    RunningProgram() {
        make_database(program);
        program.put("counting.yaml", kCounting);
        program.put("failing.yaml", kFailing);
    }
    Program program;
};

TEST_F(RunningProgram, a_run_prints_its_steps_its_outputs_and_says_where_the_journal_was_made) {
    const Ended ended = program.run({"run", "counting.yaml", "-p", "add=3"});
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_NE(ended.err.find("made the journal " + program.journal()), std::string::npos)
        << ended.err;
    EXPECT_NE(ended.out.find("2/3  insert  succeeded"), std::string::npos) << ended.out;
    EXPECT_NE(ended.out.find("SUCCEEDED counting"), std::string::npos) << ended.out;
    EXPECT_NE(ended.out.find("  rows: 3"), std::string::npos) << ended.out;
    EXPECT_EQ(rows_in(program), 3);
}

TEST_F(RunningProgram, json_gives_one_object_per_line_and_the_result_last) {
    const Ended ended = program.run({"run", "counting.yaml", "--json"});
    EXPECT_EQ(ended.exit, 0) << ended.err;
    std::size_t lines = 0;
    std::size_t at = 0;
    std::string last;
    while (at < ended.out.size()) {
        const std::size_t end = ended.out.find('\n', at);
        last = ended.out.substr(at, end - at);
        EXPECT_TRUE(last.starts_with('{') && last.ends_with('}')) << last;
        at = end + 1;
        ++lines;
    }
    EXPECT_GT(lines, 6U);
    EXPECT_NE(last.find("\"result\""), std::string::npos);
    EXPECT_NE(last.find("\"outputs\":{\"rows\":1}"), std::string::npos) << last;
}

TEST_F(RunningProgram, a_failed_step_stops_the_run_and_shows_help_contact_and_what_next) {
    const Ended ended = program.run({"run", "failing.yaml"});
    EXPECT_EQ(ended.exit, 1) << ended.err;
    EXPECT_NE(ended.out.find("STOPPED at data (2 of 2)"), std::string::npos) << ended.out;
    EXPECT_NE(ended.out.find("in effect: insert"), std::string::npos);
    EXPECT_NE(ended.out.find("orphans: 3, wanted 0"), std::string::npos);
    EXPECT_NE(ended.out.find("failing.yaml:"), std::string::npos);
    EXPECT_NE(ended.out.find("help: Do not repair by hand."), std::string::npos);
    EXPECT_NE(ended.out.find("call: Database team, dba@example.com"), std::string::npos);
    EXPECT_NE(ended.out.find("drydock undo "), std::string::npos);
    const Ended shown = program.run({"show", "last"});
    EXPECT_NE(shown.out.find("STOPPED at data (2 of 2)"), std::string::npos) << shown.out;
}

TEST_F(RunningProgram, undo_takes_back_what_a_stopped_run_did) {
    ASSERT_EQ(program.run({"run", "failing.yaml"}).exit, 1);
    ASSERT_EQ(rows_in(program), 1);
    const Ended undone = program.run({"undo", "last"});
    EXPECT_EQ(undone.exit, 0) << undone.out << undone.err;
    EXPECT_EQ(rows_in(program), 0);
    EXPECT_NE(program.run({"runs"}).out.find("undone"), std::string::npos);
}

TEST_F(RunningProgram, a_skipped_step_lets_the_run_go_on) {
    ASSERT_EQ(program.run({"run", "failing.yaml"}).exit, 1);
    const Ended resumed = program.run({"resume", "last", "--skip", "data", "--reason", "known"});
    EXPECT_EQ(resumed.exit, 0) << resumed.out << resumed.err;
    EXPECT_EQ(rows_in(program), 1);
}

TEST_F(RunningProgram, a_changed_runbook_is_mentioned_and_the_frozen_text_used) {
    ASSERT_EQ(program.run({"run", "failing.yaml"}).exit, 1);
    program.put("failing.yaml", kCounting);
    const Ended resumed = program.run({"resume", "last"});
    EXPECT_EQ(resumed.exit, 1);
    EXPECT_NE(resumed.err.find("failing.yaml has changed since the run began"), std::string::npos)
        << resumed.err;
    EXPECT_NE(resumed.out.find("STOPPED at data"), std::string::npos);
}

TEST_F(RunningProgram, plan_shows_each_step_and_makes_no_journal) {
    const Ended planned = program.run({"plan", "counting.yaml", "--explain"});
    EXPECT_EQ(planned.exit, 0) << planned.err;
    EXPECT_NE(planned.out.find("if killed"), std::string::npos);
    EXPECT_NE(planned.out.find("receipt"), std::string::npos) << planned.out;
    EXPECT_FALSE(std::filesystem::exists(program.journal()));
}

TEST_F(RunningProgram, only_the_required_plan_runs) {
    const Ended refused = program.run({"run", "counting.yaml", "--require-plan", "00000000"});
    EXPECT_EQ(refused.exit, 5);
    EXPECT_EQ(rows_in(program), 0);
    const Ended planned = program.run({"plan", "counting.yaml", "--json"});
    const std::string digest = planned.out.substr(planned.out.find("\"plan\":\"") + 8, 64);
    EXPECT_EQ(program.run({"run", "counting.yaml", "--require-plan", digest}).exit, 0);
}

TEST_F(RunningProgram, the_audit_verifies_the_journal_and_its_export) {
    ASSERT_EQ(program.run({"run", "counting.yaml"}).exit, 0);
    EXPECT_EQ(program.run({"audit", "verify"}).exit, 0);
    ASSERT_EQ(program.run({"audit", "export", "--all", "-o", "all.jsonl"}).exit, 0);
    EXPECT_EQ(program.run({"audit", "verify", "all.jsonl"}).exit, 0);
    std::string bytes = program.folder().get("all.jsonl");
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    program.put("all.jsonl", bytes);
    const Ended altered = program.run({"audit", "verify", "all.jsonl"});
    EXPECT_EQ(altered.exit, 8);
    EXPECT_NE(altered.out.find("altered"), std::string::npos) << altered.out;
}

TEST_F(RunningProgram, a_reader_that_goes_away_does_not_stop_the_run) {
    auto running = program.start({"run", "counting.yaml", "-p", "add=5"});
    running.close_output();
    EXPECT_EQ(running.wait().exit, 0);
    EXPECT_EQ(rows_in(program), 5);
}

TEST_F(RunningProgram, logs_prints_what_each_step_wrote_and_one_step_alone) {
    program.put("talking.yaml",
                "runbook: talking\nsteps:\n  - id: one\n    lua: log.info('first words')\n"
                "  - id: two\n    lua: log.info('second words')\n");
    ASSERT_EQ(program.run({"run", "talking.yaml"}).exit, 0);
    const Ended all = program.run({"logs", "last", "--follow"});
    EXPECT_LT(all.out.find("first words"), all.out.find("== two")) << all.out;
    const Ended second = program.run({"logs", "last", "two"});
    EXPECT_EQ(second.out.find("first words"), std::string::npos) << second.out;
    EXPECT_NE(second.out.find("second words"), std::string::npos) << second.out;
    EXPECT_EQ(program.run({"logs", "last", "three"}).exit, 2);
}

TEST_F(RunningProgram, a_shipped_runbook_is_exported_once_and_then_checks) {
    ASSERT_EQ(program.run({"runbooks", "export", "sqlite-weekly", "mine"}).exit, 0);
    EXPECT_EQ(program.run({"check", "mine/sqlite-weekly/runbook.yaml"}).exit, 0);
    EXPECT_EQ(program.run({"runbooks", "export", "sqlite-weekly", "mine"}).exit, 5);
}

TEST_F(RunningProgram, the_version_needs_nothing) {
    const Ended ended = program.run({"--version"});
    EXPECT_EQ(ended.exit, 0);
    EXPECT_TRUE(ended.out.starts_with("drydock ")) << ended.out;
}

TEST_F(RunningProgram, a_list_that_was_undone_shows_as_undone) {
    program.put("list.yaml", R"yaml(runbook: list
connections: {app: {sqlite: app.db}}
steps:
  - id: each
    foreach: [1, 2]
    lua: connections.app:exec("insert into t values (?1)", item)
    undo: {lua: 'connections.app:exec("delete from t where n = ?1", item)'}
)yaml");
    EXPECT_EQ(program.run({"run", "list.yaml"}).exit, 0);
    EXPECT_NE(program.run({"show", "last", "-v"}).out.find("each  succeeded"), std::string::npos);
    EXPECT_EQ(program.run({"undo", "last"}).exit, 0);
    const Ended shown = program.run({"show", "last", "-v"});
    EXPECT_NE(shown.out.find("each  undone"), std::string::npos) << shown.out;
}

TEST_F(RunningProgram, no_hint_offers_an_undo_where_nothing_can_be_undone) {
    program.put("plain.yaml",
                "runbook: plain\nconnections: {app: {sqlite: app.db}}\nsteps:\n  - id: add\n"
                "    lua: connections.app:exec(\"insert into t values (1)\")\n");
    EXPECT_EQ(program.run({"run", "plain.yaml"}).exit, 0);
    const Ended plain = program.run({"resume", "last"});
    EXPECT_EQ(plain.exit, 5);
    EXPECT_EQ(plain.err.find("undo"), std::string::npos) << plain.err;
    EXPECT_EQ(program.run({"run", "counting.yaml"}).exit, 0);
    const Ended undoable = program.run({"resume", "last"});
    EXPECT_NE(undoable.err.find("undo"), std::string::npos) << undoable.err;
}

}  // namespace
}  // namespace drydock::test
