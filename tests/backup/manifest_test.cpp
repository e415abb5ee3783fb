#include "engine/backup/manifest.h"

#include "tests/backup/backup_fixture.h"

namespace drydock::backup {
namespace {

Manifest sample() {
    Manifest manifest;
    manifest.file = "app-20261121T020000Z.db";
    manifest.source = "/srv/app.db";
    manifest.identity = "sqlite dev=1 ino=2 path=/srv/app.db";
    manifest.taken_at = kNight;
    manifest.run = "01RUN";
    manifest.version = "3.40.1";
    manifest.bytes = 4096;
    manifest.sha256 = "aa";
    manifest.database_bytes = 8192;
    manifest.database_sha256 = "bb";
    manifest.compressed = true;
    manifest.rows = {{"users", 3}};
    manifest.verified_at = kNight;
    return manifest;
}

TEST(Manifest, ReadsWhatItWrote) {
    const std::string text = to_json(sample());
    EXPECT_EQ(to_json(manifest_from_json(text)), text);
    EXPECT_NE(text.find("2026-11-21T02:00:00Z"), std::string::npos) << "people read it too";
}

TEST(Manifest, RefusesWhatIsNotOurs) {
    std::string text = to_json(sample());
    EXPECT_THROW((void)manifest_from_json("{}"), Error);
    EXPECT_THROW((void)manifest_from_json("no json"), Error);
    std::string later = text;
    later.replace(later.find("\"drydock_backup\": 1"), 19, "\"drydock_backup\": 2");
    EXPECT_THROW((void)manifest_from_json(later), Error);
    Manifest elsewhere = sample();
    elsewhere.file = "../../etc/passwd";
    EXPECT_THROW((void)manifest_from_json(to_json(elsewhere)), Error);
}

TEST(Manifest, NamesABackupByItsSourceAndTime) {
    EXPECT_EQ(backup_name("/srv/keystone.db", kNight), "keystone-20261121T020000Z.db");
    EXPECT_EQ(backup_name("/srv/keystone", Timestamp{kNight.micros + 999'999}),
              "keystone-20261121T020000Z.db");
    EXPECT_EQ(backup_name("/srv/a.sqlite3", kNight), "a-20261121T020000Z.sqlite3");
}

class FindBackupsTest : public BackupTest {};

TEST_F(FindBackupsTest, FindsTheNewestFirstAndOnlyThoseOfTheDatabase) {
    take(kNight);
    take(Timestamp{kNight.micros + kDay});
    const auto found = find_backups(job_, backups(), canonical_source(database()));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_GT(found[0].manifest.taken_at, found[1].manifest.taken_at);
    EXPECT_TRUE(found[0].present);
    EXPECT_TRUE(find_backups(job_, backups(), "/srv/other.db").empty());
    EXPECT_TRUE(find_backups(job_, file("missing"), canonical_source(database())).empty());
}

TEST_F(FindBackupsTest, TellsOfAManifestThatCannotBeReadAndGoesOn) {
    take(kNight);
    std::ofstream(backups() + "/x.db.manifest.json") << "{";
    EXPECT_EQ(find_backups(job_, backups(), canonical_source(database())).size(), 1U);
    ASSERT_EQ(warnings_.size(), 1U);
    EXPECT_NE(warnings_[0].find("x.db.manifest.json"), std::string::npos);
}

}  // namespace
}  // namespace drydock::backup
