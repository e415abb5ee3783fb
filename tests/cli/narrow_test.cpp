// What people read fits a terminal of 80 columns, and needs no colour: also in a pipe, as here.

#include <regex>

#include "engine/cli/commands.h"
#include "engine/cli/text.h"
#include "tests/cli/cli_story.h"

namespace drydock::test {
namespace {

class Narrow : public ::testing::Test {
  protected:
    void SetUp() override {
        make_database(program_);
        program_.put("failing.yaml", kFailing);
        program_.put("gated.yaml", kGated);
    }
    // Runs it, and returns what it printed with what differs each time replaced.
    std::string told(const std::vector<std::string>& args) {
        const Ended ended = program_.run(args);
        const std::string text = ended.out + ended.err;
        // How long the name of the test's folder is says nothing.
        for (const std::string& line : cli::lines_in(stable(text))) {
            EXPECT_LE(cli::columns(line), 80U) << args.front() << ": " << line;
            EXPECT_EQ(line.find('\x1b'), std::string::npos) << line;
            EXPECT_FALSE(line.ends_with(' ')) << "[" << line << "]";
        }
        return stable(text);
    }
    [[nodiscard]] std::string stable(std::string text) const {
        const std::string folder = program_.folder().path();
        for (std::size_t at = text.find(folder); at != std::string::npos; at = text.find(folder))
            text.replace(at, folder.size(), "DIR");
        text = std::regex_replace(text, std::regex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z"), "TIME");
        text = std::regex_replace(text, std::regex("\\b[0-9a-hjkmnp-tv-z]{26}\\b"), "FULL-ID");
        text = std::regex_replace(text, std::regex("run [0-9a-hjkmnp-tv-z]{8}\\b"), "run ID");
        text = std::regex_replace(
            text, std::regex("(resume|undo|cancel|approve|reject|show|,) [0-9a-hjkmnp-tv-z]{8}\\b"),
            "$1 ID");
        text = std::regex_replace(text, std::regex("\\b[0-9]{2}:[0-9]{2}\\b"), "HH:MM");
        return std::regex_replace(text, std::regex("[0-9.]+ s\\b"), "N s");
    }
    Program program_;
};

TEST_F(Narrow, HelpOfEveryCommandFits) {
    (void)told({"--help"});
    for (const cli::Command& command : cli::commands()) {
        std::vector<std::string> words;
        std::string word;
        for (const char byte : std::string(command.name) + " ") {
            if (byte != ' ')
                word += byte;
            else
                words.push_back(std::exchange(word, {}));
        }
        words.emplace_back("--help");
        const std::string help = told(words);
        EXPECT_NE(help.find("Examples:"), std::string::npos) << command.name;
    }
}

TEST_F(Narrow, AFailedRunIsToldLikeThis) {
    EXPECT_EQ(told({"run", "failing.yaml", "-q"}),
              "STOPPED at data (2 of 2), since HH:MM.  run ID\n"
              "  in effect: insert\n"
              "  DIR/failing.yaml:14: orphans: 3, wanted 0\n"
              "  DIR/failing.yaml:11\n"
              "  help: Do not repair by hand.\n"
              "  call: Database team, dba@example.com\n"
              "  next: drydock resume ID · drydock undo ID\n"
              "        drydock cancel ID\n");
    EXPECT_EQ(told({"approve", "last"}),
              "drydock: run ID waits at no gate: it has stopped\n"
              "hint: drydock show ID\n");
    EXPECT_EQ(told({"show", "last", "-v"}),
              "STOPPED at data (2 of 2), since HH:MM.  run ID\n"
              "  in effect: insert\n"
              "  DIR/failing.yaml:14: orphans: 3, wanted 0\n"
              "  DIR/failing.yaml:11\n"
              "  help: Do not repair by hand.\n"
              "  call: Database team, dba@example.com\n"
              "  next: drydock resume ID · drydock undo ID\n"
              "        drydock cancel ID\n"
              "  started HH:MM by root, ID is FULL-ID\n"
              "#  step    status     took   what\n"
              "1  insert  succeeded  N s  insert\n"
              "2  data    failed     N s  data\n");
}

TEST_F(Narrow, ARejectedGateNamesThePersonAsPeopleKnowThem) {
    (void)program_.run({"run", "gated.yaml"});
    (void)program_.run({"reject", "last", "--comment", "not today"});
    (void)program_.run({"resume", "last"});
    const std::string told_now = told({"show", "last"});
    EXPECT_NE(told_now.find("rejected by "), std::string::npos) << told_now;
    EXPECT_EQ(told_now.find("uid:"), std::string::npos) << told_now;
}

TEST_F(Narrow, PlansListsAndErrorsFit) {
    EXPECT_NE(told({"plan", "failing.yaml", "--explain"}).find("full digest"), std::string::npos);
    EXPECT_NE(told({"runs"}).find("no runs yet"), std::string::npos);
    (void)told({"run", "failing.yaml", "-q"});
    EXPECT_NE(told({"runs"}).find("failing"), std::string::npos);
    EXPECT_NE(told({"runbooks", "list"}).find("sqlite-weekly"), std::string::npos);
    EXPECT_NE(told({"actions"}).find("sqlite.vacuum"), std::string::npos);
    program_.put("wrong.yaml", "runbook: wrong\nsteps:\n  - {id: one, lua: return, retires: 3}\n");
    EXPECT_EQ(told({"check", "wrong.yaml"}),
              "✗ wrong.yaml  1 error\n"
              "wrong.yaml:3:28: error: the step `one` has no key `retires`\n"
              "    - {id: one, lua: return, retires: 3}\n"
              "                             ^\n"
              "hint: did you mean `returns`?\n");
}

}  // namespace
}  // namespace drydock::test
