#include <gtest/gtest.h>

#include "engine/json/json.h"

namespace drydock::json {
namespace {

TEST(Utf8, AcceptsTheFirstAndLastOfEachLength) {
    for (const char* text :
         {"", "\x7f", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
          "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "12345678ä12345678"}) {
        EXPECT_TRUE(is_utf8(text)) << text;
    }
}

TEST(Utf8, RefusesOverlongSurrogatesTooHighAndCut) {
    for (const char* text :
         {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC3", "\xE2\x82",
          "\xE2\x82"
          "a",
          "12345678\xff"}) {
        EXPECT_FALSE(is_utf8(text));
    }
}

TEST(Utf8, ReplacesEachMalformedByteAndKeepsTheRest) {
    EXPECT_EQ(to_utf8("ä\xE2\x82z"), "ä\uFFFD\uFFFDz");
    EXPECT_EQ(to_utf8("\xC3"), "\uFFFD");
    EXPECT_EQ(to_utf8("fine €"), "fine €");
}

}  // namespace
}  // namespace drydock::json
