#include "docs/transcript.h"

#include <gtest/gtest.h>

#include "doubles/temp_folder.h"

namespace drydock::docs {
namespace {

using Lines = std::vector<std::string>;

Block console(Lines lines) {
    return {.language = "console", .file = {}, .lines = std::move(lines), .line = 10};
}

TEST(Transcript, ACommandHasTheLinesBelowIt) {
    const auto commands = commands_of(console({"$ echo one \\", "    two", "one two", "$ true"}));
    ASSERT_EQ(commands.size(), 2U);
    EXPECT_EQ(commands[0].text, "echo one \\\n    two");
    EXPECT_EQ(commands[0].expected, Lines{"one two"});
    EXPECT_EQ(commands[1].line, 14U);
}

TEST(Transcript, OtherOutputIsADifference) {
    EXPECT_FALSE(difference({"7 rows"}, {"7 rows"}));
    EXPECT_TRUE(difference({"7 rows"}, {"8 rows"}));
    EXPECT_TRUE(difference({"7 rows"}, {}));
    EXPECT_TRUE(difference({}, {"7 rows"}));
}

TEST(Transcript, DotsStandForTextAndForLines) {
    EXPECT_FALSE(difference({"run … took … s"}, {"run abc took 0.3 s"}));
    EXPECT_TRUE(difference({"run … took … s"}, {"run abc took 0.3 h"}));
    EXPECT_FALSE(difference({"a", "…", "z"}, {"a", "b", "c", "z"}));
    EXPECT_TRUE(difference({"a", "…", "z"}, {"a", "b", "c"}));
}

TEST(Transcript, CommandsShareOneShellAndTellTheirStatus) {
    const TempFolder folder;
    const auto answers = run_commands(commands_of(console({"$ x=3; false", "$ echo $? $x"})),
                                      folder.path(), "/bin/sh");
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_EQ(answers[0].status, 1);
    EXPECT_EQ(answers[1].lines, Lines{"1 3"});
}

}  // namespace
}  // namespace drydock::docs
