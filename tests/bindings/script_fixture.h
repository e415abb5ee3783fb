#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "bindings/inspector.h"
#include "bindings/lua_runner.h"
#include "engine/sqlite/connection.h"
#include "tests/doubles/fake_step_context.h"

namespace drydock::bindings {

// Runs pieces of Lua as steps of a runbook whose text begins on line 10 of weekly.yaml.
class ScriptTest : public testing::Test {
  protected:
    ScriptTest() {
        std::string name = testing::TempDir() + "drydock-lua-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no temporary folder";
        folder_ = std::filesystem::canonical(name);
        context_ = std::make_unique<test::FakeStepContext>(folder_);
    }
    ~ScriptTest() override {
        context_.reset();
        std::filesystem::remove_all(folder_);
    }

    Value run(std::string_view text) { return run_part(text, execute::BodyCall::Part::Run); }

    Value run_part(std::string_view text, execute::BodyCall::Part part) {
        const runbook::LuaBody body{std::string(text), {.file = 0, .line = 10, .column = 7}};
        execute::BodyCall call{.lua = &body, .part = part};
        call.step = "step";
        call.file = "weekly.yaml";
        call.output = output_;
        call.recorded = recorded_;
        return runner_.run(call, *context_);
    }

    // The value of one expression, in a step.
    Value value_of(std::string_view expression) {
        return run("return {v = " + std::string(expression) + "}").as<Value::Map>().at("v");
    }

    Error error_of(std::string_view text) {
        try {
            run(text);
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "nothing failed: " << text;
        return {ErrorCode::Check, "nothing failed"};
    }

    Value evaluate(std::string_view text, bool secrets = false) {
        return runner_.evaluate({std::string(text), {.file = 0, .line = 12, .column = 3}},
                                context_->names_, secrets);
    }
    Error evaluation_error(std::string_view text) {
        try {
            evaluate(text);
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "nothing failed: " << text;
        return {ErrorCode::Check, "nothing failed"};
    }

    // A module of one text; the action is run with `with`.
    void load(std::string_view text) {
        Inspector inspector;
        auto read = inspector.module("mine", text);
        if (auto* problems = std::get_if<std::vector<runbook::ScriptProblem>>(&read)) {
            for (const auto& problem : *problems)
                ADD_FAILURE() << problem.line << ": " << problem.message;
            return;
        }
        module_ = std::get<runbook::Module>(std::move(read));
        module_.path = "/books/mine.lua";
    }
    execute::BodyCall call_of(const std::string& action, Value with = Value::Map{}) {
        execute::BodyCall call{.module = &module_, .action = &module_.actions.at(action)};
        call.step = "step";
        call.file = "weekly.yaml";
        call.with = std::move(with);
        return call;
    }
    Value act(const std::string& action, Value with = Value::Map{}) {
        return runner_.run(call_of(action, std::move(with)), *context_);
    }

    void make_database(const std::string& sql) {
        const std::string path = folder_ + "/app.db";
        sqlite::Connection made(path, {.mode = sqlite::Mode::Create});
        made.exec(sql);
        context_->connections_["app"] = path;
    }

    [[nodiscard]] std::string file(std::string_view name) const {
        return folder_ + "/" + std::string(name);
    }

    std::string folder_;
    std::unique_ptr<test::FakeStepContext> context_;
    LuaRunner runner_{system_clock()};
    runbook::Module module_;
    Value output_;
    Value recorded_;
};

}  // namespace drydock::bindings
