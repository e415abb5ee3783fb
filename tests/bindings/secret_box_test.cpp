#include "tests/bindings/script_fixture.h"

namespace drydock::bindings {
namespace {

class Secrets : public ScriptTest {
  protected:
    Secrets() { context_->names_.secrets_["token"] = "canary-7391"; }
    // The text of a file that the script wrote: where a secret may go.
    std::string written(std::string_view expression) {
        run("fs.write('out', " + std::string(expression) + ")");
        return context_->files_.read("out");
    }
};

TEST_F(Secrets, ShowTheirNameOnly) {
    EXPECT_EQ(value_of("tostring(secrets.token)"), Value("<secret token>"));
    run("print(secrets.token) log.info('is %s', secrets.token) log.warn(secrets.token)");
    for (const std::string& line : context_->logs_)
        EXPECT_EQ(line.find("canary"), std::string::npos) << line;
}

TEST_F(Secrets, StaySecretInWhateverIsMadeOfThem) {
    EXPECT_EQ(written("'Bearer ' .. secrets.token"), "Bearer canary-7391");
    EXPECT_EQ(written("secrets.token .. 1"), "canary-73911");
    EXPECT_EQ(written("string.format('<%s>', secrets.token)"), "<canary-7391>");
    EXPECT_EQ(written("('<%s>'):format(secrets.token)"), "<canary-7391>");
    EXPECT_EQ(written("table.concat({'a', secrets.token}, '-')"), "a-canary-7391");
    EXPECT_EQ(written("json.encode {key = secrets.token}"), R"({"key":"canary-7391"})");
    for (const char* text : {"'a' .. secrets.token", "string.format('%s', secrets.token)",
                             "string.format('%-20s', secrets.token)",
                             "table.concat({secrets.token})", "json.encode{a = secrets.token}",
                             "json(secrets.token)", "crypto.hkdf(secrets.token, 's', 'i', 32)"}) {
        EXPECT_EQ(value_of("tostring(" + std::string(text) + ")"), Value("<secret token>")) << text;
    }
}

TEST_F(Secrets, RefuseToBeLookedAt) {
    for (const char* text :
         {"secrets.token:sub(1, 1)", "#secrets.token", "secrets.token.x", "secrets.token < 'b'",
          "secrets.token <= secrets.token .. ''", "secrets.token == secrets.token .. ''",
          "string.byte(secrets.token)", "string.find(secrets.token, 'c')",
          "string.format('%q', secrets.token)", "string.format('%d', secrets.token)",
          "('x'):rep(3, secrets.token)", "tonumber(secrets.token) + 1", "secrets.token()",
          "utf8.len(secrets.token)", "getmetatable(secrets.token).__index",
          "string.gsub('x', 'x', secrets.token)"}) {
        const Error error = error_of("return {v = " + std::string(text) + "}");
        EXPECT_EQ(error.message().find("canary"), std::string::npos) << text;
    }
}

TEST_F(Secrets, NeverComeOutOfAnErrorMessage) {
    EXPECT_EQ(error_of("fail(secrets.token)").message(), "weekly.yaml:10: <secret token>");
    EXPECT_EQ(error_of("check(false, 'is %s', secrets.token)").message(),
              "weekly.yaml:10: <secret token>");
    EXPECT_EQ(error_of("error(secrets.token)").message().find("canary"), std::string::npos);
    EXPECT_EQ(error_of("local t = {} t[secrets.token]()").message().find("canary"),
              std::string::npos);
}

TEST_F(Secrets, AreRefusedWhereTheyWouldBeRecordedOrSeen) {
    EXPECT_NE(
        error_of("return {v = secrets.token}").message().find("secret may not be in the output"),
        std::string::npos);
    EXPECT_NE(error_of("once('k', function() return {secrets.token} end)")
                  .message()
                  .find("may not be recorded"),
              std::string::npos);
    EXPECT_NE(error_of("command {'echo', secrets.token}").message().find("may not be an argument"),
              std::string::npos);
    EXPECT_TRUE(context_->commands_.empty());
    EXPECT_TRUE(context_->recorded_.empty());
}

TEST_F(Secrets, GoToCommandsAsEnvironmentAndInput) {
    run("command {'psql', env = {PGPASSWORD = secrets.token, LANG = 'C'}, input = 'a' .. "
        "secrets.token}");
    ASSERT_EQ(context_->commands_.size(), 1U);
    const auto& request = context_->commands_[0];
    EXPECT_EQ(request.input.as<Secret>().reveal(), "acanary-7391");
    ASSERT_EQ(request.environment.size(), 2U);
    EXPECT_EQ(request.environment[1].second.as<Secret>().reveal(), "canary-7391");
}

TEST_F(Secrets, AreNotSeenWhereTheyMayNotGo) {
    EXPECT_NE(evaluation_error("secrets.token").message().find("may not be used here"),
              std::string::npos);
    EXPECT_EQ(evaluate("'x' .. secrets.token", true).as<Secret>().reveal(), "xcanary-7391");
    EXPECT_EQ(error_of("return {v = secrets.other}").code(), ErrorCode::NotFound);
}

TEST_F(Secrets, CompareInConstantTime) {
    EXPECT_EQ(value_of("crypto.equal(secrets.token, 'canary-7391')"), Value(true));
    EXPECT_EQ(value_of("crypto.equal(secrets.token, 'canary-7392')"), Value(false));
}

TEST_F(Secrets, SealAndOpen) {
    EXPECT_EQ(written("(function() local key = crypto.hkdf(secrets.token, '', 'test', 32) "
                      "return crypto.open(key, crypto.seal(key, 'hello', 'a'), 'a') end)()"),
              "hello");
    EXPECT_EQ(error_of("local key = crypto.hkdf('x', '', '', 32) crypto.open(key, crypto.seal(key, "
                       "'h', 'a'), 'b')")
                  .code(),
              ErrorCode::Integrity);
}

}  // namespace
}  // namespace drydock::bindings
