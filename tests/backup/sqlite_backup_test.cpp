#include "engine/backup/sqlite_backup.h"

#include <sys/stat.h>

#include "engine/backup/copy.h"
#include "engine/backup/retention.h"
#include "tests/backup/backup_fixture.h"

namespace drydock::backup {
namespace {

class SqliteBackupTest : public BackupTest {};

TEST_F(SqliteBackupTest, IsAProvenCopyWithAManifestForOurUserOnly) {
    const Found found = take(kNight);
    EXPECT_EQ(found.path, backups() + "/app-20261121T020000Z.db");
    EXPECT_EQ(number(found.path, "select count(*) from users"), 3000);
    EXPECT_EQ(found.manifest.rows.at("users"), 3000);
    EXPECT_EQ(found.manifest.run, "01RUN");
    EXPECT_TRUE(found.manifest.verified_at.has_value());
    EXPECT_EQ(read_manifest(job_, found.path).sha256, files_.sha256(found.path));
    struct stat status {};
    ASSERT_EQ(::stat(found.path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(SqliteBackupTest, ContainsWhatIsOnlyInTheLog) {
    sqlite::Connection writer(database(), {});
    writer.exec("pragma journal_mode = wal; insert into users values (9000, 'in the log')");
    ASSERT_GT(std::filesystem::file_size(database() + "-wal"), 0U);
    const Found found = take(kNight);
    EXPECT_EQ(number(found.path, "select count(*) from users where id = 9000"), 1);
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(backups()))
        ++files;
    EXPECT_EQ(files, 2U) << "one file and its manifest, no log";
}

TEST_F(SqliteBackupTest, TakenAgainAtTheSameTimeIsTheSameFile) {
    std::ofstream(backups() + "/app-20261121T020000Z.db.part") << "left by a crash";
    take(kNight);
    const Found again = take(kNight);
    EXPECT_EQ(find_backups(job_, backups(), canonical_source(database())).size(), 1U);
    EXPECT_EQ(verify_backup(job_, again.path, std::nullopt).sha256, again.manifest.sha256);
    EXPECT_FALSE(std::filesystem::exists(backups() + "/app-20261121T020000Z.db.part"));
}

TEST_F(SqliteBackupTest, CompressesAndSealsAndIsProvenThroughBoth) {
    const crypto::Key key(std::string(32, 'k'));
    const crypto::Key other(std::string(32, 'o'));
    const Found found = take_backup(job_, {.source = database(),
                                           .folder = backups(),
                                           .at = kNight,
                                           .compress = true,
                                           .seal_with = key});
    EXPECT_EQ(found.manifest.file, "app-20261121T020000Z.db.gz.sealed");
    EXPECT_LT(found.manifest.bytes, found.manifest.database_bytes);
    EXPECT_EQ(bytes(found.path).find("user 000001"), std::string::npos);
    EXPECT_NO_THROW(verify_backup(job_, found.path, key));
    EXPECT_NO_THROW(verify_backup(job_, found.path, std::nullopt));
    EXPECT_EQ(failure([&] { verify_backup(job_, found.path, other); }).code(),
              ErrorCode::Integrity);
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(backups()))
        ++files;
    EXPECT_EQ(files, 2U) << "nothing unsealed is left behind";
}

TEST_F(SqliteBackupTest, OfADamagedDatabaseIsRefusedAndLeavesNoManifest) {
    damage(database(), 30 * 4096, 8192);
    const Error error = failure([&] { take(kNight); });
    EXPECT_EQ(error.code(), ErrorCode::Check);
    EXPECT_TRUE(find_backups(job_, backups(), canonical_source(database())).empty());
}

TEST_F(SqliteBackupTest, WaitsForALockOnlyAsLongAsItMay) {
    sqlite::Connection holder(database(), {});
    holder.exec("begin exclusive");
    const Error error = failure([&] {
        take_backup(job_, {.source = database(),
                           .folder = backups(),
                           .at = kNight,
                           .seal_with = {},
                           .busy_timeout = Microseconds(10'000)});
    });
    EXPECT_EQ(error.code(), ErrorCode::Busy);
}

TEST_F(SqliteBackupTest, IsOneMomentAlthoughTheSourceIsWrittenAllTheTime) {
    fill(database(), 10'000, 40'000);
    sqlite::Connection writer(database(), {});
    int round = 0;
    job_.progress = [&](std::int64_t, std::int64_t, std::string_view) {
        writer.exec("insert into users values (" + std::to_string(100'000 + ++round) +
                    ", 'r' || random())");
    };
    const Found found = take(kNight);
    EXPECT_GT(round, 1);
    EXPECT_GE(found.manifest.rows.at("users"), 33'001);
    EXPECT_TRUE(examine(job_, found.path).problems.empty());
}

struct Stop {};

TEST_F(SqliteBackupTest, StopsBetweenPagesWhenAsked) {
    job_.check_stop = [] { throw Stop{}; };
    EXPECT_THROW(take(kNight), Stop);
    EXPECT_TRUE(find_backups(job_, backups(), canonical_source(database())).empty());
}

}  // namespace
}  // namespace drydock::backup
