#include "engine/runbook/diagnostic.h"

#include <gtest/gtest.h>

#include "engine/runbook/report.h"

namespace drydock::runbook {
namespace {

TEST(Diagnostic, ShowsPlaceLineCaretAndHint) {
    const Diagnostic one{.path = "a.yaml",
                         .place = {.line = 3, .column = 9},
                         .message = "no such thing",
                         .hint = "write another",
                         .source_line = "\tid: ä x"};
    EXPECT_EQ(to_text(one),
              "a.yaml:3:9: error: no such thing\n  \tid: ä x\n  \t      ^\nhint: write another\n");
}

TEST(Diagnostic, ShowsNoPlaceWhereThereIsNone) {
    EXPECT_EQ(
        to_text({.path = "-p x", .place = {}, .message = "wrong", .hint = {}, .source_line = {}}),
        "-p x: error: wrong\n");
}

TEST(Diagnostic, FindsTheWordThatWasMeant) {
    const std::vector<std::string> words{"integrity", "expire", "vacuum", "a", "on"};
    EXPECT_EQ(did_you_mean("integirty", words), "integrity");
    EXPECT_EQ(did_you_mean("vacum", words), "vacuum");
    EXPECT_EQ(did_you_mean("expires", words), "expire");
    EXPECT_EQ(did_you_mean("backup", words), "");
    EXPECT_EQ(did_you_mean("b", words), "");
    EXPECT_EQ(did_you_mean("x", {}), "");
}

TEST(Report, SortsByPlaceAndSaysEachThingOnce) {
    const std::string text = "one\ntwo\r\n";
    Report report("f", text);
    report.add({.line = 2, .column = 1}, "b");
    report.add({.line = 1, .column = 2}, "a");
    report.add({.line = 2, .column = 1}, "b");
    const Diagnostics found = report.take();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].message, "a");
    EXPECT_EQ(found[1].source_line, "two");
    EXPECT_TRUE(report.empty());
}

TEST(Report, IsBoundedForHostileFiles) {
    Report report("f", "");
    for (std::uint32_t i = 1; i <= 5000; ++i) report.add({.line = i, .column = 1}, "x");
    EXPECT_EQ(report.take().size(), 1000U);
}

}  // namespace
}  // namespace drydock::runbook
