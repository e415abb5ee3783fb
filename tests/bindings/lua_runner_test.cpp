#include "bindings/lua_runner.h"

#include "tests/bindings/script_fixture.h"

namespace drydock::bindings {
namespace {

using Runner = ScriptTest;
using execute::BodyCall;
using execute::ProbeAnswer;

TEST_F(Runner, GivesErrorsTheLineOfTheFile) {
    // The text begins on line 10 of the file.
    EXPECT_EQ(error_of("local a = 1\n\nlocal b = nil + a").message(),
              "weekly.yaml:12: attempt to perform arithmetic on a nil value");
    EXPECT_EQ(error_of("\nerror('boom')").message(), "weekly.yaml:11: boom");
    EXPECT_EQ(error_of("\nerror('boom', 0)").message(), "boom");
    EXPECT_EQ(error_of("local x = = 1").message(), "weekly.yaml:10: unexpected symbol near '='");
    EXPECT_EQ(error_of("\n\nfs.read('missing')").message().substr(0, 16), "weekly.yaml:12: ");
}

TEST_F(Runner, CountsLinesInFunctionsAndLongTexts) {
    std::string text = "local function f()\n";
    for (int i = 0; i < 500; ++i)
        text += "  local x" + std::to_string(i % 100) + " = 1 do end\n" +
                (i % 100 == 99 ? "end\nlocal function g()\n" : "");
    text += "  error('deep')\nend\ng()";
    EXPECT_EQ(error_of(text).message(), "weekly.yaml:521: deep");
}

TEST_F(Runner, KeepsTheKindAndTheHintOfAnError) {
    const Error error = error_of("fail('too few rows', 'run the import first')");
    EXPECT_EQ(error.code(), ErrorCode::Check);
    EXPECT_EQ(error.message(), "weekly.yaml:10: too few rows");
    EXPECT_EQ(error.hint(), "run the import first");
    EXPECT_EQ(error_of("check(1 == 2, 'orphans: %d, wanted %d', 3, 0)").message(),
              "weekly.yaml:10: orphans: 3, wanted 0");
    EXPECT_EQ(
        error_of("error({kind = 'busy', message = 'later', hint = 'wait', code = 'X1'})").code(),
        ErrorCode::Busy);
    EXPECT_EQ(error_of("error({kind = 'busy', message = 'later', hint = 'wait', code = 'X1'})")
                  .code_text(),
              "X1");
    EXPECT_EQ(error_of("error(42)").message(), "42");
    EXPECT_EQ(error_of("error({})").message(), "the script raised a table without a message");
}

TEST_F(Runner, LetsScriptsCatchErrorsAsTables) {
    EXPECT_EQ(
        run("local ok, e = pcall(fail, 'no', 'try') return {ok = ok, kind = e.kind, message = "
            "e.message, hint = e.hint, text = tostring(e)}"),
        Value(Value::Map{
            {"ok", false}, {"kind", "check"}, {"message", "no"}, {"hint", "try"}, {"text", "no"}}));
    EXPECT_EQ(run("local ok, e = pcall(function() local x = nil; return x.y end) return {e = e}")
                  .as<Value::Map>()
                  .at("e"),
              Value("weekly.yaml:10: attempt to index a nil value (local 'x')"));
    EXPECT_EQ(error_of("local ok, e = pcall(fail, 'no') error(e)").code(), ErrorCode::Check);
}

TEST_F(Runner, StartsEveryCallWithAFreshState) {
    run("leftover = 1");
    EXPECT_NE(error_of("return {v = leftover}").message().find("there is no `leftover` here"),
              std::string::npos);
}

TEST_F(Runner, NamesTheNearestGlobal) {
    EXPECT_EQ(error_of("chek(true)").hint(), "did you mean `check`?");
    EXPECT_EQ(error_of("connections.ap:query('x')").code(), ErrorCode::Lua);
}

TEST_F(Runner, ShowsOutputAndRecordedToProbeAndUndo) {
    output_ = Value::Map{{"path", "/x"}};
    recorded_ = Value::Map{{"was", 3}};
    EXPECT_EQ(run_part("return {p = output.path, w = recorded.was}", BodyCall::Part::Undo),
              Value(Value::Map{{"p", "/x"}, {"w", 3}}));
    EXPECT_NE(error_of("return {v = output}").message().find("known in probe and undo only"),
              std::string::npos);
}

TEST_F(Runner, ReadsWhatAProbeAnswers) {
    const auto ask = [&](std::string text) {
        const runbook::LuaBody body{std::move(text), {}};
        BodyCall call{.lua = &body, .part = BodyCall::Part::Probe};
        return runner_.probe(call, *context_);
    };
    using Verdict = ProbeAnswer::Verdict;
    EXPECT_EQ(ask("return true").verdict, Verdict::Applied);
    EXPECT_EQ(ask("return 'applied', {rows = 3}").output, Value(Value::Map{{"rows", 3}}));
    EXPECT_EQ(ask("return false").verdict, Verdict::NotApplied);
    EXPECT_EQ(ask("return 'not_applied'").verdict, Verdict::NotApplied);
    EXPECT_EQ(ask("return nil").verdict, Verdict::CannotTell);
    EXPECT_EQ(ask("return 'unknown'").verdict, Verdict::CannotTell);
    EXPECT_EQ(ask("local x = 1").verdict, Verdict::CannotTell);
    EXPECT_THROW(ask("return 'maybe'"), Error);
    EXPECT_THROW(ask("return 1"), Error);
}

TEST_F(Runner, RunsTheFunctionsOfAnAction) {
    load(R"(
        local function double(n) return 2 * n end
        return {grow = {
          params = {by = "integer", on = "connection", text = "source",
                    list = {type = "list", of = "connection"}},
          returns = {n = "integer", m = "map"}, effect = "unsafe",
          run = function(with)
            return {n = double(with.by), m = {}, on = tostring(with.on), text = with.text.text,
                    path = with.text.path, second = tostring(with.list[2])}
          end,
          probe = function(with, recorded) return recorded.done == true, {n = with.by} end,
          undo = function(with, output, recorded) return {n = output.n, was = recorded.was} end,
        }})");
    context_->sources_["/a/template"] = "frozen";
    const Value with = Value::Map{
        {"by", 4}, {"on", "app"}, {"text", "/a/template"}, {"list", Value::List{"a", "b"}}};
    EXPECT_EQ(act("grow", with), Value(Value::Map{{"n", 8},
                                                  {"m", Value::Map{}},
                                                  {"on", "connection app"},
                                                  {"text", "frozen"},
                                                  {"path", "/a/template"},
                                                  {"second", "connection b"}}));
    BodyCall probe = call_of("grow", with);
    probe.part = BodyCall::Part::Probe;
    probe.recorded = Value::Map{{"done", true}};
    EXPECT_EQ(runner_.probe(probe, *context_).verdict, ProbeAnswer::Verdict::Applied);
    BodyCall undo = call_of("grow", with);
    undo.part = BodyCall::Part::Undo;
    undo.output = Value::Map{{"n", 9}};
    undo.recorded = Value::Map{{"was", 1}};
    EXPECT_EQ(runner_.run(undo, *context_), Value(Value::Map{{"n", 9}, {"was", 1}}));
}

TEST_F(Runner, GivesTheLineOfAModuleOnlyForErrorsOfTheScript) {
    load(
        "return {a = {effect = 'read', run = function() check(false, 'page 3 is damaged') end},\n"
        "        b = {effect = 'read', run = function() local x = nil; return x.y end}}");
    try {
        act("a");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.message(), "page 3 is damaged");
    }
    try {
        act("b");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.message(), "/books/mine.lua:2: attempt to index a nil value (local 'x')");
    }
}

TEST_F(Runner, AllowsNoPrimitiveWhileAModuleIsLoaded) {
    module_.name = "mine";
    module_.text = "fs.write('x', 'y') return {a = {effect = 'unsafe', run = function() end}}";
    module_.actions["a"] = {.name = "a"};
    EXPECT_THROW(act("a"), Error);
    EXPECT_TRUE(context_->asked_.empty());
}

TEST_F(Runner, EvaluatesExpressionsOverTheRun) {
    context_->names_.params_ = Value::Map{{"n", 3}, {"tables", Value::List{"a", "b"}}};
    context_->names_.steps_["before"] = {
        {"status", "succeeded"}, {"bytes", Size{4096}}, {"free_bytes", Size{1024}}};
    context_->names_.steps_["skipped"] = {{"status", "skipped"}};
    context_->names_.item_ = "threats";
    context_->names_.index_ = 2;
    EXPECT_EQ(evaluate("params.n * 2 -- a comment"), Value(6));
    EXPECT_EQ(evaluate("2 * steps.before.bytes"), Value(Size{8192}));
    EXPECT_EQ(evaluate("steps.before.free_bytes > steps.before.bytes / 10"), Value(true));
    EXPECT_EQ(evaluate("steps.skipped.summary or \"none\""), Value("none"));
    EXPECT_EQ(evaluate("item .. index"), Value("threats2"));
    EXPECT_EQ(evaluate("json(params)"), Value(R"({"n":3,"tables":["a","b"]})"));
    EXPECT_EQ(evaluate("string.format('%s/%d', run.environment, #params.tables)"), Value("test/2"));
    EXPECT_EQ(evaluate("({salvaged = 1, backup = 2})['backup']"), Value(2));
    EXPECT_EQ(evaluate("nil"), Value());
    EXPECT_EQ(evaluate("params"), context_->names_.params_);
}

TEST_F(Runner, RefusesMoreThanOneExpression) {
    for (const char* text : {"1, 2", "1 return 2", "x = 1", "", "function() end"}) {
        EXPECT_EQ(evaluation_error(text).code(), ErrorCode::Lua) << text;
    }
    EXPECT_EQ(evaluation_error("params.a.b").message(),
              "line 12: attempt to index a nil value (field 'a')");
}

TEST_F(Runner, BoundsExpressions) {
    for (const char* text :
         {"(function() while true do end end)()",
          "(function() local n = 0 for i = 1, 20000 do n = n + i end return n end)()",
          "('a'):rep(200):find(('(a-)'):rep(30) .. 'b')", "('x'):rep(50000000)",
          "(function() local t = {} for i = 1, 1e6 do t[i] = i end return #t end)()"}) {
        EXPECT_EQ(evaluation_error(text).code(), ErrorCode::Lua) << text;
    }
    EXPECT_NE(evaluation_error("(function() while true do end end)()")
                  .message()
                  .find("too many instructions"),
              std::string::npos);
    EXPECT_EQ(evaluate("(function() local n = 0 for i = 1, 1000 do n = n + i end return n end)()"),
              Value(500'500));
}

TEST_F(Runner, AllowsNoPrimitiveInAnExpression) {
    for (const char* text :
         {"fs.read('x')", "command {'id'}", "connections.app:value('select 1')", "once('x', print)",
          "pcall(error)", "log.info('x')", "crypto.random(3)"}) {
        const Error error = evaluation_error(text);
        EXPECT_EQ(error.code(), ErrorCode::Lua) << text;
    }
}

}  // namespace
}  // namespace drydock::bindings
