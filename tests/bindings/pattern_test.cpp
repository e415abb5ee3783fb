#include "bindings/pattern.h"

#include <lua.hpp>
#include <memory>

#include "engine/error.h"
#include "tests/bindings/script_fixture.h"

namespace drydock::bindings {
namespace {

// The stock library, to compare with.
class Stock final {
  public:
    Stock() : state_(luaL_newstate(), lua_close) { luaL_openlibs(state_.get()); }
    // The results of `expression` joined by "|", or "error".
    std::string results(const std::string& expression) {
        const std::string text =
            "local r = table.pack(" + expression +
            ") for i = 1, r.n do r[i] = tostring(r[i]) end return table.concat(r, '|')";
        if (luaL_dostring(state_.get(), text.c_str()) != LUA_OK) return "error";
        return lua_tostring(state_.get(), -1);
    }

  private:
    std::unique_ptr<lua_State, void (*)(lua_State*)> state_;
};

class Patterns : public ScriptTest {
  protected:
    std::string results(const std::string& expression) {
        try {
            return run("local r = table.pack(" + expression +
                       ") for i = 1, r.n do r[i] = tostring(r[i]) end return {v = table.concat(r, "
                       "'|')}")
                .as<Value::Map>()
                .at("v")
                .as<std::string>();
        } catch (const Error&) {
            return "error";
        }
    }
};

TEST_F(Patterns, MatchAsTheStockLibraryDoes) {
    Stock stock;
    const char* texts[] = {"",
                           "a",
                           "hello world",
                           "key = value",
                           "[[x]]",
                           "(a(b)c)d",
                           "aaa",
                           "2026-11-21T02:00",
                           "THE (quick) fox",
                           "x,y,,z",
                           "  trim  ",
                           "abcabc",
                           "%d",
                           "a.b.c"};
    const char* patterns[] = {"a",           "a*",       "a+",          "a-",
                              "a?",          "",         "^a",          "a$",
                              "^$",          "(a)(b)",   "(%w+)",       "()",
                              "%s*(.-)%s*$", "%b()",     "%f[%w]%w+",   "(%w+) = (%w+)",
                              "[a-c]+",      "[^a-c]+",  "[]]+",        "[%w_]+",
                              "[%]%-x]",     "(a)%1",    "(abc)%1",     "%.",
                              "%d+-%d+",     "((a)(b))", "^(.-),(.*)$", "[a-]",
                              "[^]]",        ".-b",      "%u+",         "%S+",
                              "x*$",         "^^a",      "a^",          "$a",
                              "%x%x",        "[%a%d]*",  "..?",         "(()x)"};
    for (const char* text : texts) {
        for (const char* pattern : patterns) {
            const std::string both =
                std::string("(") + "[==[" + text + "]==], [==[" + pattern + "]==]";
            for (const std::string& expression :
                 {"string.find" + both + ")", "string.match" + both + ")",
                  "string.find" + both + ", 2)", "string.match" + both + ", -3)",
                  "string.gsub" + both + ", '<%0>')", "string.gsub" + both + ", '%1', 2)",
                  "string.find" + both + ", 1, true)",
                  "string.gsub" + both + ", {a = 1, b = false})",
                  "string.gsub" + both + ", function(x) if x == 'a' then return 'Q' end end)",
                  "(function() local t = {} for a, b in string.gmatch" + both +
                      ") do t[#t + 1] = tostring(a) .. ':' .. tostring(b) end return "
                      "table.concat(t, ';') end)()"}) {
                EXPECT_EQ(results(expression), stock.results(expression)) << expression;
            }
        }
    }
}

TEST_F(Patterns, AreRefusedWhenMalformedWhateverTheText) {
    for (const char* pattern :
         {"(", ")", "[a", "[", "[^", "%", "%b", "%bx", "%f", "%fa", "(a", "a)", "%0", "[%"}) {
        EXPECT_NE(error_of("return (''):find('" + std::string(pattern) + "')")
                      .message()
                      .find("malformed pattern"),
                  std::string::npos)
            << pattern;
    }
    EXPECT_NE(error_of("return ('aa'):find('%1')").message().find("invalid capture index"),
              std::string::npos);
    EXPECT_NE(error_of("return ('aa'):find('(a%1)')").message().find("invalid capture index"),
              std::string::npos);
}

TEST_F(Patterns, RefuseToTakeForEver) {
    EXPECT_NE(error_of("return ('a'):rep(200):find(('(a-)'):rep(30) .. 'b')")
                  .message()
                  .find("pattern takes too long"),
              std::string::npos);
}

TEST_F(Patterns, ArePolledWhileTheyMatch) {
    int polls = 0;
    Pattern pattern("(a-)(a-)(a-)(a-)b", Pattern::Caret::Anchors, [&] {
        if (++polls == 3) throw execute::Stopped{};
    });
    std::size_t end = 0;
    EXPECT_THROW((void)pattern.match_at(std::string(500, 'a'), 0, end), execute::Stopped);
}

}  // namespace
}  // namespace drydock::bindings
