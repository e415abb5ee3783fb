#include "engine/os/random.h"

#include <gtest/gtest.h>

#include <set>

namespace drydock::os {
namespace {

TEST(Random, OfTheSystemIsNeverTheSameTwice) {
    std::set<std::string> seen;
    for (int count = 0; count < 1000; ++count) seen.insert(system_random().bytes(16));
    EXPECT_EQ(seen.size(), 1000U);
    EXPECT_EQ(system_random().bytes(5000).size(), 5000U);
}

TEST(Random, WithASeedIsTheSameEachTime) {
    EXPECT_EQ(SeededRandom(7).bytes(20), SeededRandom(7).bytes(20));
    EXPECT_NE(SeededRandom(7).bytes(20), SeededRandom(8).bytes(20));
}

TEST(Random, GivesEveryNumberBelowTheLimitAndNoOther) {
    SeededRandom random(1);
    std::set<std::uint64_t> seen;
    for (int count = 0; count < 1000; ++count) seen.insert(random.number(6));
    EXPECT_EQ(seen, (std::set<std::uint64_t>{0, 1, 2, 3, 4, 5}));
    EXPECT_EQ(random.number(1), 0U);
}

}  // namespace
}  // namespace drydock::os
