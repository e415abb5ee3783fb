// Both forms of a report, from histories in which every text is hostile.

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

#include "engine/report/history.h"

namespace drydock::report {
namespace {

constexpr std::int64_t kStart = 1'763'693'467'000'000;
constexpr std::int64_t kSecond = 1'000'000;

// Every field that a user can write holds all of these.
const std::string kHostile =
    "<script>alert(1)</script><img src=x onerror=alert(1)> | `tick` **bold** [a](http://evil/) "
    "\" ' & \x1b[31m \u202egpj.exe\u2069 --> </style></title>\n# head\n| a | b |";

History hostile_history() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    History history{.run = "0123456789abcdefghjkmnpqrs",
                    .runbook = kHostile,
                    .title = kHostile,
                    .environment = kHostile,
                    .starter = kHostile,
                    .headline = "STOPPED",
                    .standing = kHostile,
                    .engine = kHostile,
                    .created = kStart,
                    .until = kStart + 100 * kSecond};
    history.params = history.outputs = {{kHostile, kHostile}};
    history.error = history.hint = history.help = history.contact = kHostile;
    history.in_effect = history.next = {kHostile};
    history.deeds = {{kStart, kHostile, kHostile}};
    Step step{.scope = "do/x",
              .id = kHostile,
              .title = kHostile,
              .part = "steps",
              .status = "failed",
              .remark = kHostile};
    step.began = kStart + 25 * kSecond;
    step.ended = kStart + 75 * kSecond;
    step.attempts = {{.n = 1,
                      .began = step.began,
                      .ended = kStart + 50 * kSecond,
                      .outcome = "retry",
                      .error = kHostile,
                      .hint = kHostile},
                     {.n = 2,
                      .began = kStart + 50 * kSecond,
                      .ended = step.ended,
                      .outcome = "failed",
                      .error = kHostile,
                      .hint = kHostile}};
    Gate gate{.prompt = kHostile, .by = kHostile, .need = 2, .opened = step.began};
    gate.items = {{kHostile, kHostile}};
    gate.answers = {{.who = kHostile,
                     .verdict = "approved",
                     .comment = kHostile,
                     .at = step.ended,
                     .form = {{kHostile, kHostile}},
                     .signed_items = {kHostile}}};
    step.gates = {gate};
    step.output = {{kHostile, kHostile}};
    step.receipts = {kHostile};
    history.steps = {step};
    return history;
}

// The names of all elements that a page opens, and their attributes.
std::vector<std::string> tags_of(const std::string& html) {
    std::vector<std::string> tags;
    for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1))
        tags.push_back(html.substr(at, html.find('>', at) - at + 1));
    return tags;
}

TEST(Html, HasOnlyOurOwnElementsWhateverTheTextsSay) {
    const std::string html = to_html(hostile_history());
    for (const std::string& tag : tags_of(html)) {
        EXPECT_EQ(tag.find("script"), std::string::npos) << tag;
        EXPECT_EQ(tag.find("img"), std::string::npos) << tag;
        EXPECT_EQ(tag.find(" on"), std::string::npos) << tag;
    }
    EXPECT_EQ(html.find("</style>"), html.rfind("</style>"));
    EXPECT_EQ(html.find("</title>"), html.rfind("</title>"));
    EXPECT_EQ(html.find('\x1b'), std::string::npos);
    EXPECT_EQ(html.find("\u202e"), std::string::npos);
    EXPECT_NE(html.find("&lt;script&gt;"), std::string::npos);
}

TEST(Html, NeedsNothingElse) {
    const std::string html = to_html(hostile_history());
    for (const char* way : {" src=", " href=", "url(", "@import", "<link", "<iframe"}) {
        std::size_t found = 0;
        for (const std::string& tag : tags_of(html)) found += tag.find(way) != std::string::npos;
        EXPECT_EQ(found, 0U) << way;
    }
    const std::size_t style_end = html.find("</style>");
    for (const char* way : {"url(", "@import"})
        EXPECT_GT(html.find(way), style_end) << way;  // in texts only, if at all
    EXPECT_NE(html.find("default-src 'none'"), std::string::npos);
    EXPECT_NE(html.find("prefers-color-scheme: dark"), std::string::npos);
    EXPECT_NE(html.find("@media print"), std::string::npos);
    EXPECT_NE(html.find("width=device-width"), std::string::npos);
}

TEST(Html, PutsAttemptsOnTheLineOfTime) {
    const std::string html = to_html(hostile_history());
    EXPECT_NE(html.find("left:25.00%;width:25.00%"), std::string::npos);
    EXPECT_NE(html.find("left:50.00%;width:25.00%"), std::string::npos);
}

TEST(Html, StaysOnTheLineOfTimeWhenClocksWentBack) {
    History history = hostile_history();
    history.until = kStart;
    history.steps.front().attempts.front().ended = kStart - 5 * kSecond;
    const std::string html = to_html(history);
    EXPECT_EQ(html.find("width:-"), std::string::npos);
    EXPECT_EQ(html.find("left:-"), std::string::npos);
}

TEST(Html, ClosesWhatItOpens) {
    const std::string html = to_html(hostile_history());
    for (const char* name : {"section", "div", "dl", "ul", "li", "table", "tr", "td", "header",
                             "main", "body", "html", "h1", "h2", "blockquote", "span", "b", "p"}) {
        std::size_t opened = 0, closed = 0;
        for (const std::string& tag : tags_of(html)) {
            const std::string word = tag.substr(1, tag.find_first_of(" >") - 1);
            opened += word == name;
            closed += word == std::string("/") + name;
        }
        EXPECT_EQ(opened, closed) << name;
    }
}

TEST(Markdown, KeepsEveryTextWithinItsLineAndCell) {
    const std::string markdown = to_markdown(hostile_history());
    std::istringstream lines(markdown);
    std::size_t heads = 0;
    for (std::string line; std::getline(lines, line);) {
        EXPECT_EQ(line.find("<script"), std::string::npos) << line;
        EXPECT_EQ(line.find("<img"), std::string::npos) << line;
        EXPECT_EQ(line.find('\x1b'), std::string::npos) << line;
        EXPECT_EQ(line.find("\u202e"), std::string::npos) << line;
        EXPECT_NE(line, "| a | b |");
        EXPECT_NE(line, "# head");
        heads += line.starts_with("# ");
        if (!line.starts_with("| ")) continue;
        // Every bar of a text is escaped: what is left are the cells of ours.
        std::size_t cells = 0;
        for (std::size_t i = 0; i < line.size(); ++i)
            cells += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
        EXPECT_TRUE(cells == 3 || cells == 4 || cells == 7) << line;
    }
    EXPECT_EQ(heads, 1U);
}

}  // namespace
}  // namespace drydock::report
