#include "engine/sql/postgres_advice.h"

#include <gtest/gtest.h>

#include "tests/sql/drivers.h"

namespace drydock::sql {
namespace {

class PostgresAdvice : public testing::Test {
  protected:
    PostgresTarget target_;
};

TEST_F(PostgresAdvice, NamesTheGrantThatHelps) {
    const std::string user = "poor_" + target_.name();
    target_.outside("create role " + user + " login; create schema hidden; create sequence s; "
                    "create table hidden.h (a int)");
    PostgresSettings settings = target_.settings();
    settings.user = Secret("user", user);
    const auto poor = open_postgres(settings);
    const auto hint_of = [&](const char* statement, Access access) {
        if (access == Access::Write) poor->begin();
        const Error error = failure([&] { poor->run(statement, {}, access, {}); });
        if (access == Access::Write) poor->rollback();
        EXPECT_EQ(error.code(), ErrorCode::Permission) << statement;
        return error.hint();
    };
    const auto grant = [&](const char* what) {
        return std::string("its owner can allow it: grant ") + what + " to " + user;
    };
    EXPECT_EQ(hint_of("select * from t", Access::Read), grant("select on table t"));
    EXPECT_EQ(hint_of("insert into t values (1)", Access::Write), grant("insert on table t"));
    EXPECT_EQ(hint_of("update t set b = 1", Access::Write), grant("select, update on table t"));
    EXPECT_EQ(hint_of("delete from t", Access::Write), grant("select, delete on table t"));
    EXPECT_EQ(hint_of("select * from hidden.h", Access::Read), grant("usage on schema hidden"));
    EXPECT_EQ(hint_of("select nextval('s')", Access::Write), grant("usage on sequence s"));
    target_.outside("grant select, insert on t to " + user);
    EXPECT_NO_THROW(poor->run("select * from t", {}, Access::Read, {}));
    target_.outside("drop owned by " + user + "; drop role " + user);
}

TEST_F(PostgresAdvice, NamesWhoHoldsTheLock) {
    const auto other = target_.open(false);
    other->begin();
    other->run("update t set b = 'theirs'", {}, Access::Write, {});
    other->run("lock table t in access exclusive mode", {}, Access::Write, {});
    PostgresSettings settings = target_.settings();
    settings.lock_timeout = Microseconds(1'000'000);
    const auto waiting = open_postgres(settings);
    std::vector<std::string> remarks;
    waiting->set_notice_sink(
        [&](std::string_view, std::string_view text) { remarks.emplace_back(text); });
    waiting->begin();
    const Error error =
        failure([&] { waiting->run("insert into t values (1)", {}, Access::Write, {}); });
    EXPECT_EQ(error.code(), ErrorCode::Busy);
    for (const char* part : {"held by pid ", "postgres", "idle in transaction", "lock table t in"})
        EXPECT_NE(error.message().find(part), std::string::npos) << error.message();
    EXPECT_NE(error.hint().find("select pg_terminate_backend("), std::string::npos) << error.hint();
    ASSERT_EQ(remarks.size(), 1U) << "said while it waits, once";
    EXPECT_NE(remarks[0].find("waits for a lock that is held by pid "), std::string::npos);
}

TEST_F(PostgresAdvice, NamesTheHolderAlsoToThoseWhoMayNotSeeWhatItDoes) {
    const std::string user = "blind_" + target_.name();
    target_.outside("create role " + user + " login; grant insert on t to " + user);
    const auto other = target_.open(false);
    other->begin();
    other->run("lock table t in access exclusive mode", {}, Access::Write, {});
    PostgresSettings settings = target_.settings();
    settings.user = Secret("user", user);
    auto waiting = open_postgres(settings);
    waiting->begin();
    const std::string message =
        failure([&] { waiting->run("insert into t values (1)", {}, Access::Write, {}); }).message();
    EXPECT_NE(message.find("the lock is held by pid "), std::string::npos) << message;
    EXPECT_EQ(message.find("insufficient"), std::string::npos) << message;
    waiting.reset();
    other->rollback();
    target_.outside("drop owned by " + user + "; drop role " + user);
}

TEST_F(PostgresAdvice, SaysNothingOfAStatementThatOnlyTakesLong) {
    PostgresSettings settings = target_.settings();
    settings.lock_timeout = Microseconds(20'000);
    const auto database = open_postgres(settings);
    std::vector<std::string> remarks;
    database->set_notice_sink(
        [&](std::string_view, std::string_view text) { remarks.emplace_back(text); });
    database->run("select pg_sleep(0.2)", {}, Access::Read, {});
    EXPECT_TRUE(remarks.empty());
}

}  // namespace
}  // namespace drydock::sql
