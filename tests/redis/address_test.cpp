#include "engine/redis/address.h"

#include "tests/redis/session_fixture.h"

namespace drydock::redis {
namespace {

Address of(const std::string& server) {
    return address_of({.server = Secret("s", server)});
}

TEST(Address, IsAHostASocketOrAUrl) {
    EXPECT_EQ(of("cache.example.com").shown(), "cache.example.com:6379/0");
    EXPECT_EQ(of("/run/redis.sock").shown(), "/run/redis.sock/0");
    EXPECT_EQ(of("unix:///run/a%20b.sock").socket, "/run/a b.sock");
    EXPECT_EQ(of("redis://cache").shown(), "cache:6379/0");
    EXPECT_EQ(of("redis://[::1]:7000/3").shown(), "[::1]:7000/3");
    const Address full = of("rediss://ann%61:p%40ss%3Aw@cache:7000/5");
    EXPECT_EQ(full.user->reveal(), "anna");
    EXPECT_EQ(full.password->reveal(), "p@ss:w");
    EXPECT_EQ(full.shown(), "cache:7000/5");
    ASSERT_TRUE(full.tls);
    EXPECT_EQ(full.tls->verify, crypto::TlsVerify::Host);
    EXPECT_EQ(full.tls->host, "cache");
    EXPECT_EQ(address_of({}).shown(), "localhost:6379/0");
}

TEST(Address, TakesWhatTheKeysSayBeforeWhatTheUrlSays) {
    const Address address = address_of({.server = Secret("s", "redis://u:p@cache:7000/5"),
                                        .port = 7001,
                                        .database = Secret("d", "2"),
                                        .user = Secret("u", "ben"),
                                        .password = Secret("p", "other"),
                                        .tls = "verify-ca",
                                        .ca_file = "/ca.pem"});
    EXPECT_EQ(address.shown(), "cache:7001/2");
    EXPECT_EQ(address.user->reveal(), "ben");
    EXPECT_EQ(address.password->reveal(), "other");
    EXPECT_EQ(address.tls->verify, crypto::TlsVerify::Chain);
    EXPECT_EQ(address.tls->ca_file, "/ca.pem");
}

TEST(Address, HasOneNameForTheLoopbackInterface) {
    EXPECT_EQ(of("127.0.0.1").canonical(), "localhost:6379/0");
    EXPECT_EQ(of("redis://[::1]/1").canonical(), "localhost:6379/1");
}

TEST(Address, RefusesWhatLeadsNowhereWithoutShowingIt) {
    for (const char* wrong : {"http://topsecret@cache", "redis://topsecret@cache:port",
                              "redis://:topsecret%zz@cache", "redis://topsecret@[::1",
                              "redis://topsecret@cache/abc", "redis://topsecret@cache:99999"}) {
        const Error error = error_of([&] { (void)of(wrong); });
        EXPECT_EQ(error.code(), ErrorCode::Connection) << wrong;
        EXPECT_EQ((error.message() + error.hint()).find("topsecret"), std::string::npos) << wrong;
    }
    EXPECT_EQ(error_of([] { (void)address_of({.tls = "on"}); }).message(),
              "tls: of a redis connection has no such value");
    EXPECT_EQ(error_of([] { (void)address_of({.database = Secret("d", "-1")}); }).message(),
              "the database is no number between 0 and 1048576");
}

}  // namespace
}  // namespace drydock::redis
