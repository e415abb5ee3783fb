#include "engine/sql/version.h"

#include <gtest/gtest.h>

#include "engine/error.h"

namespace drydock::sql {
namespace {

ErrorCode code_of(const char* have, const char* wanted) {
    try {
        require_version("PostgreSQL", have, wanted);
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::Lua;  // none
}

TEST(Version, IsComparedNumberByNumber) {
    for (const char* fits : {"15", "15.4", "9", "9.6.24", "15.3.9"})
        EXPECT_EQ(code_of("15.4", fits), ErrorCode::Lua) << fits;
    for (const char* newer : {"16", "15.5", "15.4.1", "100"})
        EXPECT_EQ(code_of("15.4", newer), ErrorCode::Check) << newer;
}

TEST(Version, MustBeNumbersWithDots) {
    for (const char* none : {"", "new", "v15", "15-beta", ".", "15.x"})
        EXPECT_EQ(code_of("15.4", none), ErrorCode::Document) << none;
}

}  // namespace
}  // namespace drydock::sql
