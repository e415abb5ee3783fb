#include "engine/execute/attempt_log.h"

#include <gtest/gtest.h>

#include <fstream>

#include "engine/crypto/digest.h"
#include "tests/doubles/temp_folder.h"

namespace drydock::execute {
namespace {

std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(AttemptLog, MakesNoFileWithoutALine) {
    const TempFolder folder;
    AttemptLog log(folder.file("logs/run"), "do/a", 1);
    EXPECT_EQ(log.close().digest, "");
    EXPECT_FALSE(std::filesystem::exists(folder.file("logs")));
}

TEST(AttemptLog, NamesTheDigestOfWhatIsOnDisk) {
    const TempFolder folder;
    AttemptLog log(folder.file("logs/run"), "do/each[2]", 3);
    log.write("one");
    log.write("two");
    const LogEnd end = log.close();
    const std::string bytes = bytes_of(folder.file("logs/run/do.each[2].3.log"));
    EXPECT_EQ(bytes, "one\ntwo\n");
    EXPECT_EQ(end.bytes, 8);
    EXPECT_EQ(end.digest, crypto::to_base64(crypto::sha256(bytes)));
    EXPECT_EQ(AttemptLog::found(folder.file("logs/run"), "do/each[2]", 3).digest, end.digest);
}

TEST(AttemptLog, KeepsHeadAndTailOfALongOneAndCountsTheMiddle) {
    const TempFolder folder;
    AttemptLog log(folder.file("logs/run"), "do/a", 1, 1000);
    for (int i = 1000; i < 1400; ++i) log.write("line " + std::to_string(i));  // 10 bytes each
    const LogEnd end = log.close();
    const std::string bytes = bytes_of(folder.file("logs/run/do.a.1.log"));
    EXPECT_LE(end.bytes, 1100);
    EXPECT_TRUE(bytes.starts_with("line 1000\nline 1001\n"));
    EXPECT_TRUE(bytes.ends_with("line 1398\nline 1399\n"));
    EXPECT_NE(bytes.find(" bytes left out]\n"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(folder.file("logs/run/do.a.1.log.tail0")));
}

}  // namespace
}  // namespace drydock::execute
