#include "engine/fetch/exchange.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

#include "engine/os/unique_fd.h"
#include "tests/os/seam_switch.h"
#include "tests/servers/http_server.h"

namespace drydock::fetch {
namespace {

using namespace std::chrono_literals;
using test::HttpServer;

class ExchangeTest : public testing::Test {
  protected:
    HttpServer& server_ = HttpServer::shared();
    CancelToken cancel_;

    Exchange ask(const Request& request) { return exchange(request, cancel_); }
    Exchange get(std::string_view path) { return ask({.url = server_.url(path)}); }
    Exchange post(std::string_view path, Microseconds timeout = 30s) {
        return ask({.method = "POST", .url = server_.url(path), .body = "x", .timeout = timeout});
    }
    std::string body(const Request& request) {
        const Exchange made = ask(request);
        return made.answer ? made.answer->body : "no answer: " + made.error->message();
    }
    // An address at which nothing listens.
    static std::string nowhere() {
        const os::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
        return "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
    }
    // Whether a thread of this process waits for something.
    static bool sleeps(int thread) {
        std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/stat");
        std::string stat((std::istreambuf_iterator<char>(file)), {});
        return stat.find(") S ") != std::string::npos;
    }
    static void expect_error(const Exchange& made, ErrorCode code, const std::string& text) {
        EXPECT_FALSE(made.answer);
        ASSERT_TRUE(made.error);
        EXPECT_EQ(made.error->code(), code) << made.error->message();
        EXPECT_EQ(made.error->code_text(), text) << made.error->message();
        EXPECT_NE(made.error->hint(), "");
    }
};

TEST_F(ExchangeTest, GivesStatusHeadersBodyAndTime) {
    const Exchange made = get("/echo?a=1");
    ASSERT_TRUE(made.answer) << made.error->message();
    EXPECT_EQ(made.end, Exchange::End::Answered);
    EXPECT_EQ(made.answer->status, 200);
    EXPECT_EQ(made.answer->headers.at("content-type"), "application/json");
    EXPECT_EQ(made.answer->headers.at("x-twice"), "a, b");
    EXPECT_NE(made.answer->body.find("\"target\": \"/echo?a=1\""), std::string::npos);
    EXPECT_GT(made.answer->took, 0us);
}

TEST_F(ExchangeTest, SendsEachMethodWithItsBodyAndHeaders) {
    for (const char* method : {"GET", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}) {
        const std::string said = body({.method = method,
                                       .url = server_.url("/echo"),
                                       .headers = {{.name = "X-One", .value = "'; DROP $(id)"},
                                                   {.name = "X-None", .value = ""}},
                                       .body = "b\r\n\r\nGET /other HTTP/1.1"});
        EXPECT_NE(said.find("\"method\": \"" + std::string(method)), std::string::npos) << said;
        EXPECT_NE(said.find("[\"X-One\", \"'; DROP $(id)\"]"), std::string::npos) << said;
        EXPECT_NE(said.find("X-None"), std::string::npos) << said;
        EXPECT_NE(said.find(R"("body": "b\r\n\r\nGET /other HTTP/1.1")"), std::string::npos)
            << said;
    }
    const std::string none = body({.method = "POST", .url = server_.url("/echo")});
    EXPECT_NE(none.find("[\"Content-Length\", \"0\"]"), std::string::npos) << none;
    EXPECT_EQ(none.find("Content-Type"), std::string::npos) << none;
    EXPECT_EQ(ask({.method = "HEAD", .url = server_.url("/echo")}).answer->body, "");
}

TEST_F(ExchangeTest, SendsALargeBodyWithoutWaitingForLeave) {
    const std::string large(std::size_t{3} << 20, 'x');
    const Exchange made =
        ask({.method = "PUT", .url = server_.url("/status/201"), .body = large, .timeout = 20s});
    ASSERT_TRUE(made.answer) << made.error->message();
    EXPECT_EQ(made.answer->status, 201);
    EXPECT_LT(made.answer->took, 900ms) << "waits a second for 100 Continue";
}

TEST_F(ExchangeTest, GivesEveryStatusAsItIs) {
    for (const int status : {204, 304, 400, 401, 404, 500, 503})
        EXPECT_EQ(get("/status/" + std::to_string(status)).answer->status, status);
}

TEST_F(ExchangeTest, SpeaksIpv6) {
    if (server_.port("ipv6") == 0) GTEST_SKIP() << "this machine has no IPv6";
    EXPECT_EQ(ask({.url = server_.url("/status/200", "ipv6")}).answer->status, 200);
}

// --- redirects -----------------------------------------------------------------------------------

TEST_F(ExchangeTest, FollowsRedirectsOfReadsOnly) {
    for (const std::string status : {"301", "302", "303", "307", "308"}) {
        const std::string path = "/redirect/" + status + "?to=/status/200";
        EXPECT_EQ(get(path).answer->status, 200);
        EXPECT_EQ(ask({.method = "HEAD", .url = server_.url(path)}).answer->status, 200);
        for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
            EXPECT_EQ(ask({.method = method, .url = server_.url(path)}).answer->status,
                      std::stoi(status));
        EXPECT_EQ(ask({.url = server_.url(path), .body = "x"}).answer->status, std::stoi(status));
        EXPECT_EQ(ask({.url = server_.url(path), .redirects = 0}).answer->status,
                  std::stoi(status));
    }
}

TEST_F(ExchangeTest, DoesNotGoInCircles) {
    const Exchange made = get("/loop");
    expect_error(made, ErrorCode::Http, "redirect");
    EXPECT_NE(made.error->message().find("more than 5 times"), std::string::npos);
}

// The same address under another name is another server.
TEST_F(ExchangeTest, TakesNoTokenToAnotherServer) {
    const auto told = [&] {
        const std::string other = "http://localhost:" + std::to_string(server_.port("plain"));
        return body({.url = server_.url("/redirect/302?to=" + other + "/echo"),
                     .headers = {{.name = "AUTHORIZATION", .value = "Bearer canary-1"},
                                 {.name = "Cookie", .value = "canary-2"},
                                 {.name = "X-Key", .value = "canary-3", .secret = true},
                                 {.name = "X-Plain", .value = "plain"}}});
    };
    const std::string with = told();
    EXPECT_EQ(with.find("canary"), std::string::npos) << with;
    EXPECT_NE(with.find("X-Plain"), std::string::npos) << with;
    const test::Without without(Protection::TokenOrigin);
    EXPECT_NE(told().find("canary"), std::string::npos);
}

TEST_F(ExchangeTest, DoesNotBringADroppedTokenBack) {
    const std::string port = std::to_string(server_.port("plain"));
    const std::string said = body(
        {.url = server_.url("/redirect/302?to=http://localhost:" + port +
                            "/redirect/302?to=http://127.0.0.1:" + port + "/echo"),
         .headers = {{.name = "Authorization", .value = "Bearer canary-1"}}});
    EXPECT_NE(said.find("\"target\": \"/echo\""), std::string::npos) << said;
    EXPECT_EQ(said.find("canary"), std::string::npos) << said;
}

TEST_F(ExchangeTest, KeepsTheTokenAtTheSameServer) {
    EXPECT_NE(body({.url = server_.url("/redirect/302?to=/echo"),
                    .headers = {{.name = "Authorization", .value = "Bearer canary-1"}}})
                  .find("canary-1"),
              std::string::npos);
}

TEST_F(ExchangeTest, NeverGoesFromSecretToPlain) {
    const Exchange made =
        ask({.url = server_.url("/redirect/302?to=" + server_.url("/echo"), "tls"),
             .ca = server_.ca()});
    expect_error(made, ErrorCode::Http, "redirect");
    ASSERT_TRUE(made.error);
    EXPECT_NE(made.error->message().find("from https to http"), std::string::npos);
}

TEST_F(ExchangeTest, FollowsNoOtherScheme) {
    expect_error(get("/redirect/302?to=file:///etc/passwd"), ErrorCode::Http, "redirect");
    expect_error(get("/redirect/302?to=http://anna:word@127.0.0.1/"), ErrorCode::Http, "redirect");
}

// --- TLS -----------------------------------------------------------------------------------------

TEST_F(ExchangeTest, TrustsWhoItWasToldToTrust) {
    const Exchange made = ask({.url = server_.url("/status/200", "tls"), .ca = server_.ca()});
    ASSERT_TRUE(made.answer) << made.error->message();
    EXPECT_EQ(made.answer->status, 200);
}

TEST_F(ExchangeTest, RefusesCertificatesAndSaysWhy) {
    struct Refused {
        std::string port, ca, hint;
    };
    for (const Refused& one : {Refused{"tls", "", "nobody whom this machine trusts"},
                               Refused{"expired", server_.ca(), "not valid now"},
                               Refused{"stranger", server_.ca(), "another name"},
                               Refused{"tls", "no certificate", ""}}) {
        const Exchange made = ask({.method = "POST",
                                   .url = server_.url("/count", one.port),
                                   .body = "x",
                                   .ca = one.ca});
        expect_error(made, ErrorCode::Connection, "tls");
        EXPECT_FALSE(made.sent) << one.port;
        EXPECT_FALSE(made.passing);
        EXPECT_NE(made.error->hint().find(one.hint), std::string::npos) << made.error->hint();
    }
    EXPECT_EQ(get("/count").answer->body, "0") << "a server that was refused got a request";
    const test::Without without(Protection::TlsVerification);
    EXPECT_TRUE(ask({.url = server_.url("/status/200", "expired")}).answer);
    EXPECT_TRUE(ask({.url = server_.url("/status/200", "stranger")}).answer);
}

TEST_F(ExchangeTest, SpeaksNoTlsToAPlainPort) {
    std::string url = server_.url("/status/200");
    url.replace(0, 4, "https");
    expect_error(ask({.url = url}), ErrorCode::Connection, "tls");
}

// --- servers that do not answer well -------------------------------------------------------------

TEST_F(ExchangeTest, SaysThatNobodyListens) {
    const Exchange made = ask({.method = "POST", .url = nowhere(), .body = "x"});
    expect_error(made, ErrorCode::Connection, "refused");
    EXPECT_FALSE(made.sent);
    EXPECT_TRUE(made.passing);
}

TEST_F(ExchangeTest, SaysThatThereIsNoSuchHost) {
    const Exchange made = ask({.url = "http://host.invalid/"});
    expect_error(made, ErrorCode::Connection, "resolve");
    EXPECT_NE(made.error->message().find("host.invalid"), std::string::npos);
    EXPECT_FALSE(made.sent);
}

TEST_F(ExchangeTest, TellsWhatCameTooLate) {
    for (const std::string path : {"/hold", "/slow-head", "/slow-body"}) {
        const auto began = std::chrono::steady_clock::now();
        const Exchange made = post(path, 200ms);
        EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
        expect_error(made, ErrorCode::Timeout, "timeout");
        EXPECT_EQ(made.end, Exchange::End::TimedOut);
        EXPECT_TRUE(made.sent) << "nobody knows whether it was done";
        const std::string at = path == "/hold" ? "waiting for the answer" : "reading the answer";
        EXPECT_NE(made.error->message().find(at), std::string::npos) << made.error->message();
        EXPECT_NE(made.error->message().find("within 200ms"), std::string::npos);
    }
}

TEST_F(ExchangeTest, TellsThatTheConnectionWasClosed) {
    for (const char* path : {"/close", "/reset", "/cut", "/cut-chunk"}) {
        const Exchange made = post(path);
        expect_error(made, ErrorCode::Connection, "closed");
        EXPECT_TRUE(made.sent) << path;
        EXPECT_TRUE(made.passing) << path;
    }
}

TEST_F(ExchangeTest, TakesNothingThatIsNotHttp) {
    for (const char* path : {"/old", "/ssh", "/bad-chunk"}) {
        const Exchange made = get(path);
        EXPECT_FALSE(made.answer) << path;
        EXPECT_NE(made.error->hint(), "") << path;
    }
}

TEST_F(ExchangeTest, ReadsNoMoreThanItWasAllowed) {
    const auto bytes = [&](int count, std::size_t most) {
        return ask({.url = server_.url("/bytes/" + std::to_string(count)), .max_bytes = most});
    };
    EXPECT_EQ(bytes(1000, 1000).answer->body.size(), 1000U);
    expect_error(bytes(1001, 1000), ErrorCode::Http, "too_large");
    expect_error(get("/endless"), ErrorCode::Http, "too_large");
}

TEST_F(ExchangeTest, ReadsNoEndlessHeaders) {
    for (const char* path : {"/endless-headers", "/endless-continues", "/endless-trailers"}) {
        const Exchange made = get(path);
        expect_error(made, ErrorCode::Http, "too_large");
        EXPECT_NE(made.error->message().find("headers"), std::string::npos) << path;
    }
}

TEST_F(ExchangeTest, UnpacksNothingAndKeepsNoCookies) {
    EXPECT_EQ(get("/packed").answer->body, "\x1f\x8bnot unpacked");
    const std::string said = get("/cookie").answer->body;
    EXPECT_EQ(said.find("Cookie"), std::string::npos) << said;
    EXPECT_EQ(said.find("Accept-Encoding"), std::string::npos) << said;
}

TEST_F(ExchangeTest, SendsNothingTwice) {
    const auto times = [&](const std::string& line) {
        const std::string all = server_.requests();
        int count = 0;
        for (std::size_t at = all.find(line); at != std::string::npos; at = all.find(line, at + 1))
            ++count;
        return count;
    };
    EXPECT_FALSE(post("/close?once").answer);
    EXPECT_FALSE(post("/reset?once").answer);
    EXPECT_EQ(times("POST /close?once"), 1);
    EXPECT_EQ(times("POST /reset?once"), 1);
}

// --- what surrounds it ---------------------------------------------------------------------------

TEST_F(ExchangeTest, TakesAProxyOnlyWhereOneIsGiven) {
    ::setenv("http_proxy", nowhere().c_str(), 1);
    ::setenv("ALL_PROXY", nowhere().c_str(), 1);
    EXPECT_EQ(get("/status/200").answer->status, 200) << "the environment's proxy was asked";
    ::unsetenv("http_proxy");
    ::unsetenv("ALL_PROXY");
    const std::string said = body({.url = "http://far.invalid/x", .proxy = server_.url("")});
    EXPECT_NE(said.find("\"target\": \"http://far.invalid/x\""), std::string::npos) << said;
}

TEST_F(ExchangeTest, StopsWithinASecondOfBeingTold) {
    for (const std::string path :
         {"/hold?stop", "/slow-head?stop", "/slow-body?stop", "/late?stop"}) {
        CancelToken cancel;
        Exchange made;
        std::atomic<int> thread = 0;
        std::jthread asking([&] {
            thread = ::gettid();
            made = exchange({.method = "POST", .url = server_.url(path)}, cancel);
        });
        server_.await(path);
        if (path == "/late?stop") server_.await(path);
        while (!sleeps(thread)) std::this_thread::yield();
        const auto told = std::chrono::steady_clock::now();
        cancel.request(StopReason::Interrupt);
        asking.join();
        EXPECT_LT(std::chrono::steady_clock::now() - told, 1s) << path;
        EXPECT_EQ(made.end, Exchange::End::Stopped) << path;
        EXPECT_TRUE(made.sent) << path;
    }
}

TEST_F(ExchangeTest, DoesNotBeginWhenItWasToldBefore) {
    cancel_.request(StopReason::Cancel);
    const Exchange made = post("/count");
    EXPECT_EQ(made.end, Exchange::End::Stopped);
    EXPECT_FALSE(made.sent);
}

}  // namespace
}  // namespace drydock::fetch
