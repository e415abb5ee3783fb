#include <gtest/gtest.h>

#include <fstream>

#include "tests/sql/drivers.h"

// How a connection to a server with TLS is secured, on a real one with certificates of its own.
namespace drydock::sql {
namespace {

class PostgresTls : public testing::Test {
  protected:
    PostgresSettings settings(const std::string& tls, const std::string& ca = "") const {
        return {.server = Secret("server", "localhost"),
                .port = server_.port(),
                .database = Secret("database", "postgres"),
                .user = Secret("user", "anna"),
                .password = Secret("password", "canary-word"),
                .tls = tls,
                .ca = ca.empty() ? "" : server_.folder() + "/" + ca};
    }
    static Error failure(const PostgresSettings& settings) {
        try {
            (void)open_postgres(settings);
        } catch (const Error& error) {
            EXPECT_EQ(error.message().find("canary-word"), std::string::npos) << error.message();
            EXPECT_EQ(error.hint().find("canary-word"), std::string::npos) << error.hint();
            return error;
        }
        return {ErrorCode::Lua, "it was let in"};
    }
    static std::string answer(const PostgresSettings& settings) {
        std::string text;
        open_postgres(settings)->run(
            "select version from pg_stat_ssl where pid = pg_backend_pid() and ssl", {},
            Access::Read, [&](const Row& row) {
                text = to_text(row.value(0));
                return true;
            });
        return text;
    }

    test::PostgresServer& server_ = test::PostgresServer::with_tls();
};

// One test, because each starts a server of its own.
TEST_F(PostgresTls, IsAsStrictAsTheConnectionSays) {
    EXPECT_EQ(answer(settings("require")), "TLSv1.3");
    EXPECT_EQ(answer(settings("verify-ca", "ca.crt")), "TLSv1.3");
    EXPECT_EQ(answer(settings("verify-full", "ca.crt")), "TLSv1.3");

    const Error unencrypted = failure(settings("disable"));
    EXPECT_EQ(unencrypted.code(), ErrorCode::Permission) << unencrypted.message();

    const Error unknown = failure(settings("verify-full"));
    EXPECT_EQ(unknown.code(), ErrorCode::Connection);
    EXPECT_NE(unknown.message().find("certificate verify failed"), std::string::npos)
        << unknown.message();
    EXPECT_NE(unknown.hint().find("ca:"), std::string::npos) << unknown.hint();
    EXPECT_EQ(failure(settings("verify-ca", "other.crt")).code(), ErrorCode::Connection);

    PostgresSettings by_number = settings("verify-full", "ca.crt");
    by_number.server = Secret("server", "127.0.0.1");
    EXPECT_NE(failure(by_number).message().find("does not match host name"), std::string::npos)
        << failure(by_number).message();
    by_number.tls = "verify-ca";
    EXPECT_EQ(answer(by_number), "TLSv1.3") << "the name is none of its business";

    PostgresSettings wrong = settings("verify-full", "ca.crt");
    wrong.password = Secret("password", "canary-word-wrong");
    const Error refused = failure(wrong);
    EXPECT_EQ(refused.code(), ErrorCode::Permission);
    EXPECT_NE(refused.hint().find("user and password"), std::string::npos);
}

}  // namespace
}  // namespace drydock::sql
