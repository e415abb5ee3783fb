#include <chrono>

#include "tests/bindings/hostile_payloads.h"
#include "tests/bindings/script_fixture.h"

// Scripts that try to run for ever, to take all memory, to break out or to crash. Each must end
// soon after its deadline, or do no harm; whatever is still able to run afterwards is shown by a
// last script in the same process.
namespace drydock::bindings {
namespace {

using std::chrono::steady_clock;

using test::HostilePayload;

class Hostile : public ScriptTest, public testing::WithParamInterface<HostilePayload> {
  protected:
    static constexpr Microseconds kDeadline{200'000};
    // Generous for a machine under load and for sanitizers; without the protections the payloads
    // run for minutes or for ever.
    static constexpr std::chrono::seconds kPatience{60};

    // How the payload ended.
    std::string outcome(const std::string& text) {
        context_->deadline_ = system_clock().boot() + kDeadline;
        try {
            run(text);
            return "returned";
        } catch (const execute::Stopped& stopped) {
            return stopped.reason == StopReason::Deadline ? "deadline" : "stopped";
        } catch (const Error& error) {
            return "error: " + error.message();
        }
    }
};

class Endless : public Hostile {};
class Refused : public Hostile {};

TEST_P(Endless, IsStoppedAtItsDeadlineAndCannotCatchIt) {
    const auto began = steady_clock::now();
    EXPECT_EQ(outcome(GetParam().text), "deadline");
    EXPECT_LT(steady_clock::now() - began, kPatience);
}

TEST_P(Refused, EndsWithAnErrorOrIsStopped) {
    const auto began = steady_clock::now();
    const std::string how = outcome(GetParam().text);
    EXPECT_TRUE(how.starts_with("error: ") || how == "deadline") << how;
    EXPECT_LT(steady_clock::now() - began, kPatience);
    context_->deadline_ = system_clock().boot() + Microseconds(60'000'000);
    EXPECT_EQ(value_of("1 + 1"), Value(2));
}

std::string name_of(const testing::TestParamInfo<HostilePayload>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Payloads, Endless,
                         testing::ValuesIn(test::hostile_payloads("endless")), name_of);
INSTANTIATE_TEST_SUITE_P(Payloads, Refused,
                         testing::ValuesIn(test::hostile_payloads("refused")), name_of);

class Harmless : public Hostile {};

TEST_F(Harmless, BytecodeIsNoScript) {
    EXPECT_NE(error_of("\x1bLua\x54\x01").message(), "");
}

TEST_F(Harmless, EmptyRepetitionReturnsAtOnce) {
    EXPECT_EQ(value_of("(''):rep(1 << 62)"), Value(""));
}

TEST_F(Harmless, QuotingAMillionCharactersIsLinear) {
    EXPECT_EQ(value_of("#('%q'):format(('\\0\\n'):rep(5000000))"), Value(20'000'002));
}

TEST_F(Harmless, AComparatorThatLiesStillLeavesEachItemOnce) {
    EXPECT_EQ(value_of("(function() local t = {} for i = 1, 1000 do t[i] = i end "
                       "local n = 0 table.sort(t, function() n = n + 1 return n % 3 == 0 end) "
                       "local sum = 0 for i = 1, #t do sum = sum + t[i] end return sum end)()"),
              Value(500'500));
}

TEST_F(Harmless, AStopFromOutsideReachesALoop) {
    context_->cancel_.request(StopReason::Cancel);
    try {
        run("while true do pcall(error) end");
        FAIL() << "it returned";
    } catch (const execute::Stopped& stopped) {
        EXPECT_EQ(stopped.reason, StopReason::Cancel);
    }
}

TEST_F(Harmless, MemoryIsFreedForTheNextScript) {
    for (int i = 0; i < 5; ++i) {
        EXPECT_NE(error_of("local t = {} for i = 1, 1e12 do t[i] = i end")
                      .message()
                      .find("not enough memory"),
                  std::string::npos);
    }
    EXPECT_EQ(value_of("#('x'):rep(50000000)"), Value(50'000'000));
}

TEST_F(Harmless, MemoryErrorsCanBeCaughtAndNamed) {
    EXPECT_EQ(run("local ok, e = pcall(function() local t = {} for i = 1, 1e12 do t[i] = i end "
                  "end) return {ok = ok}"),
              Value(Value::Map{{"ok", false}}));
}

}  // namespace
}  // namespace drydock::bindings
