#include "tests/bindings/script_fixture.h"

// What is our own of Lua's standard library does what the manual says.
namespace drydock::bindings {
namespace {

using Standard = ScriptTest;

TEST_F(Standard, PairsGoesInOrder) {
    EXPECT_EQ(value_of("(function() local out = {} for k in pairs({z = 1, a = 1, 1, 1, [2.5] = 1, "
                       "[-1] = 1, b = 1, [true] = 1})"
                       " do out[#out + 1] = tostring(k) end return table.concat(out, ' ') end)()"),
              Value("-1 1 2 2.5 a b z true"));
}

TEST_F(Standard, PairsPassesByWhatIsRemovedMeanwhile) {
    EXPECT_EQ(value_of("(function() local t, n = {a = 1, b = 2, c = 3}, 0 for k, v in pairs(t) do "
                       "t.b = nil t[k] = nil n = n + v end "
                       "return n .. tostring(next(t)) end)()"),
              Value("4nil"));
    EXPECT_EQ(value_of("(function() local k, v = next({b = 2, a = 1}) return k .. v end)()"),
              Value("a1"));
}

TEST_F(Standard, PairsTakesMetamethodsAndRunValues) {
    context_->names_.params_ = Value::Map{{"b", 2}, {"a", 1}};
    EXPECT_EQ(value_of("(function() local s = '' for k, v in pairs(params) do s = s .. k .. v end "
                       "return s end)()"),
              Value("a1b2"));
    EXPECT_EQ(value_of("(function() local t = setmetatable({}, {__pairs = function() return "
                       "function(_, k) if not k then return 1, 2 end end end}) "
                       "for k, v in pairs(t) do return k + v end end)()"),
              Value(3));
    EXPECT_EQ(error_of("for k in pairs(steps) do end").hint(), "steps.ID.field");
    EXPECT_EQ(error_of("for k in pairs(secrets) do end").hint(), "secrets.NAME");
}

TEST_F(Standard, SortIsStableAndTakesAComparator) {
    EXPECT_EQ(value_of("(function() local t = {5, 3, 9, 1, 7, 2} table.sort(t) return "
                       "table.concat(t, ',') end)()"),
              Value("1,2,3,5,7,9"));
    EXPECT_EQ(value_of("(function() local t = {'a2', 'b1', 'c2', 'd1'} table.sort(t, function(x, "
                       "y) return x:sub(2) < y:sub(2) end) "
                       "return table.concat(t, ',') end)()"),
              Value("b1,d1,a2,c2"));
    EXPECT_EQ(
        value_of(
            "(function() local t = {} for i = 1, 10000 do t[i] = (i * 7919) % 10007 end "
            "table.sort(t) "
            "for i = 2, #t do if t[i] < t[i - 1] then return false end end return true end)()"),
        Value(true));
    EXPECT_EQ(value_of("(function() local t = {duration('2m'), duration('90s')} table.sort(t) "
                       "return tostring(t[1]) end)()"),
              Value("1m30s"));
}

TEST_F(Standard, TablesAreChangedInPlace) {
    EXPECT_EQ(value_of("(function() local t = {1, 2, 3} table.insert(t, 4) table.insert(t, 1, 0) "
                       "local r = table.remove(t, 2) "
                       "return table.concat(t, ',') .. ' ' .. r .. table.remove(t) .. "
                       "tostring(table.remove({})) end)()"),
              Value("0,2,3,4 14nil"));
    EXPECT_EQ(value_of("table.concat(table.move({1, 2, 3, 4}, 2, 4, 1), ',')"), Value("2,3,4,4"));
    EXPECT_EQ(value_of("table.concat(table.move({1, 2, 3}, 1, 3, 2), ',')"), Value("1,1,2,3"));
    EXPECT_EQ(value_of("table.concat(table.move({1, 2}, 1, 2, 2, {9}), ',')"), Value("9,1,2"));
    EXPECT_EQ(value_of("table.pack(1, nil, 3).n + select('#', table.unpack({1, 2}))"), Value(5));
    EXPECT_EQ(value_of("table.concat({1, 'a', 2.5}, '-', 2, 3)"), Value("a-2.5"));
}

TEST_F(Standard, FormatsNumbersAndTexts) {
    EXPECT_EQ(value_of("('%5d|%-5d|%05.1f|%x|%X|%o|%c|%e|%g|%i|%%'):format(42, 42, 3.14159, 255, "
                       "255, 8, 65, 1.5, 0.1, 7)"),
              Value("   42|42   |003.1|ff|FF|10|A|1.500000e+00|0.1|7|%"));
    EXPECT_EQ(value_of("('%s %10s %-6s| %.2s %q'):format(nil, 'right', 'left', 'cut', 'a\"b')"),
              Value("nil      right left  | cu \"a\\\"b\""));
    EXPECT_EQ(value_of("('%d'):format(3.0)"), Value("3"));
    EXPECT_EQ(value_of("('%s'):format({}):sub(1, 6)"), Value("table:"));
    for (const char* text : {"('%d'):format(3.5)", "('%d'):format('x')", "('%d'):format()",
                             "('%y'):format(1)", "('%'):format(1)"}) {
        EXPECT_EQ(error_of("return {v = " + std::string(text) + "}").code(), ErrorCode::Lua)
            << text;
    }
}

TEST_F(Standard, ReadsNumbers) {
    EXPECT_EQ(value_of("tonumber('0x10')"), Value(16));
    EXPECT_EQ(value_of("tonumber(' 1.5 ')"), Value(1.5));
    EXPECT_EQ(value_of("tonumber('ff', 16)"), Value(255));
    EXPECT_EQ(
        value_of("tostring(tonumber('x')) .. tostring(tonumber('9', 8)) .. tostring(tonumber({}))"),
        Value("nilnilnil"));
}

TEST_F(Standard, HasTheSafeRestOfTheStockLibraries) {
    EXPECT_EQ(value_of("('abc'):upper() .. ('x'):byte() .. string.char(65) .. ('abc'):sub(-2) .. "
                       "('ab'):reverse() .. #('ab'):rep(2, ',')"),
              Value("ABC120Abcba5"));
    EXPECT_EQ(value_of("math.max(1, 3) + math.floor(2.7) + math.tointeger(4.0)"), Value(9));
    EXPECT_EQ(value_of("utf8.len('häh')"), Value(3));
    EXPECT_EQ(value_of("select(2, 'a', 'b') .. select(-1, 'a', 'c')"), Value("bc"));
    EXPECT_EQ(value_of("rawequal(rawget({a = 1}, 'a'), 1) and rawlen({1, 2}) == 2"), Value(true));
}

TEST_F(Standard, ErrorsHaveLevels) {
    EXPECT_EQ(error_of("local function f() error('x', 2) end\nf()").message(), "weekly.yaml:11: x");
    EXPECT_EQ(error_of("assert(false)").message(), "weekly.yaml:10: assertion failed!");
    EXPECT_EQ(error_of("assert(nil, 'why')").message(), "why");
    EXPECT_EQ(value_of("assert(5, 'unused')"), Value(5));
    EXPECT_EQ(value_of("(function() local ok, a, b = pcall(function(x) return x, 2 end, 1) return "
                       "ok and a + b end)()"),
              Value(3));
}

}  // namespace
}  // namespace drydock::bindings
