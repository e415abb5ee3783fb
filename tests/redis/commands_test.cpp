#include "engine/redis/commands.h"

#include <gtest/gtest.h>

namespace drydock::redis {
namespace {

TEST(Commands, HaveOneWordOrTwo) {
    EXPECT_EQ(command_word_count({"get", "config"}), 1U);
    EXPECT_EQ(command_word_count({"config", "get", "x"}), 2U);
    EXPECT_EQ(command_word_count({"CONFIG"}), 1U);
}

TEST(Commands, OfTheSessionAreKnownInAnyCase) {
    for (const Words& words :
         {Words{"select", "1"}, Words{"MULTI"}, Words{"client", "reply", "off"},
          Words{"Subscribe", "x"}, Words{"SYNC"}, Words{"auth", "x"}})
        EXPECT_EQ(command_kind(words), CommandKind::OfSession) << words.front();
}

TEST(Commands, ThatReadNoKeysAreKnownToRead) {
    EXPECT_EQ(command_kind({"config", "get", "*"}), CommandKind::Reads);
    EXPECT_EQ(command_kind({"config", "set", "a", "b"}), CommandKind::AskServer);
    EXPECT_EQ(command_kind({"info"}), CommandKind::Reads);
    EXPECT_EQ(command_kind({"get", "a"}), CommandKind::AskServer);
}

}  // namespace
}  // namespace drydock::redis
