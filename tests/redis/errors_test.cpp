#include "engine/redis/errors.h"

#include <filesystem>

#include "tests/redis/session_fixture.h"

namespace drydock::redis {
namespace {

using test::RedisServer;

Error of(const std::string& said, const Words& words = {"SET", "k", "v"}) {
    return error_from({.kind = Reply::Kind::Error, .text = said}, words);
}

TEST(Errors, NameTheCommandAndNeverAnArgument) {
    const Error unknown =
        of("ERR unknown command 'SETT', with args beginning with: 'topsecret' 'other' ",
           {"SETT", "topsecret", "other"});
    EXPECT_EQ(unknown.message(), "SETT: unknown command 'SETT'");
    EXPECT_EQ(of("ERR Invalid argument 'topsecret' for CONFIG SET 'maxmemory'",
                 {"CONFIG", "SET", "maxmemory", "topsecret"})
                  .message(),
              "CONFIG SET: Invalid argument '…' for CONFIG SET '…'");
    EXPECT_EQ(of("ERR a\r\nb\x01").message(), "SET: a  b ");
}

TEST(Errors, HaveTheServersWordAsTheirCode) {
    EXPECT_EQ(of("WRONGTYPE Operation against a key").code_text(), "WRONGTYPE");
    EXPECT_EQ(of("something else").code_text(), "");
    EXPECT_EQ(of("something else").message(), "SET: something else");
}

// Those that a single server of a test cannot be brought to say.
TEST(Errors, OfClustersAndOfLoadingServersHaveHints) {
    const Error moved = of("MOVED 1234 10.0.0.2:6379");
    EXPECT_EQ(moved.code(), ErrorCode::Connection);
    EXPECT_EQ(moved.message(), "SET: 1234 10.0.0.2:6379");
    EXPECT_NE(moved.hint().find("another node of the cluster"), std::string::npos);
    EXPECT_EQ(of("LOADING Redis is loading the dataset in memory").code(), ErrorCode::Busy);
    EXPECT_EQ(of("CROSSSLOT Keys in request don't hash to the same slot").code(), ErrorCode::Redis);
}

class ServerErrors : public testing::Test {
  protected:
    Error from(const Words& words) {
        return error_of([&] { (void)server.run(words); });
    }
    RedisServer& server = RedisServer::fresh();
};

TEST_F(ServerErrors, TellAReplicaFromAPrimary) {
    RedisServer replica({"--replicaof", "127.0.0.1 " + std::to_string(server.port())});
    const Error error = error_of([&] { (void)replica.run({"SET", "a", "1"}); });
    EXPECT_EQ(error.code_text(), "READONLY");
    EXPECT_EQ(error.code(), ErrorCode::Permission);
    EXPECT_NE(error.hint().find("this server is a replica"), std::string::npos);
}

TEST_F(ServerErrors, TellThatTheMemoryIsUsedUp) {
    server.run({"CONFIG", "SET", "maxmemory", "1"});
    const Error error = from({"SET", "a", "1"});
    EXPECT_EQ(error.code_text(), "OOM");
    EXPECT_NE(error.hint().find("maxmemory"), std::string::npos);
}

TEST_F(ServerErrors, TellThatTheServerCannotSave) {
    RedisServer failing({"--save", "3600 1", "--enable-protected-configs", "yes"});
    failing.run({"SET", "a", "1"});
    failing.run({"CONFIG", "SET", "rdbcompression", "no"});
    // Its folder goes away under it, so that the save fails.
    std::filesystem::create_directory(failing.folder() + "/gone");
    failing.run({"CONFIG", "SET", "dir", failing.folder() + "/gone"});
    std::filesystem::remove(failing.folder() + "/gone");
    EXPECT_NE(error_of([&] { (void)failing.run({"SAVE"}); }).message(), "");
    failing.run({"BGSAVE"});
    const Microseconds until = system_clock().boot() + Microseconds(10'000'000);
    while (failing.run({"INFO", "persistence"}).text.find("rdb_last_bgsave_status:err") ==
               std::string::npos &&
           system_clock().boot() < until)
        continue;
    const Error error = error_of([&] { (void)failing.run({"SET", "a", "2"}); });
    EXPECT_EQ(error.code_text(), "MISCONF");
    EXPECT_EQ(error.code(), ErrorCode::File);
}

TEST_F(ServerErrors, TellWrongTypesAndWrongNumbers) {
    server.run({"SET", "a", "text"});
    EXPECT_EQ(from({"HGET", "a", "f"}).code_text(), "WRONGTYPE");
    EXPECT_EQ(from({"INCR", "a"}).message(), "INCR: value is not an integer or out of range");
    EXPECT_EQ(from({"NOTACOMMAND", "topsecret"}).message().find("topsecret"), std::string::npos);
}

}  // namespace
}  // namespace drydock::redis
