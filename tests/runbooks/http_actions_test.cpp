#include "tests/runbooks/action_fixture.h"

namespace drydock::runbooks {
namespace {

class HttpActions : public ActionTest {
  protected:
    // What the next request is answered.
    void answers(int status, const std::string& body, const std::string& type = "text/plain",
                 Microseconds took = Microseconds(100'000)) {
        context_->http_answer_ = {
            .status = status, .headers = {{"content-type", type}}, .body = body, .took = took};
    }
    const execute::HttpRequest& asked() { return context_->requests_.back(); }

    static Value::Map with(Value::Map given) {
        Value::Map all{{"url", "https://host/x"}, {"status", 200}, {"times", 1}, {"expect", 200},
                       {"timeout", Duration{Microseconds(5'000'000)}}};
        for (auto& [name, value] : given) all[name] = value;
        return all;
    }
};

TEST_F(HttpActions, CheckAsksWithTheTokenAndTellsTheMean) {
    answers(200, "ok");
    const Value::Map found =
        perform("http.check", with({{"bearer", Secret("token", "canary")}, {"times", 4}}));
    EXPECT_EQ(found.at("status_code"), Value(200));
    EXPECT_EQ(found.at("mean"), Value(Duration{Microseconds(100'000)}));
    EXPECT_EQ(context_->requests_.size(), 4U);
    EXPECT_EQ(asked().request.method, "GET");
    EXPECT_EQ(asked().request.headers.at(0).value, "Bearer canary");
    EXPECT_EQ(asked().request.timeout, Microseconds(5'000'000));
    EXPECT_EQ(asked().expect, std::vector<std::int64_t>{200});
}

TEST_F(HttpActions, CheckFailsForAMissingText) {
    answers(200, "status: degraded");
    perform("http.check", with({{"contains", "degraded"}}));
    const Error error = refusal("http.check", with({{"contains", "[status]: ok"}}));
    EXPECT_EQ(error.code(), ErrorCode::Check);
    EXPECT_NE(error.message().find("[status]: ok"), std::string::npos);
}

TEST_F(HttpActions, CheckFailsForASlowMean) {
    answers(200, "", "text/plain", Microseconds(200'000));
    const auto below = [&](int milliseconds) {
        return with({{"times", 3}, {"mean_below", Duration{Microseconds(milliseconds * 1000)}}});
    };
    perform("http.check", below(201));
    const Error error = refusal("http.check", below(200));
    EXPECT_NE(error.message().find("200ms, the mean of 3; wanted below 200ms"), std::string::npos)
        << error.message();
}

TEST_F(HttpActions, CheckSeesARedirectThatIsWanted) {
    answers(302, "");
    EXPECT_EQ(perform("http.check", with({{"status", 302}})).at("status_code"), Value(302));
    EXPECT_EQ(asked().request.redirects, 0);
    answers(200, "");
    perform("http.check", with({}));
    EXPECT_EQ(asked().request.redirects, 5);
}

TEST_F(HttpActions, CallSendsAMapAsJsonAndReadsJson) {
    answers(201, R"({"id": 7, "none": null})", "application/json; charset=utf-8");
    const Value::Map found = perform(
        "http.call", with({{"method", "POST"}, {"expect", 201},
                           {"body", Value::Map{{"on", true}}},
                           {"headers", Value::Map{{"X-Key", Secret("key", "canary")}}}}));
    EXPECT_EQ(*found.at("body").member("id"), Value(7));
    EXPECT_EQ(found.at("status_code"), Value(201));
    EXPECT_EQ(asked().request.method, "POST");
    EXPECT_EQ(asked().request.body, R"({"on":true})");
    EXPECT_TRUE(asked().request.headers.at(0).secret);
    EXPECT_EQ(asked().expect, std::vector<std::int64_t>{201});
}

TEST_F(HttpActions, CallGivesWhatIsNoJsonAsText) {
    for (const auto& [body, type] : {std::pair{"plain", "text/plain"},
                                     std::pair{"{broken", "application/json"},
                                     std::pair{"", "application/json"}}) {
        answers(200, body, type);
        EXPECT_EQ(perform("http.call", with({{"method", "PUT"}, {"body", "text"}})).at("body"),
                  Value(body));
        EXPECT_EQ(asked().request.body, "text");
    }
}

}  // namespace
}  // namespace drydock::runbooks
