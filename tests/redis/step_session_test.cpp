#include "engine/redis/step_session.h"

#include <sys/resource.h>

#include <future>
#include <thread>

#include "tests/os/seam_switch.h"
#include "tests/redis/session_fixture.h"

namespace drydock::redis {
namespace {

using namespace std::string_literals;
using test::RedisServer;

class Sessions : public testing::Test {
  protected:
    RedisServer& redis = RedisServer::fresh();
    Session session{redis};

    void fill(int count, const std::string& prefix) {
        (void)redis.run({"EVAL", "for i = 1, ARGV[1] do redis.call('set', ARGV[2] .. i, i) end",
                         "0", std::to_string(count), prefix});
    }
};

TEST_F(Sessions, ReadFreelyAndJournalWrites) {
    EXPECT_EQ(session->command({"SET", "a", "topsecret"}).text, "OK");
    EXPECT_EQ(session->command({"get", "a"}).text, "topsecret");
    EXPECT_EQ(session->command({"CONFIG", "GET", "hz"}).items.size(), 2U);
    EXPECT_EQ(session->command({"OBJECT", "ENCODING", "a"}).text, "embstr");
    EXPECT_EQ(session->command({"hset", "h", "f", "v"}).integer, 1);
    EXPECT_EQ(session.effects, (std::vector<std::string>{"redis SET [\"SET\", \"a\"] ok",
                                                         "redis HSET [\"HSET\", \"h\"] ok"}));
}

TEST_F(Sessions, RefuseCommandsOfTheSessionItself) {
    for (const Words& words :
         {Words{"SELECT", "1"}, Words{"MULTI"}, Words{"client", "reply", "off"},
          Words{"SUBSCRIBE", "x"}, Words{""}, Words{}})
        EXPECT_EQ(error_of([&] { (void)session->command(words); }).code(), ErrorCode::Lua);
    EXPECT_TRUE(session.effects.empty());
}

TEST_F(Sessions, ThatAreReadOnlyWriteNothing) {
    Session only(redis, {.read_only = true});
    EXPECT_EQ(only->command({"GET", "a"}).kind, Reply::Kind::Nil);
    const auto refused = [&](const auto& work) {
        const Error error = error_of(work);
        EXPECT_EQ(error.code(), ErrorCode::Permission) << error.message();
    };
    refused([&] { (void)only->command({"SET", "a", "1"}); });
    refused([&] { (void)only->command({"EVAL", "return 1", "0"}); });
    refused([&] { (void)only->pipeline({{"GET", "a"}, {"DEL", "a"}}); });
    refused([&] { (void)only->keyed("k", {"SET", "a", "1"}); });
    refused([&] { (void)only->unlink("*"); });
    refused([&] { (void)only->config_set({{"hz", "20"}}); });
    EXPECT_TRUE(only.effects.empty());
    EXPECT_EQ(redis.run({"DBSIZE"}).integer, 0);
}

TEST_F(Sessions, LeaveTextTextWhereverItStands) {
    const std::vector<std::string> nasty{
        "'; DROP TABLE t; --", "$(id)", "a\r\nFLUSHALL\r\n", "\0\xff\xfe"s, "*", "--", "\n"};
    for (const std::string& text : nasty) {
        (void)session->command({"SET", text, text});
        EXPECT_EQ(session->command({"GET", text}).text, text);
        (void)session->command({"HSET", "h", text, text});
        EXPECT_EQ(session->command({"HGET", "h", text}).text, text);
        (void)session->keyed(text, {"SET", "keyed" + text, text});
        EXPECT_EQ(session->command({"GET", "keyed" + text}).text, text);
        EXPECT_EQ(session->pipeline({{"SET", text, text}, {"GET", text}})[1].text, text);
        // As the name of a command it is none.
        EXPECT_EQ(error_of([&] { (void)session->command({text, text}); }).code(), ErrorCode::Redis);
    }
}

TEST_F(Sessions, SendManyCommandsAsOneEffect) {
    const auto answers = session->pipeline({{"SET", "a", "1"}, {"INCR", "a"}, {"GET", "a"}});
    EXPECT_EQ(answers[1].integer, 2);
    EXPECT_EQ(answers[2].text, "2");
    EXPECT_EQ(session.effects.size(), 1U);
    EXPECT_EQ(session->pipeline({{"GET", "a"}, {"EXISTS", "a"}}).size(), 2U);
    EXPECT_TRUE(session->pipeline({}).empty());
    EXPECT_EQ(session.effects.size(), 1U);
    const Error error = error_of([&] {
        (void)session->pipeline({{"SET", "b", "1"}, {"HGET", "a", "f"}, {"SET", "c", "1"}});
    });
    EXPECT_EQ(error.message().substr(0, 25), "command 2 of 3: HGET: Ope");
    EXPECT_EQ(session.effects.back(), "redis pipeline [[\"SET\", \"b\"], [\"SET\", \"c\"]] error");
    EXPECT_EQ(redis.get("c"), "1");
}

// --- what happens once ---------------------------------------------------------------------------

TEST_F(Sessions, WriteOncePerKeyAndAnswerTheSameAgain) {
    EXPECT_EQ(session->keyed("k1", {"INCR", "n"}).integer, 1);
    EXPECT_EQ(session->keyed("k1", {"INCR", "n"}).integer, 1);
    EXPECT_EQ(session->keyed("k2", {"INCR", "n"}).integer, 2);
    Session later(redis);
    EXPECT_EQ(later->keyed("k1", {"INCR", "n"}).integer, 1);
    EXPECT_EQ(redis.get("n"), "2");
    EXPECT_EQ(session->keyed("status", {"SET", "a", "b"}),
              session->keyed("status", {"SET", "a", "c"}));
    EXPECT_EQ(session->keyed("nothing", {"LPOP", "no list"}).kind, Reply::Kind::Nil);
    EXPECT_EQ(session->keyed("nothing", {"LPOP", "no list"}).kind, Reply::Kind::Nil);
    EXPECT_TRUE(session.effects.empty());
    EXPECT_EQ(redis.run({"TTL", token_hash("r1")}).integer, -1);
}

TEST_F(Sessions, AWriteThatFailsLeavesNoToken) {
    redis.run({"SET", "a", "text"});
    const Error error = error_of([&] { (void)session->keyed("k", {"INCR", "a"}); });
    EXPECT_EQ(error.message(), "INCR: value is not an integer or out of range");
    redis.run({"SET", "a", "1"});
    EXPECT_EQ(session->keyed("k", {"INCR", "a"}).integer, 2);
}

TEST_F(Sessions, AWriteThatFindsNoMemoryForItsTokenDoesNothing) {
    redis.run({"SET", "a", "1"});
    redis.run({"CONFIG", "SET", "maxmemory", "1"});
    // DEL itself needs no memory and would be let through.
    EXPECT_EQ(error_of([&] { (void)session->keyed("k", {"DEL", "a"}); }).code_text(), "OOM");
    redis.run({"CONFIG", "SET", "maxmemory", "0"});
    EXPECT_EQ(redis.get("a"), "1");
    EXPECT_EQ(session->keyed("k", {"DEL", "a"}).integer, 1);
}

TEST_F(Sessions, WithoutItsTokenTheSameWriteHappensTwice) {
    const test::Without none(Protection::Token);
    (void)session->keyed("k", {"INCR", "n"});
    (void)session->keyed("k", {"INCR", "n"});
    EXPECT_EQ(redis.get("n"), "2");
}

TEST_F(Sessions, WhereATokenMayBeEvictedTheWriteIsUnsafe) {
    redis.run({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
    EXPECT_EQ(session.server->why_not_kept(), "maxmemory-policy is allkeys-lru");
    (void)session->keyed("k", {"INCR", "n"});
    EXPECT_EQ(session.effects, (std::vector<std::string>{"redis INCR [\"INCR\", \"n\"] ok"}));
    EXPECT_EQ(session.keyed, 0);
    EXPECT_EQ(redis.run({"EXISTS", token_hash("r1")}).integer, 0);
}

TEST_F(Sessions, WhereTheServerDoesNotTellTheWriteIsUnsafe) {
    redis.run({"ACL", "SETUSER", "anna", "reset", "on", ">pw", "~*", "+@all", "-info"});
    Session anna(redis, {.connect = {.server = Secret("s", redis.socket()),
                                     .user = Secret("u", "anna"),
                                     .password = Secret("p", "pw")}});
    (void)anna->keyed("k", {"INCR", "n"});
    EXPECT_EQ(anna.effects.size(), 1U);
}

// --- a server that goes --------------------------------------------------------------------------

TEST_F(Sessions, GoOnWithARestartedServerBetweenTwoCommands) {
    RedisServer mortal({"--appendonly", "yes", "--appendfsync", "always"});
    Session on(mortal);
    (void)on->command({"SET", "a", "1"});
    (void)on->keyed("k", {"INCR", "n"});
    mortal.kill();
    mortal.start();
    EXPECT_EQ(on->command({"GET", "a"}).text, "1");
    EXPECT_EQ(on->keyed("k", {"INCR", "n"}).integer, 1);
    EXPECT_EQ(mortal.get("n"), "1");
    EXPECT_EQ(on.effects.size(), 1U);
}

TEST_F(Sessions, ACommandWhoseAnswerIsLostIsInDoubtAndNotRepeated) {
    RedisServer mortal;
    Session on(mortal);
    (void)on->command({"PING"});
    std::jthread killer([&] {
        while (mortal.run({"CLIENT", "LIST"}).text.find("cmd=blpop") == std::string::npos) continue;
        mortal.kill();
    });
    const Error error = error_of([&] { (void)on->command({"BLPOP", "x", "0"}); });
    killer.join();
    mortal.start();
    EXPECT_EQ(error.message(), "BLPOP: the connection was lost");
    EXPECT_EQ(on.effects, (std::vector<std::string>{"redis BLPOP [\"BLPOP\", \"x\"] lost"}));
    EXPECT_EQ(on->command({"PING"}).text, "PONG");
}

TEST_F(Sessions, AServerThatIsNotThereYetIsWaitedForAsLongAsTheConnectionSays) {
    RedisServer late;
    late.kill();
    Session impatient(late);
    EXPECT_EQ(error_of([&] { (void)impatient->command({"PING"}); }).code(), ErrorCode::Connection);
    EXPECT_FALSE(impatient.server->last_in_doubt());
    Session patient(late,
                    {.retry_every = Microseconds(20'000), .retry_for = Microseconds(20'000'000)});
    // The server ends with the thread that started it.
    std::promise<void> done;
    std::jthread starter([&, ended = done.get_future()] {
        late.start();
        ended.wait();
    });
    EXPECT_EQ(patient->command({"PING"}).text, "PONG");
    done.set_value();
}

TEST_F(Sessions, AServerThatIsTooOldIsRefused) {
    Session new_enough(redis, {.min_version = "6"});
    EXPECT_EQ(new_enough->command({"PING"}).text, "PONG");
    Session too_old(redis, {.min_version = "99.1"});
    const Error error = error_of([&] { (void)too_old->command({"PING"}); });
    EXPECT_NE(error.message().find("the runbook wants at least 99.1"), std::string::npos);
}

TEST_F(Sessions, ACommandHasItsOwnLimitBesidesTheStepsTime) {
    Session limited(redis, {.connect = {.server = Secret("s", redis.socket()),
                                        .command_timeout = Microseconds(50'000)}});
    EXPECT_EQ(error_of([&] {
                  (void)limited->command({"BLPOP", "x", "0"});
              }).code(),
              ErrorCode::Timeout);
    EXPECT_EQ(limited.effects.back(), "redis BLPOP [\"BLPOP\", \"x\"] lost");
    EXPECT_EQ(limited->command({"PING"}).text, "PONG");
}

TEST_F(Sessions, ACancelStopsABlockedCommand) {
    std::jthread stopper([&] {
        while (redis.run({"CLIENT", "LIST"}).text.find("cmd=blpop") == std::string::npos) continue;
        session.cancel.request(StopReason::Cancel);
    });
    EXPECT_EQ(error_of([&] {
                  (void)session->command({"BLPOP", "x", "0"});
              }).code(),
              ErrorCode::Interrupted);
}

// --- many keys -----------------------------------------------------------------------------------

TEST_F(Sessions, RemoveKeysByPatternButNoTokens) {
    fill(2500, "cache:");
    fill(10, "other:");
    (void)session->keyed("k", {"SET", "cache:token", "1"});
    EXPECT_EQ(session->unlink("cache:*"), 2501);
    EXPECT_EQ(redis.run({"DBSIZE"}).integer, 11);
    EXPECT_EQ(session->unlink("*"), 10);
    EXPECT_EQ(redis.run({"EXISTS", token_hash("r1")}).integer, 1);
    EXPECT_EQ(session->unlink("*"), 0);
    EXPECT_EQ(session.effects.front(), "redis unlink [\"cache:*\"] ok");
}

TEST_F(Sessions, StopBetweenTwoBatches) {
    fill(5000, "cache:");
    session.cancel.request(StopReason::Cancel);
    EXPECT_EQ(error_of([&] { (void)session->unlink("cache:*"); }).code(), ErrorCode::Interrupted);
    EXPECT_EQ(redis.run({"DBSIZE"}).integer, 5000);
}

TEST_F(Sessions, ScanAMillionKeysInBoundedMemory) {
    fill(1'000'000, "key:");
    const auto peak_kib = [] {
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        return usage.ru_maxrss;
    };
    const long before = peak_kib();
    std::int64_t seen = 0;
    session->scan("key:*", [&](const std::string&) { return ++seen > 0; });
    EXPECT_EQ(seen, 1'000'000);
    EXPECT_EQ(session->unlink("key:*"), 1'000'000);
    EXPECT_EQ(session.progressed, 1'000'000);
    EXPECT_LT(peak_kib() - before, 16 << 10);
}

TEST_F(Sessions, ScanUntilTheSinkHasEnough) {
    fill(100, "key:");
    int seen = 0;
    session->scan("key:*", [&](const std::string&) { return ++seen < 5; });
    EXPECT_EQ(seen, 5);
}

// --- settings ------------------------------------------------------------------------------------

TEST_F(Sessions, TellWhatSettingsWereBefore) {
    redis.run({"CONFIG", "SET", "hz", "10"});
    EXPECT_EQ(session->config_set({{"hz", "20"}, {"maxmemory-policy", "volatile-lru"}}),
              (Value::Map{{"hz", "10"}, {"maxmemory-policy", "noeviction"}}));
    EXPECT_EQ(session->config_get("hz"), (Value::Map{{"hz", "20"}}));
    EXPECT_EQ(session.effects.size(), 1U);
    redis.run({"CONFIG", "SET", "hz", "10"});
    EXPECT_EQ(error_of([&] {
                  (void)session->config_set({{"no-such", "1"}});
              }).message(),
              "CONFIG SET: the server has no setting no-such");
    EXPECT_EQ(error_of([&] {
                  (void)session->config_set({{"hz", "abc"}});
              }).code(),
              ErrorCode::Redis);
}

TEST_F(Sessions, ShowAndSetNoPasswords) {
    EXPECT_EQ(error_of([&] {
                  (void)session->config_set({{"RequirePass", "x"}});
              }).code(),
              ErrorCode::Lua);
    const Value::Map all = session->config_get("*");
    EXPECT_GT(all.size(), 100U);
    EXPECT_FALSE(all.contains("requirepass"));
    EXPECT_FALSE(all.contains("masterauth"));
}

TEST_F(Sessions, TellWhatTheServerSaysOfItself) {
    EXPECT_EQ(session->info("server").at("redis_mode"), Value("standalone"));
    EXPECT_TRUE(session->info("").contains("used_memory"));
}

}  // namespace
}  // namespace drydock::redis
