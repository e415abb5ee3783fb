#include "engine/sql/sqlite_policy.h"

#include <gtest/gtest.h>

namespace drydock::sql {
namespace {

using sqlite::Action;

TEST(SqlitePolicy, NeverLetsAScriptTouchTheTransaction) {
    for (const Access access : {Access::Read, Access::Write, Access::Alone}) {
        EXPECT_FALSE(allowed(access, false, Action::Transaction, "COMMIT", nullptr));
        EXPECT_FALSE(allowed(access, false, Action::Savepoint, "BEGIN", "x"));
    }
}

TEST(SqlitePolicy, LetsOnlyVacuumAttachAFileAndBegin) {
    EXPECT_FALSE(allowed(Access::Write, false, Action::Attach, "x.db", nullptr));
    EXPECT_FALSE(allowed(Access::Alone, false, Action::Attach, "x.db", nullptr));
    EXPECT_TRUE(allowed(Access::Alone, true, Action::Attach, "", nullptr));
    EXPECT_TRUE(allowed(Access::Alone, true, Action::Transaction, "BEGIN", nullptr));
    EXPECT_FALSE(allowed(Access::Write, true, Action::Transaction, "BEGIN", nullptr));
}

TEST(SqlitePolicy, TellsReadingPragmasFromThoseThatChangeSomething) {
    EXPECT_TRUE(allowed(Access::Read, false, Action::Pragma, "integrity_check", nullptr));
    EXPECT_TRUE(allowed(Access::Read, false, Action::Pragma, "QUICK_CHECK", "1"));
    EXPECT_TRUE(allowed(Access::Read, false, Action::Pragma, "foreign_key_check", nullptr));
    EXPECT_TRUE(allowed(Access::Read, false, Action::Pragma, "page_count", nullptr));
    EXPECT_TRUE(allowed(Access::Read, false, Action::Pragma, "table_info", "t"));
    EXPECT_FALSE(allowed(Access::Write, false, Action::Pragma, "foreign_keys", "off"));
    EXPECT_FALSE(allowed(Access::Write, false, Action::Pragma, "Journal_Mode", "delete"));
    EXPECT_FALSE(allowed(Access::Write, false, Action::Pragma, "wal_checkpoint", nullptr));
    EXPECT_FALSE(allowed(Access::Read, false, Action::Pragma, "optimize", nullptr));
    EXPECT_TRUE(allowed(Access::Alone, false, Action::Pragma, "optimize", nullptr));
}

}  // namespace
}  // namespace drydock::sql
