#include <sys/stat.h>

#include "runbooks/shipped.h"
#include "tests/bindings/script_fixture.h"

namespace drydock::bindings {
namespace {

using execute::BodyCall;
using execute::ProbeAnswer;

class ShippedActions : public ScriptTest {
  protected:
    ShippedActions() { context_->names_.run_ = Value::Map{{"short", "ab12"}}; }

    void use(std::string_view name) {
        for (const auto& shipped : runbooks::shipped_modules()) {
            if (shipped.name == name) load(shipped.text);
        }
        module_.path = "(shipped)";
    }
    Value undo(const std::string& action, const Value& with) {
        BodyCall call = call_of(action, with);
        call.part = BodyCall::Part::Undo;
        call.recorded = context_->recorded_;
        return runner_.run(call, *context_);
    }
    ProbeAnswer::Verdict probe(const std::string& action, const Value& with) {
        BodyCall call = call_of(action, with);
        call.part = BodyCall::Part::Probe;
        call.recorded = context_->recorded_;
        return runner_.probe(call, *context_).verdict;
    }
    using Verdict = ProbeAnswer::Verdict;
};

class Render : public ShippedActions {
  protected:
    Render() {
        use("file");
        context_->sources_["/t.tmpl"] = "new";
        with_ = Value::Map{{"template", "/t.tmpl"}, {"to", file("out.conf")}, {"mode", "0640"}};
    }
    [[nodiscard]] std::string content() const { return context_->files_.read("out.conf"); }
    Value with_;
};

TEST_F(Render, WritesAFileAndTakesItBack) {
    const Value output = act("render", with_);
    EXPECT_EQ(*output.member("change"), Value("created"));
    EXPECT_EQ(*output.member("digest"), value_of("crypto.sha256('new')"));
    EXPECT_EQ(content(), "new");
    undo("render", with_);
    EXPECT_FALSE(context_->files_.exists("out.conf"));
}

TEST_F(Render, PutsThePreviousFileBack) {
    context_->files_.write("out.conf", "old");
    EXPECT_EQ(*act("render", with_).member("change"), Value("changed"));
    EXPECT_EQ(content(), "new");
    undo("render", with_);
    EXPECT_EQ(content(), "old");
    EXPECT_FALSE(context_->files_.exists("out.conf.before-ab12"));
    undo("render", with_);  // interrupted after it was done, and done again
    EXPECT_EQ(content(), "old");
}

TEST_F(Render, TellsTheNewLinesAndOnlyCountsTheOldOnes) {
    context_->files_.write("out.conf", "a = 1\npassword = canary-11\nb = 2\nb = 2\n");
    context_->sources_["/t.tmpl"] = "a = 1\nb = 2\nc = 3\nd = 4 %d\n";
    act("render", with_);
    const std::string head = "info " + file("out.conf") + ": 2 new lines, 2 that go";
    EXPECT_EQ(context_->logs_,
              (std::vector<std::string>{head, "info + c = 3", "info + d = 4 %d"}));
}

TEST_F(Render, TellsNothingOfATextThatHoldsASecret) {
    context_->render_secret_ = true;
    context_->sources_["/t.tmpl"] = "password = canary-12";
    act("render", with_);
    EXPECT_EQ(content(), "password = canary-12");
    for (const std::string& line : context_->logs_)
        EXPECT_EQ(line.find("canary"), std::string::npos) << line;
}

TEST_F(Render, KeepsTheFirstPreviousFileWhenItIsRepeated) {
    context_->files_.write("out.conf", "old");
    act("render", with_);
    EXPECT_EQ(*act("render", with_).member("change"), Value("changed"));
    undo("render", with_);
    EXPECT_EQ(content(), "old");
}

TEST_F(Render, ProbesWhetherItWasDone) {
    context_->files_.write("out.conf", "old");
    EXPECT_EQ(probe("render", with_), Verdict::NotApplied);
    act("render", with_);
    EXPECT_EQ(probe("render", with_), Verdict::Applied);
    context_->files_.write("out.conf", "old");
    EXPECT_EQ(probe("render", with_), Verdict::NotApplied);
    context_->files_.write("out.conf", "somebody else's");
    EXPECT_EQ(probe("render", with_), Verdict::CannotTell);
}

TEST_F(Render, NeverRecordsWhatWasInTheFile) {
    context_->files_.write("out.conf", "password: canary-11");
    act("render", with_);
    EXPECT_EQ(to_text(Value(context_->recorded_)).find("canary"), std::string::npos);
}

TEST_F(ShippedActions, RoomChecksBytesAndShare) {
    use("file");
    const auto with = [&](Size free, std::int64_t percent) {
        return Value::Map{{"path", folder_}, {"free", free}, {"free_percent", percent}};
    };
    EXPECT_GT(act("room", with(Size{1}, 0)).member("free")->as<Size>().bytes, 0);
    EXPECT_THROW(act("room", with(Size{std::int64_t{1} << 60}, 0)), Error);
    EXPECT_THROW(act("room", with(Size{1}, 101)), Error);
}

TEST_F(ShippedActions, RunStartsAProgram) {
    use("command");
    context_->answer_ = {.exit = 0, .output = "done", .error = ""};
    const Value with = Value::Map{{"argv", Value::List{"make", "test"}},
                                  {"cwd", "/src"},
                                  {"env", Value::Map{{"TOKEN", Secret("token", "canary")}}},
                                  {"input", Value()}};
    EXPECT_EQ(act("run", with), Value(Value::Map{{"output", "done"}, {"exit", 0}}));
    ASSERT_EQ(context_->commands_.size(), 1U);
    EXPECT_EQ(context_->commands_[0].argv, (std::vector<std::string>{"make", "test"}));
    EXPECT_EQ(context_->commands_[0].environment[0].second.as<Secret>().reveal(), "canary");
}

}  // namespace
}  // namespace drydock::bindings
