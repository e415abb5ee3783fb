// Whatever stands in a document, the answer is a diagnostic, and it comes at once.

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>

#include "tests/handbook/documents.h"

namespace drydock::handbook {
namespace {

// Of the processor: a machine under load says nothing about us.
constexpr std::clock_t kAtOnce = CLOCKS_PER_SEC;

// How long reading takes, and that it finds something.
void expect_refused_at_once(const Written& document) {
    const std::clock_t begin = std::clock();
    const runbook::Diagnostics found = read(document);
    const std::clock_t took = std::clock() - begin;
    EXPECT_LT(took, kAtOnce) << document.name;
    ASSERT_FALSE(found.empty()) << document.name << " is accepted";
    for (const runbook::Diagnostic& one : found) {
        EXPECT_FALSE(one.message.empty()) << document.name;
        EXPECT_FALSE(one.message.ends_with('.')) << one.message;
        EXPECT_LT(to_text(one).size(), 4096U) << document.name;
    }
}

class BrokenDocument : public ::testing::TestWithParam<Written> {};

TEST_P(BrokenDocument, IsRefusedAtOnceWithADiagnostic) {
    expect_refused_at_once(GetParam());
}

TEST_P(BrokenDocument, IsRefusedWithAPlaceInTheFile) {
    const runbook::Diagnostics found = read(GetParam());
    const auto lines = std::count(GetParam().text.begin(), GetParam().text.end(), '\n') + 1;
    for (const runbook::Diagnostic& one : found) {
        EXPECT_GE(one.place.line, 1U) << to_text(one);
        EXPECT_LE(one.place.line, lines) << to_text(one);
    }
}

INSTANTIATE_TEST_SUITE_P(All, BrokenDocument, ::testing::ValuesIn(broken_documents()),
                         [](const auto& file) { return file.param.name; });

TEST(BrokenDocuments, AreManyAndOfEveryKind) {
    EXPECT_GE(broken_documents().size(), 60U);
}

std::string repeated(std::string_view piece, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += piece;
    return text;
}

constexpr std::size_t kFiveMegabytes = 5'000'000;

TEST(HugeDocument, WithAScalarOfFiveMegabytesIsRefusedAtOnce) {
    expect_refused_at_once({"huge_scalar", "runbook",
                            "runbook: huge\ntitle: " + std::string(kFiveMegabytes, 'x') + "\n"});
    expect_refused_at_once(
        {"huge_name", "runbook", "runbook: " + std::string(1'000'000, 'x') + "\n"});
    expect_refused_at_once({"huge_word", "runbook",
                            "runbook: huge\non_failure: " + std::string(1'000'000, 'x') + "\n"});
    expect_refused_at_once(
        {"huge_key", "runbook", "runbook: huge\n? " + std::string(1'000'000, 'x') + "\n: 1\n"});
    expect_refused_at_once(
        {"huge_settings", "settings", "journal: " + std::string(kFiveMegabytes, 'x')});
}

TEST(HugeDocument, OfManyPartsIsRefusedAtOnce) {
    expect_refused_at_once(
        {"many", "runbook", "runbook: many\nfiles: [" + repeated("a,", 300'000) + "a]\n"});
    expect_refused_at_once(
        {"deep", "runbook", "runbook: deep\nfiles: " + std::string(500'000, '[')});
    expect_refused_at_once(
        {"deep_maps", "runbook", "runbook: deep\noutputs: " + repeated("{a: ", 200'000)});
    expect_refused_at_once({"unknown_keys", "runbook", [] {
                                std::string text = "runbook: keys\nsteps: []\n";
                                for (int i = 0; i < 2'000; ++i)
                                    text += "key_" + std::to_string(i) + ": 1\n";
                                return text;
                            }()});
    expect_refused_at_once(
        {"templates", "runbook",
         "runbook: templates\noutputs: {a: \"" + repeated("${1+}", 2'000) + "\"}\n"});
    expect_refused_at_once({"brackets", "runbook",
                            "runbook: brackets\nsteps:\n  - {id: a, when: \"" +
                                std::string(200'000, '(') + "\", lua: return 1}\n"});
}

}  // namespace
}  // namespace drydock::handbook
