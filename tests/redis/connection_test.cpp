#include "engine/redis/connection.h"

#include <chrono>
#include <thread>

#include "tests/redis/session_fixture.h"
#include "tests/servers/server_process.h"

namespace drydock::redis {
namespace {

using test::RedisServer;

class Connections : public testing::Test {
  protected:
    Connection open(const ConnectOptions& options) {
        return Connection(address_of(options), options.connect_timeout, waiter);
    }
    Connection open() { return open({.server = Secret("server", server.socket())}); }

    RedisServer& server = RedisServer::fresh();
    Waiter waiter;
};

TEST_F(Connections, SpeakThroughASocketAndAPort) {
    Connection local = open();
    EXPECT_EQ(local.call({"PING"}).text, "PONG");
    Connection remote = open({.server = Secret("s", "127.0.0.1"), .port = server.port()});
    EXPECT_EQ(remote.call({"SET", "a", "1"}).text, "OK");
    Connection other =
        open({.server = Secret("s", "redis://localhost:" + std::to_string(server.port()) + "/3")});
    EXPECT_EQ(other.call({"GET", "a"}).kind, Reply::Kind::Nil);
    EXPECT_NE(local.call({"CLIENT", "LIST"}).text.find("name=drydock"), std::string::npos);
}

TEST_F(Connections, CarryBytesOfAnyKindAndSize) {
    Connection connection = open();
    std::string bytes;
    for (int i = 0; i < 3'000'000; ++i) bytes += static_cast<char>(i * 7);
    (void)connection.call({"SET", bytes.substr(0, 300), bytes});
    EXPECT_EQ(connection.call({"GET", bytes.substr(0, 300)}).text, bytes);
}

TEST_F(Connections, SendAndReceiveAtOnce) {
    // More than both sides' buffers hold: whoever only sent would wait for ever.
    Connection connection = open();
    const std::string large(64 << 10, 'x');
    std::string commands;
    for (int i = 0; i < 1000; ++i) append_command(commands, {"ECHO", large});
    int answers = 0;
    connection.exchange(commands, 1000,
                        [&](Reply&& reply) { answers += reply.text == large ? 1 : 0; });
    EXPECT_EQ(answers, 1000);
}

TEST_F(Connections, LogInWithAUserAndItsPassword) {
    server.run({"ACL", "SETUSER", "anna", "reset", "on", ">topsecret", "~a*", "+get", "+ping"});
    const Secret where("s", server.socket());
    const auto as = [&](const char* user, const char* password) {
        return open({.server = where,
                     .user = Secret("user", user),
                     .password = Secret("password", password)});
    };
    EXPECT_EQ(as("anna", "topsecret").call({"GET", "a"}).kind, Reply::Kind::Nil);

    const Error wrong = error_of([&] { (void)as("anna", "notsecret"); });
    EXPECT_EQ(wrong.code(), ErrorCode::Permission);
    EXPECT_EQ(wrong.code_text(), "WRONGPASS");
    EXPECT_EQ((wrong.message() + wrong.hint()).find("notsecret"), std::string::npos);

    Connection anna = as("anna", "topsecret");
    const Error command = error_of([&] { (void)anna.call({"CONFIG", "GET", "dir"}); });
    EXPECT_EQ(command.code(), ErrorCode::Permission);
    EXPECT_EQ(command.code_text(), "NOPERM");
    EXPECT_EQ(command.hint(), "ACL SETUSER … +config|get lets the user run it");
    const Error key = error_of([&] { (void)anna.call({"GET", "b"}); });
    EXPECT_EQ(key.hint(), "ACL SETUSER … ~PATTERN lets the user use keys like these");
}

TEST_F(Connections, WithoutALoginAreToldThatOneIsWanted) {
    server.run({"ACL", "SETUSER", "default", ">topsecret"});
    const Error error = error_of([&] { (void)open(); });
    EXPECT_EQ(error.code_text(), "NOAUTH");
    EXPECT_NE(error.hint().find("user and a password"), std::string::npos);
    Connection connection =
        open({.server = Secret("s", server.socket()), .password = Secret("password", "topsecret")});
    (void)connection.call({"ACL", "SETUSER", "default", "nopass"});
}

TEST_F(Connections, ToNobodyFailWithTheReason) {
    const std::string nowhere = std::to_string(test::free_loopback_port());
    const Error port =
        error_of([&] { (void)open({.server = Secret("s", "redis://127.0.0.1:" + nowhere)}); });
    EXPECT_EQ(port.code(), ErrorCode::Connection);
    EXPECT_EQ(port.message(),
              "cannot connect to redis at 127.0.0.1:" + nowhere + "/0: Connection refused");
    const Error socket = error_of([&] { (void)open({.server = Secret("s", "/no/such.sock")}); });
    EXPECT_NE(socket.message().find("No such file"), std::string::npos);
    const Error host =
        error_of([&] { (void)open({.server = Secret("s", "no-such-host.invalid")}); });
    EXPECT_NE(host.message().find("the host no-such-host.invalid is not known"), std::string::npos);
}

TEST_F(Connections, ThatAreStoppedEndWithinASecond) {
    Connection connection = open();
    const auto began = std::chrono::steady_clock::now();
    std::jthread stopper([&] {
        // Only when the server has it: CLIENT LIST shows who is blocked.
        while (server.run({"CLIENT", "LIST"}).text.find("cmd=blpop") == std::string::npos) continue;
        waiter.interrupt();
    });
    const Error error = error_of([&] { (void)connection.call({"BLPOP", "nothing", "0"}); });
    EXPECT_EQ(error.code(), ErrorCode::Interrupted);
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(1));
    EXPECT_TRUE(connection.answer_missing());
    EXPECT_FALSE(connection.is_usable());
}

TEST_F(Connections, EndAtTheirDeadlineAlsoWhenTheServerHangs) {
    Connection connection = open();
    waiter.set_deadline(system_clock().boot() + Microseconds(100'000));
    const Error error = error_of([&] { (void)connection.call({"DEBUG", "SLEEP", "1"}); });
    EXPECT_EQ(error.code(), ErrorCode::Timeout);
    EXPECT_TRUE(connection.answer_missing());
}

TEST_F(Connections, NoticeThatTheServerHasGone) {
    RedisServer mortal;
    Connection idle = open({.server = Secret("s", mortal.socket())});
    Connection busy = open({.server = Secret("s", mortal.socket())});
    EXPECT_TRUE(idle.is_usable());
    std::jthread killer([&] {
        while (mortal.run({"CLIENT", "LIST"}).text.find("cmd=blpop") == std::string::npos) continue;
        mortal.kill();
    });
    const Error error = error_of([&] { (void)busy.call({"BLPOP", "nothing", "0"}); });
    killer.join();
    EXPECT_EQ(error.code(), ErrorCode::Connection);
    EXPECT_TRUE(busy.answer_missing());
    EXPECT_FALSE(idle.is_usable());
    EXPECT_FALSE(idle.answer_missing());  // nothing was under way there
}

}  // namespace
}  // namespace drydock::redis
