// explain, as a person meets it.

#include <sstream>

#include "engine/cli/text.h"
#include "engine/handbook/word.h"
#include "engine/json/json.h"
#include "tests/cli/cli_story.h"

namespace drydock::test {
namespace {

class Explaining : public ::testing::Test {
  protected:
    static void expect_narrow(const std::string& text) {
        for (const std::string& line : cli::lines_in(text))
            EXPECT_LE(cli::columns(line), 80U) << line;
    }
    Program program_;
};

TEST_F(Explaining, ListsAllWordsByTopic) {
    const Ended ended = program_.run({"explain"});
    EXPECT_EQ(ended.exit, 0) << ended.err;
    for (const char* piece :
         {"keys of step", "exit status", "actions of", "StepStarted", "integrity"})
        EXPECT_NE(ended.out.find(piece), std::string::npos) << piece;
    expect_narrow(ended.out);
}

TEST_F(Explaining, SaysOfAKeyItsPlaceItsFormAndAnExample) {
    const Ended ended = program_.run({"explain", "step.retry"});
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_EQ(ended.out,
              "retry  key of `step`\n"
              "  the keys of `retry`\n"
              "  How often and how long a failed attempt is repeated. Wrong Lua, wrong SQL and\n"
              "  missing rights are never repeated. Only beside uses or lua.\n"
              "  keys of retry: times for every up_to\n"
              "  for example:\n"
              "    retry: {times: 3, every: 10s, up_to: 1m}\n");
}

TEST_F(Explaining, SaysOfAnActionWhatItTakesAndHowItIsUsed) {
    const Ended ended = program_.run({"explain", "sqlite.vacuum"});
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_NE(ended.out.find("uses: sqlite.vacuum"), std::string::npos) << ended.out;
    EXPECT_NE(ended.out.find("effect: unsafe"), std::string::npos) << ended.out;
}

TEST_F(Explaining, NamesTheNearestWordOfWhateverKind) {
    const std::pair<const char*, const char*> slips[] = {{"retri", "retry"},
                                                         {"integrty", "integrity"},
                                                         {"sqlite.vacum", "sqlite.vacuum"},
                                                         {"StepStart", "StepStarted"}};
    for (const auto& [slip, meant] : slips) {
        const Ended ended = program_.run({"explain", slip});
        EXPECT_EQ(ended.exit, 2);
        EXPECT_NE(ended.err.find(std::string("did you mean ") + meant + "?"), std::string::npos)
            << ended.err;
    }
}

// Where drydock.yaml is what has to be mended, its words must still be explained.
TEST_F(Explaining, NeedsNoSettingsForItsOwnWords) {
    program_.put("drydock.yaml", "enviroments: {}\n");
    EXPECT_EQ(program_.run({"explain", "environments"}).exit, 0);
    EXPECT_EQ(program_.run({"explain", "sqlite.check"}).exit, 2);
}

TEST_F(Explaining, GivesEveryWordAsJson) {
    const Ended ended = program_.run({"explain", "--json"});
    std::size_t words = 0;
    for (const std::string& line : cli::lines_in(ended.out)) {
        const Value word = json::parse(line);
        ASSERT_NE(word.member("text"), nullptr) << line;
        ++words;
    }
    EXPECT_EQ(words, handbook::words().size());
}

// The example of each shipped action passes `check` in a runbook that has what it names.
TEST_F(Explaining, ShowsExamplesOfActionsThatAreRight) {
    for (const char* source : {"file", "path", "template"}) program_.put(source, "select 1;\n");
    const Ended listed = program_.run({"actions", "--json"});
    std::size_t actions = 0;
    for (const std::string& line : cli::lines_in(listed.out)) {
        const Value action = json::parse(line);
        const std::string name = action.member("action")->as<std::string>();
        const std::string app = name.starts_with("postgres") ? "postgres: db.example.com"
                                : name.starts_with("redis.") ? "redis: cache.example.com"
                                                             : "sqlite: app.db";
        std::string book = "runbook: example\nconnections: {app: {" + app +
                           "}}\n"
                           "secrets: {token: {env: TOKEN}}\nfiles: [/srv/app]\nsteps:\n";
        for (const std::string& written :
             cli::lines_in(action.member("example")->as<std::string>()))
            book += "  " + written + "\n";
        program_.put("example.yaml", book);
        const Ended checked = program_.run({"check", "example.yaml"});
        EXPECT_EQ(checked.exit, 0) << book << checked.err;
        ++actions;
    }
    EXPECT_GE(actions, 20U);
}

TEST_F(Explaining, PrintsTheSchemasThatArePublished) {
    const Ended ended = program_.run({"runbooks", "schema", "runbook"});
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_NE(json::parse(ended.out).member("properties"), nullptr);
    EXPECT_EQ(program_.run({"runbooks", "schema", "cake"}).exit, 2);
}

}  // namespace
}  // namespace drydock::test
