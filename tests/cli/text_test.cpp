#include "engine/cli/text.h"

#include <gtest/gtest.h>

namespace drydock::cli {
namespace {

TEST(Text, spans_are_told_in_the_two_units_that_matter) {
    EXPECT_EQ(span(300'000), "0.3 s");
    EXPECT_EQ(span(41'000'000), "41 s");
    EXPECT_EQ(span(365'000'000), "6 min 5 s");
    EXPECT_EQ(span(7'800'000'000), "2 h 10 min");
    EXPECT_EQ(span(-5), "0.0 s");
}

TEST(Text, large_numbers_are_grouped) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1'234'567), "1,234,567");
    EXPECT_EQ(grouped(-123'456), "-123,456");
}

TEST(Text, a_text_is_cut_at_columns_and_never_inside_a_character) {
    EXPECT_EQ(fitted("äöü", 3), "äöü");
    EXPECT_EQ(fitted("äöüß", 3), "äö…");
    EXPECT_EQ(fitted("one\ntwo", 20), "one two");
    EXPECT_EQ(fitted("\033[31mred", 20), "[31mred");
}

TEST(Text, a_table_gives_way_in_its_flexible_column) {
    const Table table{
        .head = {"a", "what", "z"}, .rows = {{"1", std::string(100, 'x'), "end"}}, .flexible = 1};
    for (const std::string& line : lines_of(table, 40)) EXPECT_LE(columns(line), 40U) << line;
    EXPECT_TRUE(lines_of(table, 40)[1].ends_with("end"));
}

TEST(Text, results_are_shown_as_their_scalars) {
    EXPECT_EQ(in_short(Value::Map{{"rows", 3}, {"list", Value::List{1}}, {"path", "a"}}, 40),
              "path=a rows=3");
}

}  // namespace
}  // namespace drydock::cli
