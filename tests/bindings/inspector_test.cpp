#include "bindings/inspector.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace drydock::bindings {
namespace {

using runbook::ScriptFacts;
using runbook::ScriptProblem;

class Inspection : public testing::Test {
  protected:
    ScriptFacts facts(std::string_view text) {
        auto found = inspector_.chunk(text);
        if (auto* problem = std::get_if<ScriptProblem>(&found)) {
            ADD_FAILURE() << problem->message;
            return {};
        }
        return std::get<ScriptFacts>(std::move(found));
    }
    ScriptProblem problem(std::string_view text) {
        auto found = inspector_.chunk(text);
        if (auto* problem = std::get_if<ScriptProblem>(&found)) return *problem;
        ADD_FAILURE() << "no problem: " << text;
        return {};
    }
    // "1 steps.expire.rows" for each name, sorted.
    static std::vector<std::string> shown(const std::vector<ScriptFacts::Name>& names) {
        std::vector<std::string> texts;
        for (const auto& name : names) {
            std::string text = std::to_string(name.line) + " ";
            for (const auto& part : name.path) text += (text.ends_with(' ') ? "" : ".") + part;
            texts.push_back(text);
        }
        std::sort(texts.begin(), texts.end());
        return texts;
    }
    using Texts = std::vector<std::string>;
    Inspector inspector_;
};

TEST_F(Inspection, FindsNamesWithTheFieldsThatFollow) {
    const ScriptFacts found = facts(
        "local a = steps.expire.rows\nreturn {b = params.x > 1 and steps.two.error.text or run}");
    EXPECT_EQ(shown(found.reads),
              (Texts{"1 steps.expire.rows", "2 params.x", "2 run", "2 steps.two.error.text"}));
}

TEST_F(Inspection, FindsMethodCallsOnLocalsAndInClosures) {
    const ScriptFacts found = facts(
        "local db = connections.app\n"
        "db:exec('delete from t')\n"
        "for i = 1, 3 do db:query('select 1') end\n"
        "db:transaction {key = 'x', function()\n"
        "  connections.other:value('select 2')\n"
        "  db:each('select 3', function(row) db:exec('update t') end)\n"
        "end}\n");
    EXPECT_EQ(
        shown(found.calls),
        (Texts{"2 connections.app.exec", "3 connections.app.query", "4 connections.app.transaction",
               "5 connections.other.value", "6 connections.app.each", "6 connections.app.exec"}));
    EXPECT_EQ(shown(found.reads), (Texts{"1 connections.app", "5 connections.other"}));
}

TEST_F(Inspection, ReportsMethodsOfUnknownThings) {
    EXPECT_EQ(shown(facts("local function f(db) db:exec('x') end f(connections.app)").calls),
              (Texts{"1 ?.exec"}));
    EXPECT_EQ(
        shown(facts("local db = params.x and connections.a or connections.b\ndb:exec('x')").calls),
        (Texts{"2 ?.exec"}));
    EXPECT_EQ(shown(facts("connections[params.name]:exec('x')").calls), (Texts{"1 ?.exec"}));
}

TEST_F(Inspection, ForgetsALocalThatIsAssignedAnew) {
    EXPECT_EQ(shown(facts("local db = connections.a\ndb = connections.b\ndb:exec('x')").calls),
              (Texts{"3 connections.b.exec"}));
}

TEST_F(Inspection, FindsGlobalsThatAreAssigned) {
    EXPECT_EQ(shown(facts("x = 1\nfunction y() z = 2 end").writes), (Texts{"1 x", "2 y", "2 z"}));
}

TEST_F(Inspection, FindsTextsWithTheirLines) {
    const ScriptFacts found = facts(
        "connections.app:exec('delete from t')\nlocal t = {sql = 'update t'}\nt.y = 'z' t[1] = 'w' "
        "g = 'v'");
    const auto has = [&](const char* text, int line) {
        return std::find(found.strings.begin(), found.strings.end(),
                         std::pair<std::string, int>(text, line)) != found.strings.end();
    };
    EXPECT_TRUE(has("delete from t", 1));
    EXPECT_TRUE(has("update t", 2));
    EXPECT_TRUE(has("z", 3));
    EXPECT_TRUE(has("w", 3));
    EXPECT_TRUE(has("v", 3));
}

TEST_F(Inspection, SeesNamesInTextsWithManyConstants) {
    std::string text = "local t = {}\n";
    for (int i = 0; i < 600; ++i)
        text += "t.f" + std::to_string(i) + " = 'v" + std::to_string(i) + "'\n";
    text += "local x = steps.late.rows\nconnections.app:exec('x')\nlate_global = 1";
    const ScriptFacts found = facts(text);
    EXPECT_EQ(shown(found.reads), (Texts{"602 steps.late.rows", "603 connections.app"}));
    EXPECT_EQ(shown(found.calls), (Texts{"603 connections.app.exec"}));
    EXPECT_EQ(shown(found.writes), (Texts{"604 late_global"}));
}

TEST_F(Inspection, CountsLinesOfLongFunctions) {
    std::string text;
    for (int i = 0; i < 150; ++i)
        text += "do local a = params.p" + std::to_string(i) + " end\n" + std::string(200, '\n');
    const ScriptFacts found = facts(text);
    ASSERT_EQ(found.reads.size(), 150U);
    EXPECT_EQ(found.reads[149].path[1], "p149");
    EXPECT_EQ(found.reads[149].line, 1 + 149 * 201);
}

TEST_F(Inspection, ReportsSyntaxErrorsAtTheirLine) {
    const ScriptProblem found = problem("local x = 1\nlocal = 2");
    EXPECT_EQ(found.line, 2);
    EXPECT_EQ(found.message, "<name> expected near '='");
}

TEST_F(Inspection, RefusesTheTableOfGlobalsItself) {
    for (const char* text :
         {"local _ENV = {}", "_ENV = {}", "return _ENV[params.x]", "local e = _ENV; local f = e",
          "local function f(_ENV) return x end"}) {
        EXPECT_NE(problem(text).message.find("_ENV"), std::string::npos) << text;
    }
}

TEST_F(Inspection, TakesExpressions) {
    auto found = inspector_.expression("steps.a.rows > 10 -- many");
    EXPECT_EQ(shown(std::get<ScriptFacts>(found).reads), (Texts{"1 steps.a.rows"}));
    EXPECT_TRUE(std::holds_alternative<ScriptProblem>(inspector_.expression("steps.a.rows >")));
    EXPECT_TRUE(std::holds_alternative<ScriptProblem>(inspector_.expression("return 1")));
    EXPECT_TRUE(std::holds_alternative<ScriptProblem>(inspector_.expression("1, 2")));
}

TEST_F(Inspection, KnowsTheGlobalsOfSteps) {
    const auto& names = inspector_.globals();
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
    for (const char* name :
         {"connections", "fs", "command", "http", "once", "recorded", "pcall", "string", "null"}) {
        EXPECT_TRUE(std::binary_search(names.begin(), names.end(), name)) << name;
    }
    for (const char* name :
         {"load", "os", "io", "debug", "require", "redis", "coroutine", "_G"}) {
        EXPECT_FALSE(std::binary_search(names.begin(), names.end(), name)) << name;
    }
}

}  // namespace
}  // namespace drydock::bindings
