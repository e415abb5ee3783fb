#include "engine/backup/vacuum.h"

#include "tests/backup/backup_fixture.h"

namespace drydock::backup {
namespace {

class VacuumTest : public BackupTest {};

TEST_F(VacuumTest, NeedsTheBytesOfThePagesInUse) {
    EXPECT_EQ(vacuum_need(database(), 100, 40, 4096).copy_bytes, 60 * 4096);
    EXPECT_EQ(vacuum_need(database(), 100, 40, 4096).database_folder, real_);
    EXPECT_NO_THROW(check_vacuum_room(vacuum_need(database(), 100, 40, 4096)));
}

TEST_F(VacuumTest, SaysHowMuchIsMissingBeforeItBegins) {
    const Error error =
        failure([&] { check_vacuum_room(vacuum_need(database(), 1LL << 40, 0, 4096)); });
    EXPECT_EQ(error.code(), ErrorCode::File);
    EXPECT_NE(error.message().find("it needs "), std::string::npos);
    EXPECT_NE(error.message().find(" are free"), std::string::npos);
}

TEST_F(VacuumTest, WritesItsCopyWhereSqliteDoes) {
    const std::string place = file("scratch");
    std::filesystem::create_directory(place);
    ::setenv("SQLITE_TMPDIR", place.c_str(), 1);
    EXPECT_EQ(vacuum_need(database(), 1, 0, 4096).temporary_folder, place);
    ::unsetenv("SQLITE_TMPDIR");
}

}  // namespace
}  // namespace drydock::backup
