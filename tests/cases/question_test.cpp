#include "engine/cases/question.h"

#include <gtest/gtest.h>

namespace drydock::cases {
namespace {

TEST(Question, AStarStandsForAnyTextWithinOneArgument) {
    EXPECT_TRUE(fits("a*c", "abbc"));
    EXPECT_TRUE(fits("*", ""));
    EXPECT_TRUE(fits("--file=*.sql", "--file=x/y.sql"));
    EXPECT_FALSE(fits("a*c", "abbcd"));
    EXPECT_FALSE(fits("abc", "abcd"));
}

TEST(Question, TwoStarsAtTheEndStandForAllThatFollows) {
    const Question any = CommandPattern{{"make", "**"}};
    EXPECT_TRUE(fits(any, {"make"}));
    EXPECT_TRUE(fits(any, {"make", "test", "-j2"}));
    const Question one = CommandPattern{{"make", "*"}};
    EXPECT_FALSE(fits(one, {"make"}));
    EXPECT_FALSE(fits(one, {"make", "test", "-j2"}));
}

TEST(Question, AProgramIsMeantByItsNameOrItsPath) {
    EXPECT_TRUE(fits(Question(CommandPattern{{"make"}}), {"/usr/bin/make"}));
    EXPECT_TRUE(fits(Question(CommandPattern{{"/usr/bin/make"}}), {"make"}));
    EXPECT_FALSE(fits(Question(CommandPattern{{"/opt/bin/make"}}), {"/usr/bin/make"}));
    EXPECT_FALSE(fits(Question(HttpPattern{"GET", "http://x"}), {"GET", "http://x"}));
}

}  // namespace
}  // namespace drydock::cases
