#include "engine/backup/retention.h"

#include "tests/backup/backup_fixture.h"

namespace drydock::backup {
namespace {

class RetentionTest : public BackupTest {
  protected:
    [[nodiscard]] static Timestamp day(std::int64_t days) {
        return Timestamp{kNight.micros + days * kDay};
    }
    [[nodiscard]] static bool there(const Found& backup) {
        return std::filesystem::exists(backup.path);
    }
};

TEST_F(RetentionTest, LatestIsTheNewestProvenOneThatIsThere) {
    const Found first = take(day(0));
    const Found second = take(day(1));
    const Found third = take(day(2));
    EXPECT_EQ(latest_backup(job_, backups(), database(), std::nullopt).path, third.path);
    EXPECT_EQ(latest_backup(job_, backups(), database(), day(2)).path, second.path);
    std::filesystem::remove(third.path);
    Manifest unproven = second.manifest;
    unproven.verified_at.reset();
    write_manifest(job_, backups(), unproven);
    EXPECT_EQ(latest_backup(job_, backups(), database(), std::nullopt).path, first.path);
    EXPECT_FALSE(warnings_.empty()) << "a manifest whose file is gone is told";
    EXPECT_EQ(failure([&] {
                  (void)latest_backup(job_, backups(), file("other.db"), std::nullopt);
              }).code(),
              ErrorCode::File);
}

TEST_F(RetentionTest, VerifyFindsAnAlteredFileAndAnAlteredTable) {
    const Found found = take(kNight);
    EXPECT_EQ(verify_backup(job_, found.path, std::nullopt).sha256, found.manifest.sha256);
    Manifest other = found.manifest;
    other.rows["users"] = 2999;
    write_manifest(job_, backups(), other);
    EXPECT_NE(failure([&] { verify_backup(job_, found.path, std::nullopt); })
                  .message()
                  .find("table users"),
              std::string::npos);
    damage(found.path, 20'000, 1);
    const Error error = failure([&] { verify_backup(job_, found.path, std::nullopt); });
    EXPECT_EQ(error.code(), ErrorCode::Integrity);
    EXPECT_NE(error.message().find(found.manifest.sha256), std::string::npos);
    EXPECT_EQ(failure([&] { verify_backup(job_, database(), std::nullopt); }).code(),
              ErrorCode::File);
}

TEST_F(RetentionTest, CompressesTheOldOnesAndTheyStillProve) {
    const Found old = take(day(0));
    const Found young = take(day(40));
    const Freed freed = compress_backups(job_, backups(), database(), day(10));
    EXPECT_EQ(freed.files, std::vector<std::string>{old.path + ".gz"});
    EXPECT_GT(freed.bytes, 0);
    EXPECT_FALSE(there(old));
    EXPECT_TRUE(there(young));
    const Manifest manifest = verify_backup(job_, old.path + ".gz", std::nullopt);
    EXPECT_EQ(manifest.database_sha256, old.manifest.database_sha256);
    EXPECT_TRUE(compress_backups(job_, backups(), database(), day(10)).files.empty());
}

TEST_F(RetentionTest, NeverReplacesABackupThatIsNotWhatItWas) {
    const Found old = take(day(0));
    damage(old.path, 20'000, 1);
    EXPECT_EQ(failure([&] { compress_backups(job_, backups(), database(), day(10)); }).code(),
              ErrorCode::Integrity);
    EXPECT_TRUE(there(old));
    EXPECT_FALSE(std::filesystem::exists(old.path + ".gz"));
}

TEST_F(RetentionTest, PrunesByAgeButNeverTheNewestProvenOne) {
    const Found first = take(day(0));
    const Found second = take(day(1));
    std::ofstream(backups() + "/app-20200101T000000Z.db") << "somebody's own copy";
    const Freed freed = prune_backups(job_, backups(), database(), day(300));
    EXPECT_EQ(freed.files, std::vector<std::string>{first.path});
    EXPECT_EQ(freed.bytes, first.manifest.bytes);
    EXPECT_TRUE(there(second));
    EXPECT_FALSE(std::filesystem::exists(first.path + std::string(kManifestEnd)));
    EXPECT_TRUE(std::filesystem::exists(backups() + "/app-20200101T000000Z.db"));
}

TEST_F(RetentionTest, KeepsAnOlderGoodOneWhenTheNewestIsDamaged) {
    const Found first = take(day(0));
    const Found second = take(day(1));
    const Found third = take(day(2));
    damage(third.path, 20'000, 1);
    prune_backups(job_, backups(), database(), day(300));
    EXPECT_FALSE(there(first));
    EXPECT_TRUE(there(second));
}

TEST_F(RetentionTest, RemovesNothingWhenNoneIsGood) {
    const Found only = take(day(0));
    damage(only.path, 20'000, 1);
    EXPECT_EQ(failure([&] { prune_backups(job_, backups(), database(), day(300)); }).code(),
              ErrorCode::Check);
    EXPECT_TRUE(there(only));
}

TEST_F(RetentionTest, SaysInOneLineWhatABackupIs) {
    EXPECT_NE(summary(take(kNight)).find("app-20261121T020000Z.db, taken 2026-11-21T02:00:00Z"),
              std::string::npos);
}

}  // namespace
}  // namespace drydock::backup
