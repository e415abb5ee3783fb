#include "engine/runbook/convert.h"

#include <gtest/gtest.h>

#include "engine/error.h"
#include "engine/runbook/declaration.h"

namespace drydock::runbook {
namespace {

using namespace std::chrono_literals;

// A value and its declaration, as YAML. Expressions are looked up by their text.
class Conversion : public ::testing::Test {
  protected:
    Value read(const std::string& value, const std::string& declared) {
        const std::string text = "v: " + value + "\n";
        const std::string types = "v: " + declared + "\n";
        Report report("x", text);
        const SourceNode values = *parse_source(text, report);
        const SourceNode declarations = *parse_source(types, report);
        const Declarations made =
            read_declarations(declarations, "x", DeclarationUse::ActionParam, report);
        for (const Diagnostic& one : report.take()) ADD_FAILURE() << to_text(one);
        const Node node = to_node(*values.find("v"), &made[0].second, report);
        return resolve(node, &made[0].second, evaluator_, {"/work", "/books"}, "`v`");
    }
    std::string refusal(const std::string& value, const std::string& declared) {
        try {
            return "accepted: " + to_text(read(value, declared));
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::Document);
            return error.message();
        }
    }

    Value::Map names_;
    Evaluator evaluator_ = [this](const Expression& expression) -> Value {
        return names_[expression.text];
    };
};

TEST_F(Conversion, ReadsScalarsByTheDeclaredType) {
    EXPECT_EQ(read("010", "string"), Value("010"));
    EXPECT_EQ(read("16", "string"), Value("16"));
    EXPECT_EQ(read("true", "string"), Value("true"));
    EXPECT_EQ(read("16", "integer"), Value(16));
    EXPECT_EQ(read("\"16\"", "integer"), Value(16));
    EXPECT_EQ(read("0.7", "number"), Value(0.7));
    EXPECT_EQ(read("true", "boolean"), Value(true));
    EXPECT_EQ(read("1h30m", "duration"), Value(Duration{90min}));
    EXPECT_EQ(read("512KiB", "size"), Value(Size{512 << 10}));
    EXPECT_EQ(read("1970-01-01T00:00:01Z", "timestamp"), Value(Timestamp{1'000'000}));
}

TEST_F(Conversion, MakesPathsAbsoluteFromTheirFolders) {
    EXPECT_EQ(read("a/../b.db", "path"), Value("/work/b.db"));
    EXPECT_EQ(read("./m/", "source"), Value("/books/m"));
    EXPECT_EQ(read("/x//y", "path"), Value("/x/y"));
}

TEST_F(Conversion, ReadsTheCoreSchemaWhereNothingIsDeclared) {
    EXPECT_EQ(read("0", "any"), Value(0));
    EXPECT_EQ(read("1.5", "any"), Value(1.5));
    EXPECT_EQ(read("false", "any"), Value(false));
    EXPECT_EQ(read("\"0\"", "any"), Value("0"));
    EXPECT_EQ(read("no", "any"), Value("no"));
    EXPECT_EQ(read("1.2.3", "any"), Value("1.2.3"));
    EXPECT_EQ(read("{a: [1, x]}", "any"), Value(Value::Map{{"a", Value::List{1, "x"}}}));
}

TEST_F(Conversion, RefusesWhatIsOfAnotherTypeAndSaysWhatWouldDo) {
    EXPECT_EQ(refusal("five", "integer"), "line 1: `v` is of type integer, here stands `five`");
    EXPECT_EQ(refusal("yes", "boolean"), "line 1: `v` is of type boolean, here stands `yes`");
    EXPECT_EQ(refusal("[1]", "string"), "line 1: `v` is of type string, here stands a list");
    EXPECT_EQ(refusal("30", "duration"), "line 1: `v` is of type duration, here stands `30`");
    EXPECT_EQ(refusal("1ms", "duration"), "line 1: `v` is 1ms, out of range");
    EXPECT_EQ(refusal("1TiB", "size"), "line 1: `v` is 1TiB, out of range");
    EXPECT_EQ(refusal("[1, x]", "{type: list, of: integer}"),
              "line 1: `v`[2] is of type integer, here stands `x`");
}

TEST_F(Conversion, HoldsEnumPatternMinAndMax) {
    EXPECT_EQ(refusal("fulll", "{type: string, enum: [quick, full]}"),
              "line 1: `v` is `fulll`, not one of quick, full");
    EXPECT_EQ(refusal("A1", "{type: string, pattern: \"[a-z]+\"}"),
              "line 1: `v` is `A1`, which does not match [a-z]+");
    EXPECT_EQ(refusal("ab1", "{type: string, pattern: \"[a-z]+\"}"),
              "line 1: `v` is `ab1`, which does not match [a-z]+");  // whole text
    EXPECT_EQ(refusal("0", "{type: integer, min: 1}"), "line 1: `v` is 0, at least 1 is wanted");
    EXPECT_EQ(refusal("2h", "{type: duration, max: 90m}"),
              "line 1: `v` is 2h, at most 90m is wanted");
    EXPECT_EQ(read("90m", "{type: duration, max: 1h30m}"), Value(Duration{90min}));
}

TEST_F(Conversion, GivesFieldsTheirTypesAndDefaults) {
    const std::string declared =
        "{type: list, of: {type: map, fields: {table: string, keep: {type: duration, default: "
        "7d}}}}";
    EXPECT_EQ(read("[{table: 1}]", declared),
              Value(Value::List{Value::Map{{"table", "1"}, {"keep", Duration{7 * 24h}}}}));
    EXPECT_EQ(refusal("[{keep: 1d}]", declared), "line 1: `table` of `v`[1] must be given");
    EXPECT_EQ(refusal("[{table: a, kept: 1d}]", declared), "line 1: `v`[1] has no `kept`");
}

TEST_F(Conversion, KeepsTheTypeOfAWholeTemplateAndConvertsIt) {
    names_["n"] = Value(5.0);
    names_["seconds"] = Value(90);
    names_["list"] = Value(Value::List{1, 2});
    names_["text"] = Value("15m");
    EXPECT_EQ(read("\"${n}\"", "integer"), Value(5));
    EXPECT_EQ(read("\"${n}\"", "string"), Value("5.0"));
    EXPECT_EQ(read("\"${seconds}\"", "duration"), Value(Duration{90s}));
    EXPECT_EQ(read("\"${seconds}\"", "size"), Value(Size{90}));
    EXPECT_EQ(read("\"${text}\"", "duration"), Value(Duration{15min}));
    EXPECT_EQ(read("\"${list}\"", "{type: list, of: integer}"), Value(Value::List{1, 2}));
    EXPECT_EQ(read("\"n-${seconds}\"", "string"), Value("n-90"));
    EXPECT_EQ(refusal("\"${list}\"", "string"),
              "line 1: `v` is of type string, here stands a list");
    EXPECT_EQ(refusal("\"${n}\"", "boolean"),
              "line 1: `v` is of type boolean, here stands the number 5.0");
}

TEST_F(Conversion, TakesNilForAbsent) {
    EXPECT_EQ(refusal("\"${nothing}\"", "string"), "line 1: `v` must be given");
    EXPECT_EQ(refusal("null", "string"), "line 1: `v` must be given");
    EXPECT_EQ(read("\"${nothing}\"", "{type: string, default: x}"), Value("x"));
    EXPECT_EQ(read("~", "{type: string, default: null}"), Value());
}

TEST_F(Conversion, LetsSecretsGoToSecretsOnly) {
    names_["s"] = Secret("key", "geheim");
    EXPECT_TRUE(read("\"${s}\"", "secret").holds<Secret>());
    EXPECT_TRUE(read("{A: \"${s}\", B: plain}", "{type: map, of: secret}").contains_secret());
    for (const char* type : {"string", "any", "path", "sql"}) {
        const std::string message = type == std::string("sql") ? "" : refusal("\"x${s}\"", type);
        EXPECT_TRUE(message.empty() || message == "line 1: a secret may not go to `v`") << message;
    }
}

TEST_F(Conversion, ReadsAnEmptyLuaTableAsListOrMap) {
    names_["none"] = Value(Value::List{});
    names_["empty"] = Value(Value::Map{});
    EXPECT_EQ(read("\"${none}\"", "map"), Value(Value::Map{}));
    EXPECT_EQ(read("\"${empty}\"", "list"), Value(Value::List{}));
}

TEST(ConvertReturns, TakesTheDeclaredFieldsAndNamesWhatIsWrong) {
    Declarations returns(2);
    returns[0] = {"rows", {}};
    returns[0].second.type = Type::Integer;
    returns[1] = {"took", {}};
    returns[1].second.type = Type::Duration;
    const Value made =
        convert_returns(Value::Map{{"rows", 3.0}, {"other", 1}, {"took", 0.001}}, returns);
    EXPECT_EQ(made, Value(Value::Map{{"rows", 3}, {"took", Duration{1ms}}}));
    EXPECT_EQ(convert_returns({}, returns),
              Value(Value::Map{{"rows", Value()}, {"took", Value()}}));
    EXPECT_THROW((void)convert_returns(Value::Map{{"rows", "many"}}, returns), Error);
    EXPECT_THROW((void)convert_returns(Value(5), returns), Error);
}

}  // namespace
}  // namespace drydock::runbook
