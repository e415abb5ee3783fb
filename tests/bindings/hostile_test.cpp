#include <chrono>

#include "tests/bindings/script_fixture.h"

// Scripts that try to run for ever, to take all memory, to break out or to crash. Each must end
// soon after its deadline, or do no harm; whatever is still able to run afterwards is shown by a
// last script in the same process.
namespace drydock::bindings {
namespace {

using std::chrono::steady_clock;

struct Payload {
    const char* name;
    const char* text;
};

class Hostile : public ScriptTest, public testing::WithParamInterface<Payload> {
  protected:
    static constexpr Microseconds kDeadline{200'000};
    // Generous for a machine under load and for sanitizers; without the protections the payloads
    // run for minutes or for ever.
    static constexpr std::chrono::seconds kPatience{60};

    // How the payload ended.
    std::string outcome(const char* text) {
        context_->deadline_ = system_clock().boot() + kDeadline;
        try {
            run(text);
            return "returned";
        } catch (const execute::Stopped& stopped) {
            return stopped.reason == StopReason::Deadline ? "deadline" : "stopped";
        } catch (const Error& error) {
            return "error: " + error.message();
        }
    }
};

class Endless : public Hostile {};
class Refused : public Hostile {};

TEST_P(Endless, IsStoppedAtItsDeadlineAndCannotCatchIt) {
    const auto began = steady_clock::now();
    EXPECT_EQ(outcome(GetParam().text), "deadline");
    EXPECT_LT(steady_clock::now() - began, kPatience);
}

TEST_P(Refused, EndsWithAnErrorOrIsStopped) {
    const auto began = steady_clock::now();
    const std::string how = outcome(GetParam().text);
    EXPECT_TRUE(how.starts_with("error: ") || how == "deadline") << how;
    EXPECT_LT(steady_clock::now() - began, kPatience);
    context_->deadline_ = system_clock().boot() + Microseconds(60'000'000);
    EXPECT_EQ(value_of("1 + 1"), Value(2));
}

const Payload kEndless[] = {
    {"loop", "while true do end"},
    {"repeat_pcall", "while true do pcall(function() while true do end end) end"},
    {"pcall_of_pcall", "while true do pcall(pcall, pcall, error) end"},
    {"goto_loop", "::again:: goto again"},
    {"caught_then_loop", "pcall(function() while true do end end) while true do end"},
    {"loop_in_error_handler",
     "pcall(error, setmetatable({}, {__tostring = function() while true do end end})) while true "
     "do end"},
    {"tostring_loops", "print(setmetatable({}, {__tostring = function() while true do end end}))"},
    {"index_loops",
     "local t = setmetatable({}, {__index = function() while true do end end}) return t.x"},
    {"eq_loops",
     "local m = {__eq = function() while true do end end} return setmetatable({}, m) == "
     "setmetatable({}, m)"},
    {"len_loops", "return #setmetatable({}, {__len = function() while true do end end})"},
    {"concat_loops",
     "return setmetatable({}, {__concat = function() while true do end end}) .. 'x'"},
    {"call_loops", "setmetatable({}, {__call = function() while true do end end})()"},
    {"comparator_loops", "table.sort({3, 2, 1}, function() while true do end end)"},
    {"comparator_catches", "table.sort({3, 2, 1}, function() while true do pcall(error) end end)"},
    {"gsub_callback_loops", "(('x'):rep(10)):gsub('.', function() while true do end end)"},
    {"gsub_for_ever", "while true do local _ = (('x'):rep(1000)):gsub('x', 'yy') end"},
    {"pattern_in_pcall",
     "while true do pcall(string.find, ('a'):rep(200), ('(a-)'):rep(30) .. 'b') end"},
    {"big_texts", "local s = ('x'):rep(60000000) while true do local t = s .. 'y' end"},
    {"upper_of_big_text", "local s = ('x'):rep(60000000) while true do local t = s:upper() end"},
    {"reverse_of_big_text", "local s = ('x'):rep(30000000) while true do pcall(s.reverse, s) end"},
    {"out_of_memory_caught",
     "while true do pcall(function() local t = {} for i = 1, 1e9 do t[i] = {} end end) end"},
    {"memory_doubling_caught",
     "while true do pcall(function() local s = 'x' while true do s = s .. s end end) end"},
    {"pairs_of_many",
     "local t = {} for i = 1, 100000 do t[i] = i end while true do for k in pairs(t) do end end"},
    {"close_handler",
     "local m = {} local t = setmetatable({}, m) m.__close = function() while true do end end "
     "while true do pcall(function() local x <close> = t error('x') end) end"},
    {"nested_close_handlers",
     "local m = {} local t = setmetatable({}, m) m.__close = function() local y <close> = t end "
     "while true do pcall(function() local x <close> = t end) end"},
    {"recursion_caught", "local function f() return 1 + f() end while true do pcall(f) end"},
    {"error_objects",
     "local e = setmetatable({}, {__tostring = function(s) return tostring(s) end}) while true do "
     "pcall(error, e) pcall(tostring, e) end"},
    {"find_plain", "local s = ('x'):rep(60000000) while true do s:find('xy', 1, true) end"},
    {"unpack_many",
     "local t = {} for i = 1, 200000 do t[i] = i end while true do select('#', table.unpack(t)) "
     "end"},
    {"json_again_and_again",
     "local t = {} for i = 1, 20000 do t[i] = i end while true do json.encode(t) end"},
    {"once_loops", "once('k', function() while true do end end)"},
    {"format_many", "while true do pcall(string.format, '%99.99f', 1e308) end"},
    {"secret_grows",
     "local s = crypto.open(('k'):rep(32), crypto.seal(('k'):rep(32), 'x')) while true do "
     "pcall(function() while true do s = s .. s end end) end"},
};

const Payload kRefused[] = {
    {"backtracking", "return ('a'):rep(200):find(('(a-)'):rep(30) .. 'b')"},
    {"backtracking_star", "return ('a'):rep(60):find(('a*'):rep(30) .. 'b')"},
    {"backtracking_gmatch",
     "for _ in ('a'):rep(100):gmatch(('a?'):rep(50) .. ('a-'):rep(50) .. 'b') do end"},
    {"balance_again_and_again",
     "local s = ('('):rep(100000) for i = 1, 1e9 do s:find('%b()', 1) end"},
    {"pattern_too_complex", "('x'):find(('x'):rep(100000))  ('x'):find(('x?'):rep(100000))"},
    {"pattern_too_many_captures", "('x'):find(('()'):rep(40))"},
    {"memory_table", "local t = {} for i = 1, 1e12 do t[i] = i end"},
    {"memory_text", "local s = 'x' while true do s = s .. s end"},
    {"memory_closures", "local t while true do local u = t t = function() return u end end"},
    {"rep_huge", "return ('x'):rep(1 << 40)"},
    {"rep_overflow", "return ('xx'):rep(math.maxinteger)"},
    {"rep_separator", "return (''):rep(1 << 62, 'x')"},
    {"concat_huge_range", "return table.concat({}, 'x', 1, math.maxinteger)"},
    {"concat_backwards_range", "return table.concat({}, 'x', math.mininteger, math.maxinteger)"},
    {"unpack_huge", "return table.unpack({}, 1, 1e8)"},
    {"unpack_overflow", "return table.unpack({}, math.mininteger, math.maxinteger)"},
    {"move_huge", "table.move({}, 1, math.maxinteger, 2)"},
    {"move_overflow", "table.move({1, 2}, 1, 2, math.maxinteger)"},
    {"insert_far", "table.insert({}, math.maxinteger, 1)"},
    {"remove_far", "table.remove({}, 1e15)"},
    {"sort_error", "table.sort({3, 1, 'x'})"},
    {"deep_recursion", "local function f() return 1 + f() end f()"},
    {"deep_c_recursion", "local function f() return ('x'):gsub('x', f) end f()"},
    {"deep_sort_recursion", "local function f() table.sort({2, 1}, f) end f()"},
    {"deep_pcall_recursion",
     "local function f() local ok, e = pcall(f) if not ok then error(e) end end f() error('end')"},
    {"deep_metatable_chain",
     "local t = {} for i = 1, 1e5 do t = setmetatable({}, {__index = t}) end return t.x.y"},
    {"index_cycle", "local t = {} setmetatable(t, {__index = t}) return t.x.y"},
    {"gc_metamethod", "setmetatable({}, {__gc = function() while true do end end})"},
    {"mode_metamethod", "setmetatable({}, {__mode = 'k'})"},
    {"close_metamethod", "setmetatable({}, {__close = function() end})"},
    {"raw_gc_metamethod",
     "setmetatable({}, setmetatable({__gc = true}, {__index = function() end}))"},
    {"string_metatable", "getmetatable('').__index = nil"},
    {"string_metatable_call", "getmetatable('')()"},
    {"change_protected", "setmetatable(params, {})"},
    {"quantity_metatable", "getmetatable(duration('1s')).__add = nil"},
    {"error_metatable", "local _, e = pcall(fail, 'x') getmetatable(e).__tostring = nil"},
    {"load", "load('return 1')"},
    {"loadstring", "loadstring('return 1')"},
    {"dofile", "dofile('/etc/passwd')"},
    {"require", "require('os')"},
    {"os", "os.execute('id')"},
    {"io", "io.open('/etc/passwd')"},
    {"debug", "debug.getregistry()"},
    {"package", "package.loadlib('x', '*')"},
    {"collectgarbage", "collectgarbage('stop')"},
    {"coroutine", "coroutine.wrap(print)()"},
    {"coroutine_close", "local f = coroutine.close f(f)"},
    {"xpcall", "xpcall(error, function() while true do end end)"},
    {"string_dump", "string.dump(print)"},
    {"string_dump_method", "('').dump(print)"},
    {"random", "math.random()"},
    {"globals_table", "_G.print = nil"},
    {"bytecode", "\x1bLua\x54\x00"},
    {"format_quoted_object", "return ('%q'):format({})"},
    {"format_width", "return ('%999999999d'):format(1)"},
    {"format_precision", "return ('%.999999999f'):format(1)"},
    {"format_star", "return ('%*d'):format(999999999, 1)"},
    {"format_percent_n", "return ('%n'):format(1)"},
    {"tostring_no_text", "print(setmetatable({}, {__tostring = function() return {} end}))"},
    {"pack_huge", "return string.pack('c2147483647', 'x'):rep(10)"},
    {"utf8_bad", "return utf8.codepoint(('x'):rep(1e7), 1, -1)"},
    {"error_of_itself", "local e = {} e.message = e e.kind = e error(e)"},
    {"error_without_text", "error()"},
    {"error_table_secret_kind", "error(setmetatable({}, {__index = function() error('x') end}))"},
    {"json_deep", "return json.decode(('['):rep(100000))"},
    {"json_cyclic", "local t = {} t.t = t json.encode(t)"},
    {"wide_value", "local t = {} for i = 1, 30 do t = {t, t} end json.encode(t)"},
    {"next_goes_on", "next({1, 2}, 1)"},
    {"select_negative", "select(-5, 1)"},
    {"string_index", "local s = 'x' s.y = 1"},
    {"env_replaced", "local _ENV = {} print(1)"},
};

std::string name_of(const testing::TestParamInfo<Payload>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Payloads, Endless, testing::ValuesIn(kEndless), name_of);
INSTANTIATE_TEST_SUITE_P(Payloads, Refused, testing::ValuesIn(kRefused), name_of);

class Harmless : public Hostile {};

TEST_F(Harmless, EmptyRepetitionReturnsAtOnce) {
    EXPECT_EQ(value_of("(''):rep(1 << 62)"), Value(""));
}

TEST_F(Harmless, QuotingAMillionCharactersIsLinear) {
    EXPECT_EQ(value_of("#('%q'):format(('\\0\\n'):rep(5000000))"), Value(20'000'002));
}

TEST_F(Harmless, AComparatorThatLiesStillLeavesEachItemOnce) {
    EXPECT_EQ(value_of("(function() local t = {} for i = 1, 1000 do t[i] = i end "
                       "local n = 0 table.sort(t, function() n = n + 1 return n % 3 == 0 end) "
                       "local sum = 0 for i = 1, #t do sum = sum + t[i] end return sum end)()"),
              Value(500'500));
}

TEST_F(Harmless, AStopFromOutsideReachesALoop) {
    context_->cancel_.request(StopReason::Cancel);
    try {
        run("while true do pcall(error) end");
        FAIL() << "it returned";
    } catch (const execute::Stopped& stopped) {
        EXPECT_EQ(stopped.reason, StopReason::Cancel);
    }
}

TEST_F(Harmless, MemoryIsFreedForTheNextScript) {
    for (int i = 0; i < 5; ++i) {
        EXPECT_NE(error_of("local t = {} for i = 1, 1e12 do t[i] = i end")
                      .message()
                      .find("not enough memory"),
                  std::string::npos);
    }
    EXPECT_EQ(value_of("#('x'):rep(50000000)"), Value(50'000'000));
}

TEST_F(Harmless, MemoryErrorsCanBeCaughtAndNamed) {
    EXPECT_EQ(run("local ok, e = pcall(function() local t = {} for i = 1, 1e12 do t[i] = i end "
                  "end) return {ok = ok}"),
              Value(Value::Map{{"ok", false}}));
}

}  // namespace
}  // namespace drydock::bindings
