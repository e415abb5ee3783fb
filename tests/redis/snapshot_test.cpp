#include "engine/redis/snapshot.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "engine/crypto/digest.h"
#include "tests/redis/session_fixture.h"

namespace drydock::redis {
namespace {

using test::RedisServer;

std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(SnapshotFiles, HaveTheChecksumOfTheFormat) {
    EXPECT_EQ(crc64(0, "123456789"), 0xe9c6d914c4b8d9caULL);  // as Redis' own sources say
    EXPECT_EQ(crc64(crc64(0, "1234"), "56789"), 0xe9c6d914c4b8d9caULL);
}

class Snapshots : public testing::TestWithParam<const char*> {
  protected:
    Snapshots() : server({"--repl-diskless-sync", GetParam(), "--repl-diskless-sync-delay", "0"}) {}
    TempFolder folder;
    RedisServer server;
};

TEST_P(Snapshots, HoldWhatTheServerHeld) {
    (void)server.run(
        {"EVAL", "for i = 1, 20000 do redis.call('set', 'k' .. i, ('x'):rep(100) .. i) end", "0"});
    Session session(server);
    const std::string path = folder.file("dump.rdb");
    const Snapshot saved = session->save_snapshot(path);
    const std::string bytes = bytes_of(path);
    EXPECT_EQ(saved.bytes, static_cast<std::int64_t>(bytes.size()));
    EXPECT_EQ(saved.sha256, crypto::to_hex(crypto::sha256(bytes)));
    EXPECT_TRUE(saved.checksummed);
    EXPECT_TRUE(bytes.starts_with("REDIS"));
    struct stat found {};
    ASSERT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600U);

    // Another server reads it.
    RedisServer other;
    other.stop();
    std::filesystem::copy_file(path, other.folder() + "/dump.rdb");
    other.start();
    EXPECT_EQ(other.run({"DBSIZE"}).integer, 20000);
    EXPECT_EQ(other.get("k777"), std::string(100, 'x') + "777");
    // And the one that it was taken of has no replica left.
    EXPECT_EQ(session->info("replication").at("role"), Value("master"));
    EXPECT_EQ(session->command({"PING"}).text, "PONG");
}

TEST_P(Snapshots, AreThereWholeOrNotAtAll) {
    (void)server.run(
        {"EVAL", "for i = 1, 200 do redis.call('set', i, ('x'):rep(100000)) end", "0"});
    (void)server.run({"CONFIG", "SET", "rdbcompression", "no"});
    Session session(server);
    const std::string path = folder.file("dump.rdb");
    session.cancel.request(StopReason::Cancel);
    EXPECT_EQ(error_of([&] { (void)session->save_snapshot(path); }).code(), ErrorCode::Interrupted);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

INSTANTIATE_TEST_SUITE_P(FromMemoryAndFromDisk, Snapshots, testing::Values("yes", "no"));

TEST(SnapshotFiles, NeedARightThatTheHintNames) {
    const TempFolder folder;
    RedisServer& server = RedisServer::fresh();
    server.run({"ACL", "SETUSER", "anna", "reset", "on", ">pw", "~*", "+@all", "-sync", "-psync"});
    Session session(server, {.connect = {.server = Secret("s", server.socket()),
                                         .user = Secret("u", "anna"),
                                         .password = Secret("p", "pw")}});
    const Error error = error_of([&] { (void)session->save_snapshot(folder.file("dump.rdb")); });
    EXPECT_EQ(error.code(), ErrorCode::Permission) << error.message();
    EXPECT_EQ(error.hint(), "ACL SETUSER … +sync lets the user run it");
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace drydock::redis
