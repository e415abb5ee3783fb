#include "tests/bindings/script_fixture.h"
#include "tests/servers/redis_server.h"

// connections.NAME of a Redis server, method by method, on a real one.
namespace drydock::bindings {
namespace {

using namespace std::string_literals;

class RedisApi : public ScriptTest {
  protected:
    RedisApi() { context_->redis_["cache"] = redis.socket(); }

    test::RedisServer& redis = test::RedisServer::fresh();
    const std::string head = "local c = connections.cache ";
};

TEST_F(RedisApi, SetsAndGetsTexts) {
    EXPECT_EQ(run(head + R"lua(
      return {
        set = c:set("a", "1"), again = c:set("a", "2", {if_absent = true}),
        none = c:set("b", "2", {if_present = true}), got = c:get("a"), nothing = c:get("b") == nil,
        there = c:exists("a"), gone = c:exists("b"), deleted = c:del("a", "b"),
      })lua"),
              Value(Value::Map{{"set", true},
                               {"again", false},
                               {"none", false},
                               {"got", "1"},
                               {"nothing", true},
                               {"there", true},
                               {"gone", false},
                               {"deleted", 1}}));
}

TEST_F(RedisApi, GivesAndTellsTimesToLive) {
    EXPECT_EQ(run(head + R"lua(
      c:set("a", 1, {ex = "1h"})
      local first = c:ttl("a")
      c:set("a", 2, {keep_ttl = true})
      check(c:ttl("a") > 3000 and first <= duration("1h"), "the time to live stays")
      check(c:expire("a", duration("2h")) and c:ttl("a") > 3600, "it is given anew")
      c:set("b", 1)
      return {none = c:ttl("b") == nil, absent = c:ttl("x") == nil, no = c:expire("x", 1)}
    )lua"),
              Value(Value::Map{{"none", true}, {"absent", true}, {"no", false}}));
}

TEST_F(RedisApi, CountsAndKeepsHashes) {
    EXPECT_EQ(
        run(head + R"lua(
      c:incr("n") c:incr("n", 41)
      c:hset("h", "a", 1, "b", 2.5) c:hset("h", {c = "x", d = size("1KiB")})
      return {n = c:incr("n", 0), a = c:hget("h", "a"), all = c:hgetall("h"),
              none = next(c:hgetall("x")) == nil, gone = c:hdel("h", "a", "zz")}
    )lua"),
        Value(Value::Map{{"n", 42},
                         {"a", "1"},
                         {"all", Value::Map{{"a", "1"}, {"b", "2.5"}, {"c", "x"}, {"d", "1024"}}},
                         {"none", true},
                         {"gone", 1}}));
}

TEST_F(RedisApi, RunsAnyCommandAndScript) {
    EXPECT_EQ(run(head + R"lua(
      c:command("RPUSH", "l", "a", "b")
      return {
        list = c:query("LRANGE", "l", 0, -1), size = c:query("DBSIZE"),
        nils = c:query("MGET", "x", "y")[1] == null,
        script = c:eval("return {KEYS[1], ARGV[1], ARGV[2]}", {"l"}, {1, "two"}),
      })lua"),
              Value(Value::Map{{"list", Value::List{"a", "b"}},
                               {"size", 1},
                               {"nils", true},
                               {"script", Value::List{"l", "1", "two"}}}));
    EXPECT_EQ(error_of(head + "c:query('DEL', 'l')").message(),
              "weekly.yaml:10: DEL may change something");
    EXPECT_EQ(error_of(head + "c:command('MULTI')").code(), ErrorCode::Lua);
}

TEST_F(RedisApi, SendsManyCommandsAtOnce) {
    EXPECT_EQ(value_of("connections.cache:pipeline(function(p) "
                       "for i = 1, 3 do p:set('k' .. i, i) end "
                       "p:get('k2') p:command('GET', 'none') end)"),
              Value(Value::List{"OK", "OK", "OK", "2", Value()}));
    EXPECT_EQ(error_of(head + "c:pipeline(function(p) p:set('a', secrets.x) end)").code(),
              ErrorCode::NotFound);
    EXPECT_EQ(error_of(head + "c:pipeline(function(p) error('mine') end)").message(),
              "weekly.yaml:10: mine");
}

TEST_F(RedisApi, ScansAndRemovesByPattern) {
    EXPECT_EQ(
        run(head + R"lua(
      c:pipeline(function(p) for i = 1, 50 do p:set("k" .. i, i) end p:set("other", 1) end)
      local seen = 0
      local count = c:scan("k*", function(key) check(key:sub(1, 1) == "k") seen = seen + 1 end)
      local few = c:scan("k*", function() return false end)
      return {seen = seen, count = count, few = few, gone = c:unlink("k*"),
              left = c:query("DBSIZE")}
    )lua"),
        Value(Value::Map{{"seen", 50}, {"count", 50}, {"few", 1}, {"gone", 50}, {"left", 1}}));
    EXPECT_EQ(error_of(head + "c:set('k', 1) c:scan('*', function() error('mine') end)").message(),
              "weekly.yaml:10: mine");
}

TEST_F(RedisApi, TellsAndChangesTheServersSettings) {
    EXPECT_EQ(run(head + R"lua(
      c:config_set("hz", 10)
      local before = c:config_set({hz = 20, ["maxmemory-policy"] = "volatile-ttl"})
      return {before = before.hz, now = c:config_get("hz"),
              many = c:config_get("maxmemory-*")["maxmemory-policy"],
              none = c:config_get("no-such") == nil, password = c:config_get("requirepass") == nil,
              mode = c:info("server").redis_mode, mib = c:config_set("maxmemory", size("64MiB"))}
    )lua"),
              Value(Value::Map{{"before", "10"},
                               {"now", "20"},
                               {"many", "volatile-ttl"},
                               {"none", true},
                               {"password", true},
                               {"mode", "standalone"},
                               {"mib", Value::Map{{"maxmemory", "0"}}}}));
}

TEST_F(RedisApi, DoesOnceWhatHasAKey) {
    EXPECT_EQ(value_of("connections.cache:transaction{key = 'k', 'INCR', 'n'}"), Value(1));
    EXPECT_EQ(value_of("connections.cache:transaction{key = 'k', 'INCR', 'n'}"), Value(1));
    EXPECT_EQ(redis.get("n"), "1");
    for (const char* wrong : {"transaction{'INCR', 'n'}", "transaction{key = 'k'}",
                              "transaction(function() end)", "transaction{key = 'k', nope = 1}"})
        EXPECT_EQ(error_of(head + "c:" + wrong).code(), ErrorCode::Lua) << wrong;
}

TEST_F(RedisApi, TakesBytesOfAnyKindAndNothingThatIsNoText) {
    EXPECT_EQ(run(head + R"lua(
      local bytes = "a\0\xff\r\n'; DROP TABLE t; -- $(id)"
      c:set(bytes, bytes)
      c:hset("h", bytes, bytes)
      c:transaction{key = bytes, "SET", "k", bytes}
      check(c:get(bytes) == bytes and c:hget("h", bytes) == bytes and c:get("k") == bytes)
      return {n = c:query("DBSIZE")}
    )lua"),
              Value(Value::Map{{"n", 4}}));  // with the hash of tokens
    context_->names_.secrets_["pw"] = "topsecret";
    const Error error = error_of(head + "c:set('a', secrets.pw)");
    EXPECT_EQ(error.message(),
              "weekly.yaml:10: a secret may not be an argument of a Redis command");
    for (const char* wrong :
         {"c:get(nil)", "c:get({})", "c:set('a', true)", "c:set('a')", "c:command()",
          "c:hset('h', {[{}] = 1})", "c:gett('a')", "c:query(c)", "c:exec('x')"})
        EXPECT_EQ(error_of(head + wrong).code(), ErrorCode::Lua) << wrong;
}

TEST_F(RedisApi, ErrorsHaveTheirKindAndCode) {
    EXPECT_EQ(run(head + R"lua(
      c:set("a", "text")
      local ok, failure = pcall(c.hget, c, "a", "f")
      return {ok = ok, kind = failure.kind, code = failure.code}
    )lua"),
              Value(Value::Map{{"ok", false}, {"kind", "redis"}, {"code", "WRONGTYPE"}}));
}

}  // namespace
}  // namespace drydock::bindings
