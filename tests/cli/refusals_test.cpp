#include <sys/stat.h>

#include "tests/cli/cli_story.h"

namespace drydock::test {
namespace {

// Each refusal: its exit status, a message, a hint, and nothing changed.
class Refusals : public testing::Test {
  protected:
    Refusals() {
        make_database(program);
        program.put("counting.yaml", kCounting);
    }
    void refused(const std::vector<std::string>& args, int exit, std::string_view message) {
        const Ended ended = program.run(args);
        EXPECT_EQ(ended.exit, exit) << ended.out << ended.err;
        EXPECT_NE(ended.err.find(message), std::string::npos) << ended.err;
        EXPECT_EQ(rows_in(program), 0);
    }
    void refused_runbook(std::string_view text, std::string_view message) {
        program.put("wrong.yaml", text);
        refused({"run", "wrong.yaml"}, 2, message);
        EXPECT_FALSE(std::filesystem::exists(program.journal()));
    }
    Program program;
};

TEST_F(Refusals, an_unknown_key_is_shown_with_its_place) {
    refused_runbook(
        "runbook: wrong\nsteps:\n  - id: a\n    lua: return 1\n    retrys: {times: 2}\n",
        "wrong.yaml:5:5: error:");
}

TEST_F(Refusals, a_param_of_the_wrong_type_starts_nothing) {
    refused({"run", "counting.yaml", "-p", "add=many"}, 2, "add");
    EXPECT_FALSE(std::filesystem::exists(program.journal()));
}

TEST_F(Refusals, a_missing_param_is_named) {
    refused_runbook("runbook: wrong\nparams: {what: string}\nsteps: [{id: a, lua: return 1}]\n",
                    "what");
}

TEST_F(Refusals, an_unknown_param_gets_the_nearest_name) {
    refused({"run", "counting.yaml", "-p", "ad=1"}, 2, "add");
}

TEST_F(Refusals, a_runbook_that_is_not_there_is_named) {
    refused({"run", "nowhere.yaml"}, 2, "nowhere.yaml");
    refused({"run", "sqlite-weakly"}, 2, "there is no runbook sqlite-weakly");
}

TEST_F(Refusals, check_reads_each_document_as_what_it_is) {
    program.put("drydock.yaml", "roles: {dba: [anna]}\n");
    const std::string cases = "cases: counting.yaml\nlist: [{case: it, expect: {run: ";
    program.put("counting.cases.yaml", cases + "succeeded}}]\n");
    program.put("wrong.cases.yaml", cases + "succeded}}]\n");
    EXPECT_EQ(program.run({"check", "drydock.yaml", "counting.cases.yaml", "counting.yaml"}).exit,
              0);
    program.put("drydock.yaml", "rolls: {dba: [anna]}\n");
    const Ended ended = program.run({"check", "drydock.yaml"});
    EXPECT_EQ(ended.exit, 2);
    EXPECT_NE(ended.err.find("drydock.yaml:1:1: error:"), std::string::npos) << ended.err;
    program.put("drydock.yaml", "roles: {dba: [anna]}\n");
    const Ended wrong = program.run({"check", "wrong.cases.yaml"});
    EXPECT_EQ(wrong.exit, 2);
    EXPECT_NE(wrong.err.find("wrong.cases.yaml:2:33: error: `run` is one of"), std::string::npos)
        << wrong.err;
}

TEST_F(Refusals, check_reports_all_files_and_all_their_errors) {
    program.put("one.yaml", "runbook: one\nsteps: [{id: a, lua: return 1, x: 1}]\n");
    program.put("two.yaml", "runbook: two\nsteps: [{id: a, lua: return 1, y: 1, z: 1}]\n");
    const Ended ended = program.run({"check", "one.yaml", "counting.yaml", "two.yaml"});
    EXPECT_EQ(ended.exit, 2);
    for (const char* key : {"`x`", "`y`", "`z`"})
        EXPECT_NE(ended.err.find(key), std::string::npos) << ended.err;
    EXPECT_NE(ended.out.find("✓ counting.yaml"), std::string::npos) << ended.out;
}

TEST_F(Refusals, without_a_journal_there_is_nothing_to_show) {
    refused({"show", "last"}, 2, "there is no journal at");
    EXPECT_EQ(program.run({"runs"}).exit, 0);
    EXPECT_FALSE(std::filesystem::exists(program.journal()));
}

TEST_F(Refusals, a_journal_that_others_can_read_is_refused) {
    ASSERT_EQ(program.run({"run", "counting.yaml", "-p", "add=0"}).exit, 0);
    ASSERT_EQ(::chmod(program.journal().c_str(), 0644), 0);
    const Ended ended = program.run({"runs"});
    EXPECT_NE(ended.exit, 0);
    EXPECT_NE(ended.err.find("journal.db"), std::string::npos) << ended.err;
    EXPECT_NE(ended.err.find("hint: "), std::string::npos) << ended.err;
}

TEST_F(Refusals, a_file_that_is_no_journal_is_refused_with_9) {
    ASSERT_EQ(program.run({"run", "counting.yaml", "-p", "add=0"}).exit, 0);
    {
        std::filesystem::create_directory(program.folder() / "elsewhere");
        sqlite::Connection other(program.folder() / "elsewhere/other.db",
                                 {.mode = sqlite::Mode::Create});
        other.exec("create table t (n)");
    }
    ASSERT_EQ(::chmod((program.folder() / "elsewhere").c_str(), 0700), 0);
    ASSERT_EQ(::chmod((program.folder() / "elsewhere/other.db").c_str(), 0600), 0);
    refused({"runs", "--journal", "elsewhere/other.db"}, 9, "is not a drydock journal");
    refused({"run", "counting.yaml", "-p", "add=0", "--journal", "elsewhere/other.db"}, 9,
            "is not a drydock journal");
}

TEST_F(Refusals, a_newer_journal_schema_is_refused_with_9) {
    ASSERT_EQ(program.run({"run", "counting.yaml", "-p", "add=0"}).exit, 0);
    {
        sqlite::Connection journal(program.journal(), {});
        journal.exec("update journal set schema = 999");
    }
    refused({"run", "counting.yaml"}, 9, "has schema 999");
}

TEST_F(Refusals, a_prefix_that_matches_two_runs_names_both) {
    // With 33 runs two begin with the same of 32 letters.
    std::map<char, int> seen;
    char shared = 0;
    while (shared == 0) {
        const Ended ended = program.run({"run", "counting.yaml", "-p", "add=0", "--json"});
        ASSERT_EQ(ended.exit, 0) << ended.err;
        const char first = ended.out[ended.out.find("\"run\":\"") + 7];
        if (++seen[first] == 2) shared = first;
    }
    refused({"show", std::string(1, shared)}, 2, std::string("two runs begin with ") + shared);
}

TEST_F(Refusals, a_run_that_has_ended_is_not_resumed) {
    ASSERT_EQ(program.run({"run", "counting.yaml", "-p", "add=0"}).exit, 0);
    refused({"resume", "last"}, 5, "has ended: succeeded");
}

TEST_F(Refusals, the_ways_to_settle_a_step_exclude_each_other) {
    ASSERT_EQ(program.run({"run", "counting.yaml", "-p", "add=0"}).exit, 0);
    refused({"resume", "last", "--skip", "a", "--retry", "b"}, 2, "exclude each other");
}

TEST_F(Refusals, errors_are_objects_with_json) {
    const Ended ended = program.run({"show", "zzz", "--json"});
    EXPECT_EQ(ended.exit, 2);
    EXPECT_TRUE(ended.err.starts_with("{\"error\":{\"code\":\"not_found\"")) << ended.err;
}

TEST_F(Refusals, drydock_yaml_with_an_error_stops_every_command_that_needs_it) {
    program.put("drydock.yaml", "journal: sqlite:j.db\nrulebooks: [.]\n");
    refused({"run", "counting.yaml"}, 2, "drydock.yaml:2:1");
}

TEST_F(Refusals, an_environment_that_is_not_declared_is_refused) {
    refused({"run", "counting.yaml", "--environment", "production"}, 2, "production");
}

}  // namespace
}  // namespace drydock::test
