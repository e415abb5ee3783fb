#include <gtest/gtest.h>

#include "engine/json/json.h"
#include "tests/cli/program.h"

namespace drydock::test {
namespace {

constexpr std::string_view kBook = R"yaml(runbook: book
params: {database: path}
connections: {app: {sqlite: "${params.database}"}}
steps:
  - {id: look, effect: read, lua: 'return {rows = connections.app:value("select count(*) from t")}', returns: {rows: integer}}
outputs: {rows: "${steps.look.rows}"}
)yaml";

constexpr std::string_view kCases = R"yaml(cases: book.yaml
connections: {app: {sql: create table t (a integer)}}
list:
  - {case: an empty table has no rows, expect: {outputs: {rows: 0}}}
  - {case: and not one, expect: {outputs: {rows: 1}}}
)yaml";

class Testing : public testing::Test {
  protected:
    Testing() {
        program.put("book.yaml", kBook);
        program.put("book.cases.yaml", kCases);
    }
    static void expect_in(const std::string& text, const std::string& where) {
        EXPECT_NE(where.find(text), std::string::npos) << text << "\nnot in\n" << where;
    }
    Program program;
};

TEST_F(Testing, ends_with_1_when_a_case_failed_and_says_where) {
    const Ended ended = program.run({"test", "book.cases.yaml"});
    EXPECT_EQ(ended.exit, 1);
    expect_in("✓ an empty table has no rows", ended.out);
    expect_in("✗ and not one", ended.out);
    expect_in("book.cases.yaml:5:50: outputs.rows\n        expected 1\n        got      0\n",
              ended.out);
    expect_in("1 passed, 1 failed", ended.out);
    EXPECT_FALSE(std::filesystem::exists(program.journal()));
}

TEST_F(Testing, finds_cases_by_folder_runbook_and_by_itself) {
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"test"}, {"test", "."}, {"test", "book.yaml"}}) {
        std::vector<std::string> all = words;
        all.insert(all.end(), {"--filter", "empty"});
        const Ended ended = program.run(all);
        EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
        expect_in("1 passed", ended.out);
    }
    program.put("lonely.yaml", kBook);
    const Ended lonely = program.run({"test", "lonely.yaml"});
    EXPECT_EQ(lonely.exit, 2);
    expect_in("lonely.yaml has no cases", lonely.err);
    EXPECT_EQ(program.run({"test", "nobody"}).exit, 2);
    EXPECT_EQ(program.run({"test", "--filter", "no such name"}).exit, 2);
}

TEST_F(Testing, cases_that_cannot_be_read_end_with_2_and_the_others_are_played) {
    program.put("broken.cases.yaml",
                "cases: book.yaml\nlist: [{case: a, expect: {steps: {lok: failed}}}]\n");
    const Ended ended = program.run({"test", "--filter", "empty"});
    EXPECT_EQ(ended.exit, 2);
    expect_in("did you mean `look`?", ended.err);
    expect_in("1 passed, 1 file cannot be read", ended.out);
}

TEST_F(Testing, json_has_a_line_for_each_case_and_for_the_coverage) {
    const Ended ended = program.run({"test", "--json"});
    EXPECT_EQ(ended.exit, 1);
    std::istringstream stream(ended.out);
    std::vector<Value> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(*lines[0].member("passed"), Value(true));
    EXPECT_EQ(*lines[1].member("passed"), Value(false));
    const Value& failure = lines[1].member("failures")->as<Value::List>().at(0);
    EXPECT_EQ(*failure.member("line"), Value(5));
    EXPECT_EQ(*failure.member("expected"), Value("1"));
    EXPECT_EQ(*failure.member("got"), Value("0"));
    EXPECT_EQ(*lines[2].member("coverage")->member("steps_run"), Value(1));
    EXPECT_EQ(*lines[3].member("failed"), Value(1));
}

TEST_F(Testing, writes_junit_xml) {
    EXPECT_EQ(program.run({"test", "--junit", "results.xml"}).exit, 1);
    expect_in("tests=\"2\" failures=\"1\" errors=\"0\"", program.folder().get("results.xml"));
}

// Its folders are gone, whatever became of the cases.
TEST_F(Testing, leaves_nothing_behind) {
    std::filesystem::create_directory(program.folder() / "tmp");
    EXPECT_EQ(program.run({"test"}, {{"TMPDIR", program.folder() / "tmp"}}).exit, 1);
    EXPECT_TRUE(std::filesystem::is_empty(program.folder() / "tmp"));
}

}  // namespace
}  // namespace drydock::test
