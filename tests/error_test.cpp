#include "engine/error.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace drydock {
namespace {

TEST(Error, CarriesTheDocumentedExitStatus) {
    EXPECT_EQ(exit_status(ErrorCode::Usage), 2);
    EXPECT_EQ(exit_status(ErrorCode::Refused), 5);
    EXPECT_EQ(exit_status(ErrorCode::Integrity), 8);
    EXPECT_EQ(exit_status(ErrorCode::Journal), 9);
    EXPECT_EQ(exit_status(ErrorCode::Busy), 1);
}

TEST(Error, ReadsItsNamesBack) {
    for (int i = 0; i <= static_cast<int>(ErrorCode::Lua); ++i) {
        const auto code = static_cast<ErrorCode>(i);
        EXPECT_EQ(error_code_from_name(error_name(code)), code);
    }
}

TEST(Error, GainsContextAndKeepsItsHint) {
    const Error error = Error(ErrorCode::Busy, "database is locked", "wait").in("opening app.db");
    EXPECT_EQ(error.message(), "opening app.db: database is locked");
    EXPECT_EQ(error.hint(), "wait");
}

TEST(Error, NamesTheSystemsReason) {
    try {
        throw_errno(ErrorCode::File, "writing x", ENOSPC);
    } catch (const Error& error) {
        EXPECT_EQ(error.message(), "writing x: No space left on device");
        EXPECT_FALSE(error.hint().empty());
    }
}

}  // namespace
}  // namespace drydock
