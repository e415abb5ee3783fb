#include <filesystem>

#include "tests/runbooks/action_fixture.h"
#include "tests/servers/redis_server.h"

// The actions redis.* and backup.redis on a real server.
namespace drydock::runbooks {
namespace {

class RedisActions : public ActionTest {
  protected:
    RedisActions() { context_->redis_["cache"] = redis.socket(); }
    static Value::Map with(Value::Map more = {}) {
        more.emplace("connection", "cache");
        return more;
    }

    void undo(const std::string& action, Value::Map arguments, Value recorded) {
        select(action);
        execute::BodyCall call =
            call_of(action.substr(action.find('.') + 1), Value(std::move(arguments)));
        call.part = execute::BodyCall::Part::Undo;
        call.recorded = std::move(recorded);
        (void)runner_.run(call, *context_);
    }

    test::RedisServer& redis = test::RedisServer::fresh();
};

TEST_F(RedisActions, PingTellsTheVersion) {
    EXPECT_TRUE(perform("redis.ping", with()).at("version").as<std::string>().find('.') !=
                std::string::npos);
}

TEST_F(RedisActions, RoundTripLeavesNothingAndTakesNobodysKey) {
    perform("redis.round_trip", with({{"key", "probe"}}));
    EXPECT_EQ(redis.run({"DBSIZE"}).integer, 0);
    redis.run({"SET", "probe", "of the application"});
    EXPECT_EQ(refusal("redis.round_trip", with({{"key", "probe"}})).hint(),
              "give a key that nobody uses");
    EXPECT_EQ(redis.get("probe"), "of the application");
    // What a cut attempt of the same run left is its own.
    redis.run({"SET", "probe", "drydock r1"});
    perform("redis.round_trip", with({{"key", "probe"}}));
    EXPECT_EQ(redis.run({"DBSIZE"}).integer, 0);
}

TEST_F(RedisActions, RoundTripFailsOnAServerThatKeepsNothing) {
    redis.run({"CONFIG", "SET", "maxmemory", "1"});
    EXPECT_EQ(refusal("redis.round_trip", with({{"key", "probe"}})).code_text(), "OOM");
}

TEST_F(RedisActions, ConfigPutsBackWhatWasThere) {
    redis.run({"CONFIG", "SET", "hz", "10"});
    const Value::Map set{{"hz", 25}, {"maxmemory-policy", "allkeys-lru"}};
    const Value::Map changed = perform("redis.config", with({{"set", set}}));
    EXPECT_EQ(changed.at("before"),
              Value(Value::Map{{"hz", "10"}, {"maxmemory-policy", "noeviction"}}));
    EXPECT_EQ(redis.run({"CONFIG", "GET", "hz"}).items[1].text, "25");
    undo("redis.config", with({{"set", set}}), Value::Map{{"before", changed.at("before")}});
    EXPECT_EQ(redis.run({"CONFIG", "GET", "hz"}).items[1].text, "10");
    EXPECT_EQ(redis.run({"CONFIG", "GET", "maxmemory-policy"}).items[1].text, "noeviction");
}

TEST_F(RedisActions, ConfigRefusesWhatIsNoSettingBeforeItChangesAny) {
    redis.run({"CONFIG", "SET", "hz", "10"});
    const Value::Map set{{"hz", 25}, {"no-such", 1}};
    EXPECT_NE(refusal("redis.config", with({{"set", set}})).message().find("no setting no-such"),
              std::string::npos);
    EXPECT_EQ(redis.run({"CONFIG", "GET", "hz"}).items[1].text, "10");
}

TEST_F(RedisActions, UnlinkRemovesWhatFits) {
    for (const char* key : {"cache:1", "cache:2", "session:1"}) redis.run({"SET", key, "x"});
    EXPECT_EQ(perform("redis.unlink", with({{"pattern", "cache:*"}})).at("keys"), Value(2));
    EXPECT_EQ(redis.run({"DBSIZE"}).integer, 1);
}

TEST_F(RedisActions, BackupIsReadByAnotherServerAndHasAManifest) {
    redis.run({"SET", "a", "1"});
    const Value::Map taken = perform("backup.redis", with({{"to", file("backups")}}));
    const auto path = taken.at("path").as<std::string>();
    EXPECT_TRUE(path.ends_with(".rdb"));
    std::ifstream manifest(path + ".manifest.json");
    const std::string text{std::istreambuf_iterator<char>(manifest), {}};
    EXPECT_NE(text.find(taken.at("digest").as<std::string>()), std::string::npos);
    EXPECT_NE(text.find("\"kind\": \"redis\""), std::string::npos) << text;

    test::RedisServer other;
    other.stop();
    std::filesystem::copy_file(path, other.folder() + "/dump.rdb");
    other.start();
    EXPECT_EQ(other.get("a"), "1");
    // A database whose backups lie in the same folder is not disturbed by it.
    perform("backup.sqlite", {{"connection", "app"},
                              {"to", file("backups")},
                              {"compress", false},
                              {"seal_with", Value()}});
    const auto latest =
        perform("backup.latest", {{"folder", file("backups")}, {"of", "app"}, {"before", Value()}});
    EXPECT_TRUE(latest.at("path").as<std::string>().ends_with(".db"));
    EXPECT_TRUE(context_->logs_.empty()) << context_->logs_.front();
}

}  // namespace
}  // namespace drydock::runbooks
