#include <gtest/gtest.h>

#include <random>

#include "engine/error.h"
#include "engine/json/json.h"

namespace drydock::json {
namespace {

TEST(TypedJson, BringsEveryKindBackAsItWas) {
    const Value value(Value::Map{{"duration", Duration{Microseconds(-7)}},
                                 {"size", Size{INT64_MAX}},
                                 {"time", Timestamp{1'763'690'400'000'001}},
                                 {"bytes", std::string("\xff\0\x01", 3)},
                                 {"text", "ä\n"},
                                 {"number", 3.0},
                                 {"list", Value::List{Value(), true, INT64_MIN, 0.1}},
                                 {"empty", Value::Map{}}});
    EXPECT_EQ(parse_typed(write_typed(value)), value);
}

TEST(TypedJson, UsesTheTagsThatTheJournalHolds) {
    EXPECT_EQ(write_typed(Duration{Microseconds(5)}), R"({"$duration":5})");
    EXPECT_EQ(write_typed(Size{5}), R"({"$size":5})");
    EXPECT_EQ(write_typed(Timestamp{5}), R"({"$timestamp":5})");
    EXPECT_EQ(write_typed(Value("\xff")), R"({"$bytes":"/w=="})");
    EXPECT_EQ(write_typed(Secret("pw", "canary")), R"({"$secret":"pw"})");
}

TEST(TypedJson, KeepsASecretsNameAndNeverItsText) {
    const Value back = parse_typed(write_typed(Value(Value::List{Secret("pw", "canary")})));
    const Secret& secret = back.as<Value::List>().front().as<Secret>();
    EXPECT_EQ(secret.name(), "pw");
    EXPECT_EQ(secret.reveal(), "");
}

TEST(TypedJson, WrapsMapsThatLookLikeATag) {
    const Value tagged(Value::Map{{"$size", 5}});
    EXPECT_EQ(write_typed(tagged), R"({"$map":{"$size":5}})");
    const Value map_of_map(Value::Map{{"$map", tagged}});
    const Value two(Value::Map{{"$map", tagged}, {"b", Size{1}}});
    const Value around(Value::Map{{"$x", Size{1}}});
    for (const Value& value : {tagged, map_of_map, two, around}) {
        EXPECT_EQ(parse_typed(write_typed(value)), value) << write_typed(value);
    }
}

TEST(TypedJson, RefusesTagsThatItDoesNotKnowOrThatHoldSomethingElse) {
    for (const char* text : {R"({"$later":1})", R"({"$size":"1"})", R"({"$size":1.5})",
                             R"({"$map":1})", R"({"$bytes":"?"})", R"({"$secret":null})"}) {
        EXPECT_THROW((void)parse_typed(text), Error) << text;
    }
}

TEST(TypedJson, RefusesAKeyThatIsNoText) {
    EXPECT_THROW((void)write_typed(Value(Value::Map{{"\xff", 1}})), Error);
}

class RandomValues {
  public:
    Value make(int depth) {
        switch (pick(depth > 0 ? 9 : 7)) {
            case 0: return {};
            case 1: return pick(2) == 1;
            case 2: return static_cast<std::int64_t>(source_());
            case 3: return static_cast<double>(static_cast<std::int64_t>(source_())) / 1024;
            case 4: return text();
            case 5: return Size{static_cast<std::int64_t>(source_())};
            case 6: return Duration{Microseconds(pick(1000))};
            case 7: return list(depth);
            default: return map(depth);
        }
    }

  private:
    int pick(int count) { return static_cast<int>(source_() % static_cast<unsigned>(count)); }
    std::string text() {
        std::string out;
        for (int left = pick(12); left > 0; --left) {
            out += static_cast<char>(pick(pick(4) == 0 ? 256 : 128));
        }
        return out;
    }
    Value list(int depth) {
        Value::List out;
        for (int left = pick(4); left > 0; --left) out.push_back(make(depth - 1));
        return out;
    }
    Value map(int depth) {
        static const std::vector<std::string> kKeys{"a", "$map", "$size", "\"", "ä", ""};
        Value::Map out;
        for (int left = pick(3); left > 0; --left) {
            out[kKeys[static_cast<std::size_t>(pick(6))]] = make(depth - 1);
        }
        return out;
    }
    std::mt19937_64 source_{1};
};

TEST(TypedJson, RoundTripsTwentyThousandRandomValues) {
    RandomValues values;
    for (int count = 0; count < 20'000; ++count) {
        const Value value = values.make(4);
        const std::string text = write_typed(value);
        ASSERT_EQ(parse_typed(text), value) << text;
        ASSERT_TRUE(is_utf8(text));
    }
}

}  // namespace
}  // namespace drydock::json
