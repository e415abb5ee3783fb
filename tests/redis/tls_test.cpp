#include "engine/crypto/tls.h"

#include <thread>

#include "tests/redis/session_fixture.h"
#include "tests/servers/server_process.h"

namespace drydock::redis {
namespace {

using test::RedisServer;

class Tls : public testing::Test {
  protected:
    Tls()
        : port(test::free_loopback_port()),
          server({"--tls-port", std::to_string(port), "--tls-cert-file", made.certificate,
                  "--tls-key-file", made.key, "--tls-ca-cert-file", made.ca, "--tls-auth-clients",
                  "no"}) {}

    Connection open(const std::string& host, const std::string& tls, const std::string& ca) {
        return Connection(
            address_of({.server = Secret("s", host), .port = port, .tls = tls, .ca_file = ca}),
            Microseconds(5'000'000), waiter);
    }

    TempFolder folder;
    test::Certificates made{folder.path()};
    int port;
    RedisServer server;
    Waiter waiter;
};

TEST_F(Tls, IsVerifiedUpToTheHostsName) {
    Connection connection = open("localhost", "verify-full", made.ca);
    std::string bytes;
    for (int i = 0; i < 1'000'000; ++i) bytes += static_cast<char>(i * 7);
    (void)connection.call({"SET", "a", bytes});
    EXPECT_EQ(connection.call({"GET", "a"}).text, bytes);
    EXPECT_TRUE(connection.is_usable());
    // The certificate has the address as well; the name of an address is no SNI.
    EXPECT_EQ(open("127.0.0.1", "verify-full", made.ca).call({"PING"}).text, "PONG");
}

TEST_F(Tls, RefusesACertificateOfAnotherName) {
    // The same machine under an address that the certificate has not.
    const Error error = error_of([&] { (void)open("127.0.0.2", "verify-full", made.ca); });
    EXPECT_EQ(error.code(), ErrorCode::Connection);
    EXPECT_NE(error.message().find("the server's certificate is not trusted: IP address mismatch"),
              std::string::npos)
        << error.message();
}

TEST_F(Tls, RefusesACertificateOfAnAuthorityThatNobodyTrusts) {
    const Error error = error_of([&] { (void)open("localhost", "verify-full", ""); });
    EXPECT_NE(error.message().find("the server's certificate is not trusted"), std::string::npos)
        << error.message();
    EXPECT_EQ(open("localhost", "require", "").call({"PING"}).text, "PONG");
    EXPECT_EQ(error_of([&] { (void)open("localhost", "verify-ca", "/no/such"); }).message(),
              "connecting to redis at localhost:" + std::to_string(port) +
                  "/0: the certificates of /no/such cannot be read: No such file or directory");
}

TEST_F(Tls, WhereTheServerHasNoneIsToldSo) {
    const Error error = error_of([&] {
        (void)Connection(
            address_of(
                {.server = Secret("s", "localhost"), .port = server.port(), .tls = "require"}),
            Microseconds(2'000'000), waiter);
    });
    EXPECT_TRUE(error.code() == ErrorCode::Connection || error.code() == ErrorCode::Timeout);
    const Error reverse = error_of([&] {
        (void)Connection(address_of({.server = Secret("s", "localhost"), .port = port}),
                         Microseconds(2'000'000), waiter);
    });
    EXPECT_TRUE(reverse.code() == ErrorCode::Connection || reverse.code() == ErrorCode::Timeout)
        << reverse.message();
}

TEST_F(Tls, ThatTheServerEndsIsNoticedBeforeTheNextCommand) {
    Connection connection = open("localhost", "verify-full", made.ca);
    (void)connection.call({"PING"});
    server.stop();
    EXPECT_FALSE(connection.is_usable());
}

TEST_F(Tls, ABlockedCommandIsStoppedAsWithoutIt) {
    Connection connection = open("localhost", "verify-full", made.ca);
    std::jthread stopper([&] {
        while (server.run({"CLIENT", "LIST"}).text.find("cmd=blpop") == std::string::npos) continue;
        waiter.interrupt();
    });
    EXPECT_EQ(error_of([&] {
                  (void)connection.call({"BLPOP", "x", "0"});
              }).code(),
              ErrorCode::Interrupted);
}

}  // namespace
}  // namespace drydock::redis
