#include "tests/bindings/script_fixture.h"

namespace drydock::bindings {
namespace {

using Steps = ScriptTest;

TEST_F(Steps, RecordAValueOnceAndReadItBack) {
    EXPECT_EQ(value_of("once('was', function() return {n = 3, list = {}} end)"),
              Value(Value::Map{{"n", 3}, {"list", Value::List{}}}));
    EXPECT_EQ(context_->asked_, std::vector<std::string>{"once was"});
    EXPECT_EQ(value_of("once('was', function() fail('called again') end)"),
              Value(Value::Map{{"n", 3}, {"list", Value::List{}}}));
    EXPECT_EQ(value_of("recorded.was.n"), Value(3));
}

TEST_F(Steps, RecordNothingWhenTheFunctionFails) {
    error_of("once('was', function() fail('no') end)");
    EXPECT_TRUE(context_->recorded_.empty());
}

TEST_F(Steps, RecordThatThereIsNothing) {
    EXPECT_EQ(value_of("once('none', function() end) == nil"), Value(true));
    EXPECT_EQ(value_of("once('none', function() fail('called again') end) == nil"), Value(true));
}

TEST_F(Steps, LogWithAndWithoutAFormat) {
    run("log.info('100 %') log.warn('%d of %s', 3, duration('1m')) log.debug() log.error({} and "
        "'x') print('a', 1, nil, true)");
    EXPECT_EQ(context_->logs_, (std::vector<std::string>{"info 100 %", "warn 3 of 1m", "debug ",
                                                         "error x", "info a\t1\tnil\ttrue"}));
}

TEST_F(Steps, TellTheirProgress) {
    run("progress(3, 10, 'tables') progress(4)");
    EXPECT_EQ(context_->logs_, (std::vector<std::string>{"progress 3/10 tables", "progress 4/0 "}));
}

TEST_F(Steps, CheckGivesBackWhatHolds) {
    EXPECT_EQ(value_of("check(7, 'unused %d')"), Value(7));
    EXPECT_EQ(error_of("check(nil)").code(), ErrorCode::Check);
    EXPECT_EQ(error_of("check()").code(), ErrorCode::Lua);
}

TEST_F(Steps, EncodeAndDecodeJson) {
    EXPECT_EQ(value_of("json.encode {b = {1, 2.5, null}, a = 'x'}"),
              Value(R"({"a":"x","b":[1,2.5,null]})"));
    EXPECT_EQ(value_of("json({})"), Value("[]"));
    EXPECT_EQ(value_of("json.decode('[1, {\"a\": null}]')[2].a == null"), Value(true));
    EXPECT_EQ(value_of("json.encode({a = 1}, {pretty = true})"), Value("{\n  \"a\": 1\n}"));
    EXPECT_EQ(error_of("json.decode('{')").code(), ErrorCode::Lua);
    EXPECT_EQ(error_of("json.encode(0/0)").code(), ErrorCode::Lua);
}

TEST_F(Steps, ReadAndWriteTimes) {
    EXPECT_EQ(value_of("tostring(time.parse('2026-11-21T02:00:00+01:00'))"),
              Value("2026-11-21T01:00:00Z"));
    EXPECT_EQ(value_of("time.format(time.parse('2026-11-21T02:03:04Z'), '%Y%m%d-%H%M%S %j %%')"),
              Value("20261121-020304 325 %"));
    EXPECT_EQ(value_of("time.format(-0.5, '%F %T')"), Value("1969-12-31 23:59:59"));
    EXPECT_EQ(value_of("time.now() > time.parse('2020-01-01T00:00:00Z')"), Value(true));
    for (const char* text : {"time.parse('2026-11-21')", "time.format(time.now(), '%c')",
                             "time.format(time.now(), '%')", "duration('1 fortnight')",
                             "size('1XB')", "duration({})"}) {
        EXPECT_EQ(error_of(text).code(), ErrorCode::Lua) << text;
    }
}

TEST_F(Steps, HashAndSign) {
    EXPECT_EQ(value_of("crypto.sha256('abc')"),
              Value("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    EXPECT_EQ(value_of("crypto.hmac('key', 'The quick brown fox jumps over the lazy dog')"),
              Value("f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"));
    EXPECT_EQ(value_of("crypto.random(4)"), Value("****"));
    EXPECT_EQ(error_of("crypto.random(0)").code(), ErrorCode::Lua);
    EXPECT_EQ(error_of("crypto.seal('short', 'x')").hint(),
              "make one of a secret with crypto.hkdf(secret, salt, info, 32)");
}

TEST_F(Steps, StartPrograms) {
    context_->answer_ = {.exit = 3, .output = "out", .error = "err"};
    EXPECT_EQ(value_of("command {'kubectl', 'get', 7, cwd = '/tmp', expect = 'any', reads = true, "
                       "env = {N = 5}}"),
              Value(Value::Map{{"exit", 3}, {"output", "out"}, {"error", "err"}}));
    ASSERT_EQ(context_->commands_.size(), 1U);
    const auto& request = context_->commands_[0];
    EXPECT_EQ(request.argv, (std::vector<std::string>{"kubectl", "get", "7"}));
    EXPECT_EQ(request.directory, "/tmp");
    EXPECT_TRUE(request.any_exit);
    EXPECT_TRUE(request.reads);
    EXPECT_EQ(request.environment[0].second, Value("5"));
    EXPECT_TRUE(request.input.is_null());
}

TEST_F(Steps, RefuseCommandsThatAreNone) {
    for (const char* text : {"command {}", "command 'ls'", "command {'ls', shell = true}",
                             "command {'ls', env = {1}}", "command {'ls', env = {A = {}}}",
                             "command {'ls', expect = 'all'}", "command {'ls', {}}"}) {
        EXPECT_EQ(error_of(text).code(), ErrorCode::Lua) << text;
    }
    EXPECT_TRUE(context_->commands_.empty());
}

}  // namespace
}  // namespace drydock::bindings
