#include "engine/config/env_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "engine/error.h"
#include "runbook/temporary_folder.h"

namespace drydock::config {
namespace {

TEST(EnvFile, ReadsKeysQuotesAndComments) {
    const EnvFileResult read = parse_env_file(
        "# a comment\n\nA=1\nexport B = two words  # said so\nC='as $it \\n "
        "is'\nD=\"a\\tb\\n\\\"c\\\" \\$x \\y\"\nE=\nF=a#b\r\nA=2\n",
        "x.env");
    EXPECT_TRUE(read.diagnostics.empty());
    EXPECT_EQ(read.variables, (Variables{{"A", "2"},
                                         {"B", "two words"},
                                         {"C", "as $it \\n is"},
                                         {"D", "a\tb\n\"c\" $x \\y"},
                                         {"E", ""},
                                         {"F", "a#b"}}));
}

TEST(EnvFile, NamesEachWrongLineWithoutItsText) {
    const EnvFileResult read = parse_env_file("geheim\n1A=x\nB=\"geheim\nC='a' b\n", "x.env");
    ASSERT_EQ(read.diagnostics.size(), 4U);
    std::string all;
    for (const auto& one : read.diagnostics) all += to_text(one);
    EXPECT_EQ(all.find("geheim"), std::string::npos) << all;
    EXPECT_NE(all.find("x.env:1:1: error: this line is no KEY=VALUE"), std::string::npos) << all;
    EXPECT_NE(all.find("x.env:2:1: error: before = stands no name of a variable"),
              std::string::npos)
        << all;
    EXPECT_NE(all.find("x.env:3:3: error: this quote is not closed on its line"), std::string::npos)
        << all;
    EXPECT_NE(all.find("x.env:4:6: error: something stands behind the closing quote"),
              std::string::npos)
        << all;
}

TEST(EnvFile, HasNoZeroBytes) {
    const EnvFileResult read = parse_env_file({"A=1\0002\nB=3\n", 10}, "x.env");
    ASSERT_EQ(read.diagnostics.size(), 1U);
    EXPECT_EQ(read.variables, (Variables{{"B", "3"}}));
}

TEST(EnvFile, IsRefusedWhenOthersCanReadIt) {
    const runbook::TemporaryFolder folder;
    const std::string path = folder.write("a.env", "A=1\n");
    EXPECT_EQ(read_env_file(path), (Variables{{"A", "1"}}));
    std::filesystem::permissions(path, std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    EXPECT_THROW((void)read_env_file(path), Error);
}

TEST(EnvFile, TheProcessHasVariables) { EXPECT_TRUE(process_variables().contains("PATH")); }

}  // namespace
}  // namespace drydock::config
