#include "engine/sql/placeholders.h"

#include <gtest/gtest.h>

#include "engine/error.h"

namespace drydock::sql {
namespace {

std::string put(std::string_view sql, const Value::Map& named) {
    return with_identifiers(split(sql, Dialect::Sqlite).front(),
                            {.positional = {}, .named = named});
}

TEST(Placeholders, QuoteIdentifiersSoThatTheyStayIdentifiers) {
    EXPECT_EQ(
        put("delete from :\"table\" where :\"col\" = :v", {{"table", "users"}, {"col", "a b"}}),
        "delete from `users` where `a b` = :v");
    EXPECT_EQ(put("drop table :\"t\"", {{"t", "x`; drop table y; --"}}),
              "drop table `x``; drop table y; --`");
    EXPECT_EQ(put("select ':\"t\"'", {}), "select ':\"t\"'");
}

TEST(Placeholders, RefuseIdentifiersThatAreMissingOrNoName) {
    EXPECT_THROW(put("drop table :\"t\"", {}), Error);
    EXPECT_THROW(put("drop table :\"t\"", {{"t", 7}}), Error);
    EXPECT_THROW(put("drop table :\"t\"", {{"t", ""}}), Error);
    EXPECT_THROW(put("drop table :\"t\"", {{"t", std::string("a\0b", 3)}}), Error);
    EXPECT_THROW(put("drop table :\"t\"", {{"t", Secret("s", "canary")}}), Error);
}

TEST(Placeholders, FindValuesByPositionAndByName) {
    const Arguments arguments{.positional = {10, 20}, .named = {{"name", "x"}}};
    EXPECT_EQ(argument_for("$2", 0, arguments), Value(20));
    EXPECT_EQ(argument_for("?1", 0, arguments), Value(10));
    EXPECT_EQ(argument_for("", 1, arguments), Value(20));
    EXPECT_EQ(argument_for(":name", 0, arguments), Value("x"));
    EXPECT_EQ(argument_for("@name", 0, arguments), Value("x"));
}

TEST(Placeholders, NameTheParameterThatHasNoValue) {
    const Arguments arguments{.positional = {10}, .named = {}};
    for (const char* parameter : {"$2", "?0", ":name", "$name"}) {
        try {
            (void)argument_for(parameter, 0, arguments);
            FAIL() << parameter;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::Lua);
            EXPECT_NE(error.message().find(parameter), std::string::npos);
        }
    }
}

}  // namespace
}  // namespace drydock::sql
