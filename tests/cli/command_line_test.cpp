#include "engine/cli/command_line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "engine/error.h"

namespace drydock::cli {
namespace {

std::string refusal(const std::vector<std::string>& words) {
    try {
        (void)read_command_line(words);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Usage);
        return error.message() + " | " + error.hint();
    }
    return "accepted";
}

TEST(CommandLine, params_take_one_word_each_and_leave_the_file_alone) {
    const CommandLine line =
        read_command_line({"run", "-p", "a=1", "-p", "b=x y", "file.yaml", "--json"});
    ASSERT_NE(line.command, nullptr);
    EXPECT_EQ(line.command->name, "run");
    EXPECT_EQ(line.arguments.params, (std::vector<std::string>{"a=1", "b=x y"}));
    EXPECT_EQ(line.arguments.subjects, std::vector<std::string>{"file.yaml"});
    EXPECT_TRUE(line.arguments.json);
}

TEST(CommandLine, common_options_may_stand_before_and_behind_the_command) {
    EXPECT_EQ(read_command_line({"--journal", "j.db", "runs"}).arguments.journal, "j.db");
    EXPECT_EQ(read_command_line({"runs", "--journal", "j.db"}).arguments.journal, "j.db");
}

TEST(CommandLine, commands_of_two_words_are_found) {
    EXPECT_EQ(read_command_line({"audit", "verify"}).command->name, "audit verify");
    EXPECT_EQ(
        read_command_line({"runbooks", "export", "sqlite-weekly", "to"}).arguments.subjects.size(),
        2U);
}

TEST(CommandLine, a_mistyped_command_is_answered_with_the_nearest) {
    EXPECT_EQ(refusal({"resum", "last"}), "there is no command resum | did you mean resume?");
}

TEST(CommandLine, what_a_command_does_not_know_is_refused_with_its_help) {
    EXPECT_NE(refusal({"show", "last", "--now"}).find("drydock show --help"), std::string::npos);
    EXPECT_NE(refusal({"show"}), "accepted");
    EXPECT_NE(refusal({"runs", "--limit", "0"}), "accepted");
    EXPECT_NE(refusal({"runs", "--color", "blue"}), "accepted");
}

TEST(CommandLine, what_the_examples_show_is_accepted) {
    for (const Command& command : commands()) {
        std::istringstream lines{std::string(command.examples)};
        for (std::string line; std::getline(lines, line);) {
            std::istringstream shell(line.substr(0, line.find_first_of("|>#")));
            std::vector<std::string> words;
            for (std::string word; shell >> std::quoted(word);) words.push_back(word);
            const auto drydock = std::ranges::find(words, "drydock");
            if (drydock == words.end()) continue;
            words.erase(words.begin(), drydock + 1);
            EXPECT_NO_THROW((void)read_command_line(words)) << line;
        }
    }
}

TEST(CommandLine, every_command_has_help_with_examples) {
    for (const Command& command : commands()) {
        std::vector<std::string> words;
        std::string name(command.name);
        if (const std::size_t space = name.find(' '); space != std::string::npos) {
            words.push_back(name.substr(0, space));
            name = name.substr(space + 1);
        }
        words.push_back(name);
        words.emplace_back("--help");
        const CommandLine line = read_command_line(words);
        EXPECT_EQ(line.command, nullptr);
        EXPECT_NE(line.text.find("Examples:\n  drydock " + std::string(command.name)),
                  std::string::npos)
            << line.text;
    }
}

}  // namespace
}  // namespace drydock::cli
