// show --report: a real run, told in full.

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/cli/cli_story.h"

namespace drydock::test {
namespace {

constexpr std::string_view kEventful = R"yaml(runbook: eventful
title: "A <b>title</b> | with `marks`"
secrets: {token: {env: TOKEN}}
connections: {app: {sqlite: app.db}}
commands: [/usr/bin/cat]
steps:
  - id: ready
    gate:
      prompt: "May <i>it</i> begin?"
      checklist: [the backup was looked at, {text: there is room, lua: return true}]
      form: {ticket: string}
  - id: insert
    title: Insert a row
    lua: return {rows = connections.app:exec("insert into t values (1)")}
    returns: {rows: integer}
    undo: {lua: connections.app:exec("delete from t")}
  - id: flaky
    effect: read
    on_failure: continue
    retry: {times: 1, every: 50ms}
    lua: |
      error({kind = "busy", message = "the <script>alert(1)</script> is busy"})
  - id: each
    foreach: [north, south]
    lua: return {region = item}
    returns: {region: string}
  - id: told
    uses: command.run
    with: {argv: [/usr/bin/cat], input: "${secrets.token}"}
    undo: none
  - id: never
    when: "false"
    lua: return
  - id: data
    help: Look at the orphans.
    lua: check(false, "orphans 3, wanted 0")
finally:
  - id: tidy
    lua: return
outputs: {rows: "${steps.insert.rows}"}
)yaml";

class Report : public ::testing::Test {
  protected:
    void SetUp() override {
        make_database(program_);
        program_.put("eventful.yaml", kEventful);
        const std::map<std::string, std::string> env{{"TOKEN", "canary-4711"}};
        EXPECT_EQ(program_.run({"run", "eventful.yaml"}, env).exit, 3);
        EXPECT_EQ(program_
                      .run({"approve", "last", "--sign", "all", "-a", "ticket=OPS-17", "--comment",
                            "talked to Anna"},
                           env)
                      .exit,
                  0);
        EXPECT_EQ(program_.run({"resume", "last"}, env).exit, 1);
        EXPECT_EQ(program_.run({"undo", "last", "--reason", "wrong"}, env).exit, 0);
    }
    [[nodiscard]] std::string markdown() const {
        const Ended ended = program_.run({"show", "last", "--report", "-"});
        EXPECT_EQ(ended.exit, 0) << ended.err;
        return ended.out;
    }
    [[nodiscard]] std::string file(const std::string& name) const {
        std::ifstream in(program_.folder() / name);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    Program program_;
};

TEST_F(Report, TellsStepsAttemptsAnswersUndoAndFinally) {
    const std::string text = markdown();
    for (const char* piece :
         {"# UNDONE eventful", "A &lt;b&gt;title&lt;/b&gt; \\| with \\`marks\\`",
          "May &lt;i&gt;it&lt;/i&gt; begin?", "approved at ", ": talked to Anna",
          "signed: the backup was looked at", "ticket: OPS-17", "attempt 2", "region: north",
          "each item 2", "its \\`when\\` was false", "receipt: app, rows: 1",
          "| undo of insert | succeeded |", "| tidy | succeeded |", "orphans 3, wanted 0",
          "asked for undo", "drydock audit export"})
        EXPECT_NE(text.find(piece), std::string::npos) << piece << "\n" << text;
    EXPECT_EQ(text.find("<script"), std::string::npos);
}

TEST_F(Report, NeverShowsASecret) {
    EXPECT_EQ(program_.run({"show", "last", "--report", "r.html"}).exit, 0);
    EXPECT_EQ(program_.run({"show", "last", "--report", "r.md"}).exit, 0);
    for (const std::string& text : {markdown(), file("r.html"), file("r.md")}) {
        EXPECT_GT(text.size(), 1000U);
        EXPECT_EQ(text.find("canary"), std::string::npos);
    }
}

TEST_F(Report, IsAPageForItsOwnerOnly) {
    EXPECT_EQ(program_.run({"show", "last", "--report", "r.html"}).exit, 0);
    struct stat found {};
    ASSERT_EQ(::stat((program_.folder() / "r.html").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0600U);
    const std::string html = file("r.html");
    EXPECT_TRUE(html.starts_with("<!doctype html>"));
    EXPECT_TRUE(html.ends_with("</html>\n"));
    EXPECT_EQ(file("r.html").find("<script"), std::string::npos);
}

TEST_F(Report, RefusesAFileThatIsNeither) {
    const Ended ended = program_.run({"show", "last", "--report", "run.pdf"});
    EXPECT_EQ(ended.exit, 2);
    EXPECT_NE(ended.err.find("--report FILE.md"), std::string::npos) << ended.err;
    EXPECT_FALSE(std::filesystem::exists(program_.folder() / "run.pdf"));
}

// The digest names the end of the chain: the same that an export ends with.
TEST_F(Report, NamesTheDigestOfTheChainsEnd) {
    const std::string text = markdown();
    const std::size_t at = text.find("digest `");
    ASSERT_NE(at, std::string::npos);
    const std::string digest = text.substr(at + 8, 44);
    EXPECT_EQ(digest.back(), '=');
    EXPECT_EQ(program_.run({"undo", "last"}).exit, 5);  // nothing is left to undo: no event
    EXPECT_NE(markdown().find(digest), std::string::npos);
}

}  // namespace
}  // namespace drydock::test
