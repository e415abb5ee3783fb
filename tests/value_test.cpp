#include "engine/value.h"

#include <gtest/gtest.h>

namespace drydock {
namespace {

TEST(Value, PrintsQuantitiesAsTheyAreWritten) {
    EXPECT_EQ(to_text(Duration{std::chrono::milliseconds(50)}), "50ms");
    EXPECT_EQ(to_text(Duration{std::chrono::seconds(90)}), "1m30s");
    EXPECT_EQ(to_text(Duration{}), "0s");
    EXPECT_EQ(to_text(Size{512}), "512B");
    EXPECT_EQ(to_text(Size{1536}), "1.5KiB");
    EXPECT_EQ(to_text(Size{1 << 30}), "1GiB");
    EXPECT_EQ(to_text(Timestamp{0}), "1970-01-01T00:00:00Z");
    EXPECT_EQ(to_text(Timestamp{1'500'000}), "1970-01-01T00:00:01.500000Z");
}

TEST(Value, PrintsDoublesSoThatTheyReadBack) {
    EXPECT_EQ(to_text(0.1), "0.1");
    EXPECT_EQ(to_text(3.0), "3.0");
    EXPECT_EQ(to_text(1e300), "1e+300");
}

TEST(Value, NeverPrintsASecret) {
    const Value::Map map{{"password", Secret("owner", "canary")}, {"user", "anna"}};
    EXPECT_EQ(to_text(Value(map)), R"({password: <secret owner>, user: "anna"})");
    EXPECT_TRUE(Value(map).contains_secret());
    EXPECT_FALSE(Value("canary").contains_secret());
}

TEST(Value, HasMembersOnlyWhenItIsAMap) {
    const Value value(Value::Map{{"a", 1}});
    ASSERT_NE(value.member("a"), nullptr);
    EXPECT_EQ(*value.member("a"), Value(1));
    EXPECT_EQ(value.member("b"), nullptr);
    EXPECT_EQ(Value(7).member("a"), nullptr);
}

TEST(ValueDeathTest, AskingForAnotherKindIsOurBug) {
    EXPECT_EXIT((void)Value(1).as<std::string>(), testing::ExitedWithCode(70), "internal error");
}

}  // namespace
}  // namespace drydock
