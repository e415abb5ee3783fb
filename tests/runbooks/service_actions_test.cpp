#include "tests/runbooks/action_fixture.h"

namespace drydock::runbooks {
namespace {

using execute::BodyCall;

// A context in which systemctl knows one service.
class Systemd final : public test::FakeStepContext {
  public:
    using FakeStepContext::FakeStepContext;
    std::string state = "inactive";
    bool obeys = true;
    std::vector<std::string> verbs;

    execute::CommandAnswer command(const execute::CommandRequest& request) override {
        const std::string& verb = request.argv.at(1);
        if (verb == "is-active") {
            EXPECT_TRUE(request.reads);
            return {.exit = state == "active" ? 0 : 3, .output = state + "\n", .error = ""};
        }
        verbs.push_back(verb + " " + request.argv.at(2));
        if (obeys) state = verb == "start" ? "active" : "inactive";
        return {};
    }
};

class ServiceActions : public ActionTest {
  protected:
    ServiceActions() {
        auto systemd = std::make_unique<Systemd>(folder_);
        systemd_ = systemd.get();
        context_ = std::move(systemd);
    }
    Value perform_on(const std::string& state, const std::string& action) {
        systemd_->state = state;
        systemd_->recorded_.clear();
        systemd_->verbs.clear();
        select("service." + action);
        return act(action, Value::Map{{"unit", "api"}, {"manager", "systemctl"}});
    }
    void undo(const std::string& action) {
        BodyCall call = call_of(action, Value::Map{{"unit", "api"}, {"manager", "systemctl"}});
        call.part = BodyCall::Part::Undo;
        call.recorded = systemd_->recorded_;
        systemd_->verbs.clear();
        runner_.run(call, *context_);
    }
    using Verbs = std::vector<std::string>;
    Systemd* systemd_ = nullptr;
};

TEST_F(ServiceActions, StopAndItsUndoBringBackARunningService) {
    EXPECT_EQ(*perform_on("active", "stop").member("was_running"), Value(true));
    EXPECT_EQ(systemd_->verbs, Verbs{"stop api"});
    undo("stop");
    EXPECT_EQ(systemd_->verbs, Verbs{"start api"});
}

TEST_F(ServiceActions, UndoLeavesAStoppedServiceStopped) {
    EXPECT_EQ(*perform_on("inactive", "stop").member("was_running"), Value(false));
    undo("stop");
    EXPECT_EQ(systemd_->verbs, Verbs{});
}

TEST_F(ServiceActions, StartAndItsUndoBringBackAStoppedService) {
    EXPECT_EQ(*perform_on("failed", "start").member("was_running"), Value(false));
    undo("start");
    EXPECT_EQ(systemd_->verbs, Verbs{"stop api"});
    EXPECT_EQ(*perform_on("active", "start").member("was_running"), Value(true));
    undo("start");
    EXPECT_EQ(systemd_->verbs, Verbs{});
}

// It waits for its restart: systemd would start it again behind our back.
TEST_F(ServiceActions, AServiceThatIsRestartingCountsAsRunningAndIsStopped) {
    EXPECT_EQ(*perform_on("activating", "stop").member("was_running"), Value(true));
    EXPECT_EQ(systemd_->verbs, Verbs{"stop api"});
}

TEST_F(ServiceActions, ASecondAttemptRemembersHowTheFirstFoundIt) {
    perform_on("active", "stop");
    act("stop", Value::Map{{"unit", "api"}, {"manager", "systemctl"}});
    undo("stop");
    EXPECT_EQ(systemd_->state, "active");
}

TEST_F(ServiceActions, AServiceThatDoesNotObeyFailsTheStep) {
    systemd_->obeys = false;
    EXPECT_THROW(perform_on("active", "stop"), Error);
    EXPECT_THROW(perform_on("inactive", "start"), Error);
}

TEST_F(ServiceActions, UndoDoesNothingWhenTheStepHadNotBegun) {
    perform_on("active", "stop");
    systemd_->recorded_.clear();
    undo("stop");
    EXPECT_EQ(systemd_->verbs, Verbs{});
}

}  // namespace
}  // namespace drydock::runbooks
