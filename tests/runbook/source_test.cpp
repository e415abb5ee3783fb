#include "engine/runbook/source.h"

#include <gtest/gtest.h>

#include <chrono>

namespace drydock::runbook {
namespace {

struct Parsed {
    std::optional<SourceNode> root;
    std::vector<std::string> problems;  // "line:column message | hint"
};

Parsed parse(std::string_view text, const SourceLimits& limits = {}) {
    Report report("test.yaml", text);
    Parsed made{parse_source(text, report, limits), {}};
    for (const Diagnostic& one : report.take()) {
        made.problems.push_back(std::to_string(one.place.line) + ":" +
                                std::to_string(one.place.column) + " " + one.message + " | " +
                                one.hint);
    }
    return made;
}

std::string first_problem(std::string_view text) {
    const Parsed made = parse(text);
    return made.problems.empty() ? "" : made.problems[0];
}

TEST(Source, KeepsTextsAsWrittenAndKnowsWhichWerePlain) {
    const auto root = *parse("a: 010\nb: \"010\"\nc: ~\nd: 'null'\n").root;
    EXPECT_EQ(root.find("a")->text, "010");
    EXPECT_EQ(root.find("a")->style, ScalarStyle::Plain);
    EXPECT_EQ(root.find("b")->style, ScalarStyle::Quoted);
    EXPECT_TRUE(root.find("c")->is_null());
    EXPECT_FALSE(root.find("d")->is_null());
}

TEST(Source, PlacesEveryKeyAndValue) {
    const auto root = *parse("ä: x\nsteps:\n  - {id: one}\n").root;
    EXPECT_EQ(root.members[0].value.place, (Place{.line = 1, .column = 5}));  // columns count bytes
    EXPECT_EQ(root.members[1].value.items[0].members[0].value.place,
              (Place{.line = 3, .column = 10}));
}

TEST(Source, PlacesTheFirstLineOfABlockAndEachByteBehindIt) {
    const auto root = *parse("steps:\n  - lua: |\n      local a = 1\n\n      return a\n").root;
    const SourceNode& lua = *root.find("steps")->items[0].find("lua");
    EXPECT_EQ(lua.style, ScalarStyle::Literal);
    EXPECT_EQ(lua.text_place, (Place{.line = 3, .column = 7}));
    EXPECT_EQ(lua.place_of(lua.text.find("return")), (Place{.line = 5, .column = 7}));
    EXPECT_EQ(lua.place_of(lua.text.find("a = 1")), (Place{.line = 3, .column = 13}));
}

TEST(Source, PlacesABlockThatBeginsWithAnEmptyLine) {
    const SourceNode lua = parse("lua: |\n\n  x()\n").root->members[0].value;
    EXPECT_EQ(lua.text, "\nx()\n");
    EXPECT_EQ(lua.place_of(1), (Place{.line = 3, .column = 3}));
}

TEST(Source, RefusesAliasesAnchorsAndTags) {
    EXPECT_EQ(first_problem("a: &x 1\nb: 2\n"),
              "1:4 anchors (&x) are not allowed | write the value out where it is used");
    EXPECT_EQ(first_problem("a: *x\n"),
              "1:4 aliases (*name) are not allowed | quote a text that begins with `*`");
    EXPECT_EQ(first_problem("a: !!int 1\n").substr(0, 31), "1:4 tags (!…) are not allowed");
    EXPECT_EQ(first_problem("a: ! x\n").substr(0, 31), "1:4 tags (!…) are not allowed");
    const Parsed both = parse("a: &x 1\nb: *x\n");
    EXPECT_EQ(both.problems.size(), 2U);
}

TEST(Source, RefusesDuplicateKeysAtTheSecondAndGoesOn) {
    const Parsed made = parse("a: 1\nb: {c: 1, c: 2}\na: 3\n");
    ASSERT_TRUE(made.root);
    EXPECT_EQ(made.problems,
              (std::vector<std::string>{"2:11 the key `c` stands here twice | remove one of them",
                                        "3:1 the key `a` stands here twice | remove one of them"}));
}

TEST(Source, RefusesASecondDocument) {
    EXPECT_EQ(first_problem("a: 1\n---\nb: 2\n").substr(0, 36),
              "2:1 a second document begins here | ");
}

TEST(Source, SaysThatATabIndents) {
    EXPECT_EQ(first_problem("a:\n\tb: 1\n"),
              "2:1 a tab stands in the indentation | indent with spaces");
    EXPECT_EQ(first_problem("lua: |\n  if x then\n  \ty()\n  end\n"),
              "");  // inside a text a tab is a letter
}

TEST(Source, ExplainsWhatYamlMeans) {
    EXPECT_EQ(first_problem("a: b: c\n"),
              "1:5 a second `: ` in one line | quote a text that holds `: `");
    EXPECT_EQ(first_problem("a: {x: ${y}, z: 1}\n").substr(0, 38),
              "1:9 this { is not closed as expected |");
    EXPECT_EQ(first_problem("a: [1, 2\nb: 3\n").substr(0, 38),
              "2:2 this [ is not closed as expected |");
}

TEST(Source, FindsAQuoteThatIsNeverClosed) {
    EXPECT_EQ(first_problem("a: 1\nb: \"x\n\nc: 3\n"),
              "2:4 this quote is never closed | close it with \"");
    EXPECT_EQ(first_problem("a: 'it''s\n"), "1:4 this quote is never closed | close it with '");
    EXPECT_EQ(first_problem("a: \"x\\\"\"\nb: 'it''s'\n"), "");
}

TEST(Source, RefusesKeysThatAreNoTexts) {
    EXPECT_EQ(first_problem("[a, b]: 1\n"),
              "1:1 a key must be a plain text | quote a text that begins with [ or {");
}

TEST(Source, RefusesBytesThatAreNoText) {
    using namespace std::string_literals;
    EXPECT_EQ(first_problem("a: 1\nb: \0\n"s),
              "2:4 a NUL byte stands here: this is no text file | save the file as UTF-8 text");
    EXPECT_EQ(first_problem("a: 1\nb: \xff\n"),
              "2:1 this line is not valid UTF-8 | save the file as UTF-8 text");
}

TEST(Source, ReadsAByteOrderMarkAndWindowsLineEnds) {
    const Parsed made = parse("\xEF\xBB\xBF" "a: 1\r\nlua: |\r\n  x\r\n  y\r\n");
    ASSERT_TRUE(made.root);
    EXPECT_EQ(made.root->find("a")->text, "1");
    EXPECT_EQ(made.root->find("lua")->text, "x\ny\n");
}

TEST(Source, StopsAtDepthAndNumberOfNodes) {
    EXPECT_TRUE(parse(std::string(64, '[') + std::string(64, ']')).problems.empty());
    EXPECT_EQ(parse(std::string(65, '[') + std::string(65, ']')).problems,
              std::vector<std::string>{"1:65 nested more than 64 deep | flatten the document"});
    EXPECT_EQ(parse("[a, b, c]", {.nodes = 3}).problems[0].substr(0, 41),
              "1:8 more than 3 values in one document | ");
}

// Inputs that take YAML::Load seconds, or its life.
TEST(Source, EndsHostileInputsQuickly) {
    std::string bomb = "a: &a [x]\n";
    for (char c = 'b'; c <= 'z'; ++c) {
        const char before = static_cast<char>(c - 1);
        bomb += std::string(1, c) + ": &" + c + " [*" + before + ", *" + before + ", *" + before +
                "]\n";
    }
    std::string keys = "{";
    for (int i = 0; i < 90'000; ++i) keys += "k,";
    std::string flat = "[";
    for (int i = 0; i < 500'000; ++i) flat += "a,";
    const std::vector<std::string> inputs{bomb,
                                          "a: " + std::string(5'000'000, 'x'),
                                          std::string(1'000'000, '['),
                                          std::string(1'000'000, '{'),
                                          flat + "]",
                                          keys + "}",
                                          std::string(500'000, '-') + "\n",
                                          "a: \"" + std::string(1'000'000, 'q'),
                                          std::string(300'000, '?') + " ",
                                          std::string(1'000'000, '\t'),
                                          std::string(1'000'000, ' ') + "a"};
    for (const std::string& input : inputs) {
        const auto begin = std::chrono::steady_clock::now();
        const Parsed made = parse(input);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        // Milliseconds here, minutes where nothing is bounded; room for sanitizers.
        EXPECT_LT(took.count(), 20.0) << input.substr(0, 20);
    }
    EXPECT_EQ(parse(inputs[1]).problems[0].substr(0, 55),
              "1:1 the file has 5000003 bytes, more than 1048576 | put");
    EXPECT_FALSE(parse(bomb).problems.empty());
    EXPECT_FALSE(parse(flat).problems.empty());
}

}  // namespace
}  // namespace drydock::runbook
