#include "engine/report/escape.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace drydock::report {
namespace {

TEST(HtmlText, HasNoMarkupLeft) {
    EXPECT_EQ(html_text(R"(<script>alert("1")</script> & 'x')"),
              "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;");
    EXPECT_EQ(html_text("two\nlines\tand a tab"), "two\nlines\tand a tab");
}

TEST(MarkdownText, HasNoMarkupLeft) {
    EXPECT_EQ(markdown_text("a|b `c` *d* _e_ [f](g) ~h~ \\ <i> & x"),
              "a\\|b \\`c\\` \\*d\\* \\_e\\_ \\[f\\](g) \\~h\\~ \\\\ &lt;i&gt; &amp; x");
    EXPECT_EQ(markdown_text("one\ntwo"), "one two");
    EXPECT_EQ(markdown_text("http://example.com at 02:41"), "http\\://example.com at 02:41");
}

// What cannot be seen must not change how the rest is seen.
TEST(EscapedText, ShowsWhatCannotBeSeen) {
    for (const auto escaped : {html_text, markdown_text}) {
        EXPECT_EQ(escaped("a\x1b[31mb"), escaped("a") + "⟨U+001B⟩" + escaped("[31mb"));
        EXPECT_EQ(escaped("exe\u202egpj"), "exe⟨U+202E⟩gpj");
        EXPECT_EQ(escaped("a\u2066b\u2069"), "a⟨U+2066⟩b⟨U+2069⟩");
        EXPECT_EQ(escaped("a\u200bb\ufeff"), "a⟨U+200B⟩b⟨U+FEFF⟩");
        EXPECT_EQ(escaped("a\u2028b"), "a⟨U+2028⟩b");
        EXPECT_EQ(escaped(std::string_view("a\0b", 3)), "a⟨U+0000⟩b");
        EXPECT_EQ(escaped("\xf3\xa0\x80\xa1"), "⟨U+E0021⟩");
        EXPECT_EQ(escaped("a\xff"), "a\ufffd");
        EXPECT_EQ(escaped("Grüße, Владимир, 東京 🚢"), "Grüße, Владимир, 東京 🚢");
    }
}

TEST(Moment, NamesTheDayWhenItIsAnother) {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    constexpr std::int64_t kMoment = 1'763'693'467'000'000;
    EXPECT_EQ(moment(kMoment), "2025-11-21 02:51:07");
    EXPECT_EQ(moment(kMoment, kMoment - 7'200'000'000), "02:51:07");
    EXPECT_EQ(moment(kMoment, kMoment - 86'400'000'000), "2025-11-21 02:51:07");
    EXPECT_EQ(zone(kMoment), "UTC");
}

TEST(Span, IsShort) {
    EXPECT_EQ(span(300'000), "0.3 s");
    EXPECT_EQ(span(41'000'000), "41 s");
    EXPECT_EQ(span(365'000'000), "6 min 5 s");
    EXPECT_EQ(span(7'800'000'000), "2 h 10 min");
}

}  // namespace
}  // namespace drydock::report
