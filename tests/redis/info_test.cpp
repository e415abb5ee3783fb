#include "engine/redis/info.h"

#include <gtest/gtest.h>

namespace drydock::redis {
namespace {

TEST(Info, IsAMapOfNumbersTextsAndParts) {
    const Value::Map info = parse_info(
        "# Server\r\nredis_version:7.0.15\r\nredis_git_sha1:00000000\r\nhz:10\r\n"
        "\r\n# Memory\r\nused_memory:1048576\r\nmem_fragmentation_ratio:1.25\r\nfree:-3\r\n"
        "run_id:1234567890123456789012345678901234567890\r\nempty:\r\n"
        "executable:/usr/a=b,c=d\r\ndb0:keys=3,expires=1,avg_ttl=0\r\nno colon\r\n"
        "cmdstat_config|get:calls=2,usec_per_call=1.50\r\n");
    EXPECT_EQ(info.at("redis_version"), Value("7.0.15"));
    EXPECT_EQ(info.at("redis_git_sha1"), Value("00000000"));
    EXPECT_EQ(info.at("hz"), Value(10));
    EXPECT_EQ(info.at("used_memory"), Value(1048576));
    EXPECT_EQ(info.at("mem_fragmentation_ratio"), Value(1.25));
    EXPECT_EQ(info.at("free"), Value(-3));
    EXPECT_EQ(info.at("run_id"), Value("1234567890123456789012345678901234567890"));
    EXPECT_EQ(info.at("empty"), Value(""));
    EXPECT_EQ(info.at("executable"), Value("/usr/a=b,c=d"));
    EXPECT_EQ(info.at("db0"), Value(Value::Map{{"keys", 3}, {"expires", 1}, {"avg_ttl", 0}}));
    EXPECT_EQ(info.at("cmdstat_config|get"),
              Value(Value::Map{{"calls", 2}, {"usec_per_call", 1.5}}));
    EXPECT_EQ(info.size(), 11U);
}

TEST(Info, VersionsAreComparedByTheirParts) {
    EXPECT_TRUE(is_version_at_least("7.0.15", "6"));
    EXPECT_TRUE(is_version_at_least("6.2.0", "6.2"));
    EXPECT_TRUE(is_version_at_least("10.0", "9.9.9"));
    EXPECT_FALSE(is_version_at_least("6.0.16", "6.2"));
    EXPECT_FALSE(is_version_at_least("", "1"));
}

}  // namespace
}  // namespace drydock::redis
