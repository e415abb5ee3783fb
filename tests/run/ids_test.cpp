#include "engine/run/ids.h"

#include <gtest/gtest.h>

namespace drydock::run {
namespace {

TEST(RunId, HoldsAllSixteenBytes) {
    const std::string id = make_run_id(std::string(16, '\xff'));
    EXPECT_EQ(id, "zzzzzzzzzzzzzzzzzzzzzzzzzw");
    EXPECT_TRUE(is_run_id(id));
    EXPECT_FALSE(is_run_id("short"));
    EXPECT_FALSE(is_run_id(std::string(26, 'i')));
}

TEST(Scope, SplitsAsItWasMade) {
    EXPECT_EQ(make_scope("do", "copy"), "do/copy");
    const ScopeParts item = split_scope(make_item_scope("fin2", "copy", 12));
    EXPECT_EQ(item.phase, "fin2");
    EXPECT_EQ(item.step, "copy");
    EXPECT_EQ(item.index, 12);
    EXPECT_EQ(split_scope("do/copy").index, 0);
}

}  // namespace
}  // namespace drydock::run
