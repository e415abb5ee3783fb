#include "tests/bindings/script_fixture.h"

namespace drydock::bindings {
namespace {

using Values = ScriptTest;

TEST_F(Values, KeepTheirTypesBothWays) {
    context_->names_.params_ = Value::Map{{"whole", std::int64_t{9007199254740993}},
                                          {"number", 0.1},
                                          {"text", std::string("a\0b", 3)},
                                          {"yes", true},
                                          {"list", Value::List{1, Value(), "x", Value::List{}}},
                                          {"map", Value::Map{{"k", Value::Map{}}}}};
    EXPECT_EQ(run("local out = {} for k in pairs(params) do out[k] = params[k] end return out"),
              context_->names_.params_);
    EXPECT_EQ(run("return params"), context_->names_.params_);
}

TEST_F(Values, NullIsNilAsAMemberAndTheSentinelInAList) {
    context_->names_.params_ = Value::Map{{"none", Value()}, {"list", Value::List{Value(), 2}}};
    EXPECT_EQ(value_of("params.none == nil"), Value(true));
    EXPECT_EQ(value_of("params.list[1] == null and #params.list == 2"), Value(true));
    EXPECT_EQ(value_of("null"), Value());
    EXPECT_EQ(value_of("tostring(null) .. type(null)"), Value("nullnull"));
}

TEST_F(Values, AnEmptyTableIsAListUnlessItCameFromAMap) {
    EXPECT_EQ(value_of("{}"), Value(Value::List{}));
    context_->names_.params_ = Value::Map{{"map", Value::Map{}}};
    EXPECT_EQ(value_of("params.map"), Value(Value::Map{}));
    EXPECT_EQ(value_of("json.encode(json.decode('{\"a\":{},\"b\":[],\"c\":null}'))"),
              Value(R"({"a":{},"b":[],"c":null})"));
}

TEST_F(Values, AStepThatReturnsNothingHasNoOutput) {
    EXPECT_EQ(run("local x = 1"), Value());
    EXPECT_EQ(run("return {}"), Value(Value::Map{}));
}

TEST_F(Values, RefuseWhatIsNoValueAndSayWhere) {
    const std::pair<const char*, const char*> cases[] = {
        {"return {a = {b = {1, print}}}", "the output.a.b[2] is a function"},
        {"return {[1] = 1, x = 2}", "the output mixes text keys and others"},
        {"return {[1] = 1, [3] = 3}", "the output has holes"},
        {"return {[1.5] = 1}", "neither a text nor a whole number"},
        {"return {[true] = 1}", "neither a text nor a whole number"},
        {"local t = {} t.t = {t} return t", "the output.t[1] contains itself"},
        {"local t = {} for i = 1, 100 do t = {t} end return t", "is nested deeper than 64"},
        {"local t = 'x' for i = 1, 30 do t = {t, t} end return t", "1,000,000 parts"},
        {"local s = ('x'):rep(1 << 20) local t = {} for i = 1, 100 do t[i] = s end return t",
         "64 MiB of text"},
        {"return {c = {print}}", "the output.c[1] is a function"},
    };
    for (const auto& [text, message] : cases) {
        EXPECT_NE(error_of(text).message().find(message), std::string::npos)
            << text << "\n"
            << error_of(text).message();
    }
}

TEST_F(Values, AConnectionReadsAsItsName) {
    context_->connections_["app"] = "/nowhere";
    EXPECT_EQ(value_of("connections.app"), Value("app"));
}

TEST_F(Values, ParamsAndStepsCannotBeAssigned) {
    context_->names_.params_ = Value::Map{{"a", 1}};
    context_->names_.steps_["one"] = {{"status", "succeeded"}};
    for (const char* text : {"params.a = 2", "params.b = 2", "run.id = 'x'", "steps.one = 1",
                             "steps.one.rows = 1", "table.insert(params, 1)", "connections.app = 1",
                             "secrets.x = 1", "setmetatable(params, {})"}) {
        EXPECT_EQ(error_of(text).code(), ErrorCode::Lua) << text;
    }
}

TEST_F(Values, StepsAreReadByNameAndField) {
    context_->names_.steps_["expire"] = {{"status", "succeeded"}, {"rows", 12}};
    EXPECT_EQ(value_of("steps.expire.rows"), Value(12));
    EXPECT_EQ(value_of("steps.expire.other == nil"), Value(true));
    const Error error = error_of("return {v = steps.expre.rows}");
    EXPECT_NE(error.message().find("there is no step `expre`"), std::string::npos);
    EXPECT_EQ(error.hint(), "did you mean `expire`?");
}

}  // namespace
}  // namespace drydock::bindings
