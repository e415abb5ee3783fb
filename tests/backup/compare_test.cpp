#include "engine/backup/compare.h"

#include "tests/backup/backup_fixture.h"

namespace drydock::backup {
namespace {

class CompareTest : public BackupTest {};

TEST_F(CompareTest, CountsTheRowsThatOnlyOneSideHas) {
    const Found backup = take(kNight);
    EXPECT_EQ(summary(compare(job_, database(), backup.path)), "the same rows in every table");
    outside(database(),
            "delete from users where id = 1; update users set name = 'changed' where id = 2;"
            "create table fresh (a); insert into fresh values (1), (2)");
    const Comparison comparison = compare(job_, database(), backup.path);
    EXPECT_EQ(comparison.only_left, 3);
    EXPECT_EQ(comparison.only_right, 2);
    EXPECT_EQ(comparison.tables.size(), 2U);
}

TEST_F(CompareTest, ComparesTheColumnsThatBothHave) {
    const Found backup = take(kNight);
    outside(database(), "alter table users add column mail");
    const Comparison comparison = compare(job_, database(), backup.path);
    EXPECT_EQ(comparison.only_left + comparison.only_right, 0);
    EXPECT_NE(summary(comparison).find("other columns"), std::string::npos);
}

TEST_F(CompareTest, UnpacksACompressedBackup) {
    const Found backup = take(kNight, true);
    outside(database(), "delete from users where id <= 10");
    EXPECT_EQ(compare(job_, database(), backup.path).only_right, 10);
    EXPECT_FALSE(std::filesystem::exists(backup.path + ".compare"));
}

TEST_F(CompareTest, WritesInNeither) {
    const Found backup = take(kNight);
    const std::string before = bytes(database());
    (void)compare(job_, database(), backup.path);
    EXPECT_EQ(bytes(database()), before);
}

}  // namespace
}  // namespace drydock::backup
