#include "tests/bindings/script_fixture.h"

namespace drydock::bindings {
namespace {

class ApiHttp : public ScriptTest {
  protected:
    ApiHttp() { context_->names_.secrets_ = {{"token", "canary-token"}}; }

    const execute::HttpRequest& request_of(const std::string& fields) {
        run("http{url = 'https://host/x', " + fields + "}");
        return context_->requests_.back();
    }
    std::string message_of(const std::string& fields) {
        return error_of("http{url = 'https://host/x', " + fields + "}").message();
    }
};

TEST_F(ApiHttp, AsksWithGetAndGivesTheAnswer) {
    context_->http_answer_ = {.status = 201,
                              .headers = {{"content-type", "text/plain"}},
                              .body = "a\0b",
                              .took = Microseconds(250'000)};
    const Value answer = run("return {a = http{url = 'https://host/x'}}");
    const Value& got = *answer.member("a");
    EXPECT_EQ(*got.member("status"), Value(201));
    EXPECT_EQ(*got.member("headers")->member("content-type"), Value("text/plain"));
    EXPECT_EQ(*got.member("seconds"), Value(0.25));
    EXPECT_EQ(context_->requests_[0].request.method, "GET");
    EXPECT_EQ(context_->requests_[0].request.url, "https://host/x");
    EXPECT_FALSE(context_->requests_[0].request.body);
}

TEST_F(ApiHttp, TakesSecretsInHeadersBearerAndBodyOnly) {
    const auto& asked =
        request_of(
            "headers = {['X-Key'] = secrets.token, ['X-Plain'] = 7}, bearer = secrets.token, "
            "body = secrets.token, method = 'POST'")
            .request;
    ASSERT_EQ(asked.headers.size(), 3U);
    EXPECT_EQ(asked.headers[0].value, "canary-token");
    EXPECT_TRUE(asked.headers[0].secret);
    EXPECT_EQ(asked.headers[1].value, "7");
    EXPECT_FALSE(asked.headers[1].secret);
    EXPECT_EQ(asked.headers[2].name, "Authorization");
    EXPECT_EQ(asked.headers[2].value, "Bearer canary-token");
    EXPECT_TRUE(asked.headers[2].secret);
    EXPECT_EQ(asked.body, "canary-token");
    const Error refused = error_of("http{url = 'https://host/?key=' .. secrets.token}");
    EXPECT_NE(refused.message().find("may not hold a secret"), std::string::npos);
    EXPECT_NE(message_of("proxy = secrets.token"), "");
}

TEST_F(ApiHttp, SendsATableAsJson) {
    const auto& asked =
        request_of("method = 'PUT', body = {on = true, why = secrets.token}").request;
    EXPECT_EQ(asked.body, R"({"on":true,"why":"canary-token"})");
    EXPECT_EQ(asked.headers[0].name, "Content-Type");
    EXPECT_EQ(request_of("body = {1}, headers = {['content-type'] = 'x/y'}").request.headers.size(),
              1U);
}

TEST_F(ApiHttp, TakesLimitsAsQuantitiesOrNumbers) {
    const auto& asked = request_of(
        "timeout = '1m', connect_timeout = 2, max_bytes = '64KiB', redirects = 0, ca = 'PEM', "
        "proxy = 'http://p:1', retry = {times = 5, every = duration('3s')}");
    EXPECT_EQ(asked.request.timeout, Microseconds(60'000'000));
    EXPECT_EQ(asked.request.connect_timeout, Microseconds(2'000'000));
    EXPECT_EQ(asked.request.max_bytes, std::size_t{64} << 10);
    EXPECT_EQ(asked.request.redirects, 0);
    EXPECT_EQ(asked.request.ca, "PEM");
    EXPECT_EQ(asked.request.proxy, "http://p:1");
    EXPECT_EQ(asked.times, 5);
    EXPECT_EQ(asked.retry_every, Microseconds(3'000'000));
}

TEST_F(ApiHttp, ExpectsOneStatusSeveralOrAny) {
    EXPECT_TRUE(request_of("method = 'GET'").expect.empty());
    EXPECT_EQ(request_of("expect = 404").expect, std::vector<std::int64_t>{404});
    EXPECT_EQ(request_of("expect = {200, 404}").expect, (std::vector<std::int64_t>{200, 404}));
    EXPECT_TRUE(request_of("expect = 'any'").any_status);
}

TEST_F(ApiHttp, RefusesWhatItDoesNotKnow) {
    EXPECT_NE(message_of("verify = false").find("http takes no `verify`"), std::string::npos);
    EXPECT_NE(message_of("retry = {times = 0}"), "");
    EXPECT_NE(message_of("retry = {time = 1}"), "");
    EXPECT_NE(message_of("headers = {'x'}"), "");
    EXPECT_NE(message_of("headers = {a = {}}"), "");
    EXPECT_NE(message_of("expect = {'any'}"), "");
    EXPECT_NE(message_of("bearer = 'x', headers = {authorization = 'y'}"), "");
    EXPECT_NE(error_of("http{}").message(), "");
    EXPECT_TRUE(context_->requests_.empty());
}

}  // namespace
}  // namespace drydock::bindings
