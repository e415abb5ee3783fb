#include "bindings/module_reader.h"

#include <gtest/gtest.h>

#include "bindings/inspector.h"
#include "engine/runbook/declaration.h"
#include "runbooks/shipped.h"

namespace drydock::bindings {
namespace {

using runbook::Module;
using runbook::ScriptProblem;

std::vector<ScriptProblem> problems(std::string_view text) {
    auto read = read_module("mine", text);
    if (std::holds_alternative<Module>(read)) {
        ADD_FAILURE() << "no problem: " << text;
        return {{}};
    }
    return std::get<std::vector<ScriptProblem>>(read);
}

TEST(Modules, DeclareTheirActions) {
    auto read = read_module("kubernetes", R"(
        local function replicas(with) return 1 end
        return {scale = {
          summary = "Sets the number",
          params  = {namespace = "string", replicas = {type = "integer", min = 0, max = 100},
                     args = {type = "map", default = {}}, key = {type = "secret", default = null}},
          returns = {was = "integer"},
          needs   = {commands = {"kubectl"}, postgres = "12"},
          effect  = "unsafe", idempotent = true,
          run  = function(with) return {was = replicas(with)} end,
          undo = function(with, output, recorded) end,
        }})");
    ASSERT_TRUE(std::holds_alternative<Module>(read))
        << std::get<std::vector<ScriptProblem>>(read)[0].message;
    const Module& module = std::get<Module>(read);
    const runbook::Action& scale = module.actions.at("scale");
    EXPECT_EQ(module.name, "kubernetes");
    EXPECT_EQ(scale.summary, "Sets the number");
    EXPECT_EQ(runbook::names_of(scale.params),
              (std::vector<std::string>{"args", "key", "namespace", "replicas"}));
    EXPECT_EQ(runbook::find_declaration(scale.params, "replicas")->type, runbook::Type::Integer);
    EXPECT_TRUE(std::holds_alternative<runbook::Node::Map>(
        runbook::find_declaration(scale.params, "args")->default_value->held));
    EXPECT_EQ(scale.needs_commands, std::vector<std::string>{"kubectl"});
    EXPECT_EQ(scale.needs_postgres, "12");
    EXPECT_EQ(scale.effect, runbook::Effect::Unsafe);
    EXPECT_TRUE(scale.idempotent);
    EXPECT_TRUE(scale.undo_idempotent);
    EXPECT_TRUE(scale.has_undo);
    EXPECT_FALSE(scale.has_probe);
}

TEST(Modules, TellAllTheirProblemsAtOnceWithTheirLines) {
    const auto found = problems(
        "return {\n"
        "  a = {effect = 'rad', parms = {},\n"
        "    run = function() end},\n"
        "  b = {effect = 'read', params = {x = 'strng'},\n"
        "    run = function() end, probe = true},\n"
        "  c = {effect = 'read'},\n"
        "  d = {effect = 'unsafe', undo_idempotent = true,\n"
        "    run = function() end},\n"
        "}");
    std::string all;
    for (const auto& problem : found)
        all += std::to_string(problem.line) + ": " + problem.message + " (" + problem.hint + ")\n";
    EXPECT_NE(all.find("3: `effect` of a is no `rad`"), std::string::npos) << all;
    EXPECT_NE(all.find("3: action a has an unknown key `parms` (did you mean `params`?)"),
              std::string::npos)
        << all;
    EXPECT_NE(all.find("5: params of b: the type of `x` is one of"), std::string::npos) << all;
    EXPECT_NE(all.find("5: `probe` of b must be a function"), std::string::npos) << all;
    EXPECT_NE(all.find("0: action c has no `run`"), std::string::npos) << all;
    EXPECT_NE(all.find("8: action d has no undo that could be idempotent"), std::string::npos)
        << all;
}

TEST(Modules, AreRefusedWhenTheyReturnNoActions) {
    for (const char* text : {"return 1", "local x", "return {}", "return {1}",
                             "return {Bad = {effect = 'read', run = print}}"}) {
        EXPECT_FALSE(problems(text).empty()) << text;
    }
}

TEST(Modules, MayDoNothingWhileTheyAreLoaded) {
    for (const char* text : {"fs.read('/etc/passwd')", "command {'id'}", "log.info('x')",
                             "return {v = params.x}", "once('x', print)", "local x = secrets.x",
                             "while true do end", "while true do pcall(error) end",
                             "local t = {} for i = 1, 1e9 do t[i] = i end", "os.exit()"}) {
        EXPECT_FALSE(problems(text)[0].message.empty()) << text;
    }
}

TEST(Modules, ReportErrorsAtTheirLine) {
    EXPECT_EQ(problems("local x = 1\nlocal = 2")[0].line, 2);
    EXPECT_EQ(problems("\n\nerror('no')")[0].line, 3);
    EXPECT_EQ(problems("\n\nerror('no')")[0].message, "no");
}

TEST(Modules, ShippedOnesAreWithoutProblems) {
    ASSERT_FALSE(runbooks::shipped_modules().empty());
    for (const auto& shipped : runbooks::shipped_modules()) {
        const auto read = read_module(shipped.name, shipped.text);
        if (const auto* found = std::get_if<std::vector<ScriptProblem>>(&read)) {
            for (const auto& problem : *found)
                ADD_FAILURE() << shipped.name << ".lua:" << problem.line << ": " << problem.message;
        }
    }
}

}  // namespace
}  // namespace drydock::bindings
