#include "engine/runbook/declaration.h"

#include <gtest/gtest.h>

namespace drydock::runbook {
namespace {

std::vector<std::string> problems(const std::string& text,
                                  DeclarationUse use = DeclarationUse::Param) {
    Report report("x", text);
    const auto root = parse_source(text, report);
    if (root) (void)read_declarations(*root, "`params`", use, report);
    std::vector<std::string> found;
    for (const Diagnostic& one : report.take())
        found.push_back(std::to_string(one.place.line) + ":" + std::to_string(one.place.column) +
                        " " + one.message);
    return found;
}
using Lines = std::vector<std::string>;

TEST(Declaration, KnowsTheShortAndTheLongForm) {
    EXPECT_EQ(
        problems(
            "a: string\nb: {type: list, of: {type: map, fields: {x: duration}}, default: []}\n"),
        Lines{});
}

TEST(Declaration, RefusesWhatItDoesNotKnow) {
    EXPECT_EQ(problems("a: strin\n")[0].substr(0, 39), "1:4 the type of `a` is one of string, i");
    EXPECT_EQ(problems("a: {type: string, deflt: x}\n"), Lines{"1:19 `a` has no key `deflt`"});
    EXPECT_EQ(problems("a: {default: x}\n"), Lines{"1:4 `a` has no `type`"});
    EXPECT_EQ(problems("a-b: string\n"), Lines{"1:1 `a-b` is no name for a value"});
}

TEST(Declaration, ChecksItsOwnDefaultBoundsAndPattern) {
    EXPECT_EQ(problems("a: {type: integer, default: x}\n"),
              Lines{"1:29 the default of `a` is of type integer, here stands `x`"});
    EXPECT_EQ(problems("a: {type: integer, min: 5, default: 3}\n"),
              Lines{"1:37 the default of `a` is 3, at least 5 is wanted"});
    EXPECT_EQ(problems("a: {type: string, min: 5}\n"),
              Lines{"1:24 `min` belongs to numbers, durations, sizes and timestamps"});
    EXPECT_EQ(problems("a: {type: duration, max: 5}\n"),
              Lines{"1:26 `max` of `a` is of type duration, here stands `5`"});
    EXPECT_EQ(problems("a: {type: string, pattern: \"[\"}\n"),
              Lines{"1:28 `pattern` of `a` is no regular expression"});
    EXPECT_EQ(problems("a: {type: string, enum: x}\n"),
              Lines{"1:25 `enum` of `a` is a list of the values allowed"});
    EXPECT_EQ(problems("a: {type: string, of: string}\n"),
              Lines{"1:23 `of` belongs to lists and maps, `a` is of type string"});
    EXPECT_EQ(problems("a: {type: string, default: \"${params.b}\"}\n"),
              Lines{});  // said when it is known
}

TEST(Declaration, KeepsSecretsOutOfParamsAndResults) {
    EXPECT_EQ(problems("a: secret\n"), Lines{"1:4 `a` cannot be a secret: params are recorded"});
    EXPECT_EQ(problems("a: secret\n", DeclarationUse::Result),
              Lines{"1:4 `a` cannot be a secret: results are recorded"});
    EXPECT_EQ(problems("a: secret\n", DeclarationUse::ActionParam), Lines{});
    EXPECT_EQ(problems("a: {type: string, env: A}\n", DeclarationUse::ActionParam),
              Lines{"1:19 `a` has no key `env`"});
}

TEST(Declaration, IsReadFromATableOfLua) {
    const Value table = Value::Map{
        {"replicas", Value::Map{{"type", "integer"}, {"min", 0}}},
        {"api", "string"},
        {"args", Value::Map{{"type", "map"}, {"default", Value::List{}}}},
        {"pause", Value::Map{{"type", "duration"}, {"default", Duration{Microseconds(0)}}}},
        {"key", Value::Map{{"type", "secret"}, {"default", Value()}}}};
    const auto read =
        declarations_from_value(table, "params of scale", DeclarationUse::ActionParam);
    const auto* declared = std::get_if<Declarations>(&read);
    ASSERT_NE(declared, nullptr);
    EXPECT_EQ(names_of(*declared), (Lines{"api", "args", "key", "pause", "replicas"}));
    EXPECT_EQ(find_declaration(*declared, "replicas")->type, Type::Integer);
    EXPECT_TRUE(find_declaration(*declared, "key")->default_value.has_value());
    EXPECT_FALSE(find_declaration(*declared, "api")->default_value.has_value());
}

TEST(Declaration, SaysWhatIsWrongWithATableOfLua) {
    const auto read = declarations_from_value(Value::Map{{"a", "integr"}, {"b", 5}},
                                              "params of scale", DeclarationUse::ActionParam);
    const auto* problems_found = std::get_if<std::vector<ScriptProblem>>(&read);
    ASSERT_NE(problems_found, nullptr);
    ASSERT_EQ(problems_found->size(), 2U);
    EXPECT_EQ((*problems_found)[0].message.substr(0, 43),
              "params of scale: the type of `a` is one of ");
    EXPECT_EQ((*problems_found)[0].hint, "did you mean `integer`?");
    EXPECT_TRUE(std::holds_alternative<Declarations>(
        declarations_from_value(Value::List{}, "params of x", DeclarationUse::ActionParam)));
}

}  // namespace
}  // namespace drydock::runbook
