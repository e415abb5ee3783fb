#include "engine/sqlite/backup.h"

#include <gtest/gtest.h>

#include "tests/sqlite/temp_folder.h"

namespace drydock::sqlite {
namespace {

std::int64_t count(Connection& connection) {
    Statement statement = connection.prepare("select count(*) from t");
    statement.step();
    return statement.column_int(0);
}

TEST(OnlineBackup, CopiesOneMomentWhileAnotherProgramWrites) {
    const tests::TempFolder folder;
    Connection writer(folder.file("a.db"), {.mode = Mode::Create});
    writer.exec(
        "create table t (a); "
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 500) "
        "insert into t select zeroblob(2000) from n");
    Connection from(folder.file("a.db"), {.mode = Mode::ReadOnly});
    Connection to(folder.file("b.db"), {.mode = Mode::Create});
    OnlineBackup backup(from, to);
    ASSERT_TRUE(backup.step(10));
    const std::int64_t left = backup.pages_left();
    EXPECT_LT(left, backup.pages_total());
    writer.exec("insert into t values (1); insert into t values (2)");
    ASSERT_TRUE(backup.step(1));
    EXPECT_GT(backup.pages_left(), left) << "it must have started over";
    while (backup.step(50)) {
    }
    EXPECT_EQ(count(to), 502);
}

}  // namespace
}  // namespace drydock::sqlite
