#include "engine/backup/stage.h"

#include "tests/backup/backup_fixture.h"

namespace drydock::backup {
namespace {

class StageTest : public BackupTest {
  protected:
    StageTest() { std::filesystem::create_directory(file("staging")); }
    [[nodiscard]] std::string to() const { return file("staging/staged.db"); }
    Staged staged(const std::string& from) { return stage(job_, from, to(), std::nullopt); }
    Error refused(const std::string& from) {
        Error error = failure([&] { staged(from); });
        EXPECT_TRUE(std::filesystem::is_empty(file("staging"))) << "it left something behind";
        return error;
    }
    std::string dump(const std::string& text) {
        std::ofstream(file("dump.sql")) << text;
        return file("dump.sql");
    }
    void expect_refused_dump(const std::string& text, const std::string& message) {
        const Error error = refused(dump(text));
        EXPECT_EQ(error.code(), ErrorCode::Check);
        EXPECT_NE(error.message().find(message), std::string::npos) << error.message();
    }
};

TEST_F(StageTest, ProvesABackupByItsManifest) {
    for (const bool compress : {false, true}) {
        const Found backup = take(Timestamp{kNight.micros + compress}, compress);
        const Staged made = staged(backup.path);
        ASSERT_TRUE(made.manifest.has_value());
        EXPECT_EQ(made.rows.at("users"), 3000);
        EXPECT_EQ(number(to(), "select count(*) from users"), 3000);
    }
}

TEST_F(StageTest, RefusesAnAlteredBackup) {
    const Found backup = take(kNight);
    damage(backup.path, 9000, 1);
    EXPECT_EQ(refused(backup.path).code(), ErrorCode::Integrity);
}

TEST_F(StageTest, RefusesABackupWhoseRowsAreNotThoseOfItsManifest) {
    const Found backup = take(kNight);
    Manifest manifest = backup.manifest;
    manifest.rows["users"] = 2999;
    write_manifest(job_, backups(), manifest);
    const Error error = refused(backup.path);
    EXPECT_EQ(error.code(), ErrorCode::Integrity);
    EXPECT_NE(error.message().find("table users has 3000 rows, the manifest says 2999"),
              std::string::npos);
}

TEST_F(StageTest, TakesTheNewestRowsOfAColdCopyFromItsLog) {
    outside(database(), "pragma journal_mode = wal");
    sqlite::Connection in_use(database(), {.checkpoint_on_close = false});
    in_use.exec("insert into users values (9000, 'in the log')");
    std::filesystem::copy(database(), file("cold.db"));
    std::filesystem::copy(database() + "-wal", file("cold.db-wal"));
    EXPECT_EQ(staged(file("cold.db")).rows.at("users"), 3001);
}

TEST_F(StageTest, RefusesADamagedCopy) {
    std::filesystem::copy(database(), file("cold.db"));
    damage(file("cold.db"), 4096 * 3, 4096);
    EXPECT_EQ(refused(file("cold.db")).code(), ErrorCode::Check);
}

TEST_F(StageTest, LoadsADumpWithAllThatALineMayHold) {
    const Staged made = staged(dump(R"(PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE notes (id integer primary key, text text); -- the notes
INSERT INTO notes VALUES(1,'first; line
ROLLBACK; not one
third;
');
CREATE TABLE log (n);
CREATE TRIGGER note_log AFTER INSERT ON notes BEGIN
  INSERT INTO log VALUES (new.id);
END;
COMMIT;
)"));
    EXPECT_TRUE(made.from_dump);
    EXPECT_EQ(made.rows.at("notes"), 1);
    EXPECT_EQ(number(to(), "select count(*) from notes where text like '%not one%third;%'"), 1);
    EXPECT_EQ(number(to(), "select count(*) from sqlite_schema where type = 'trigger'"), 1);
}

TEST_F(StageTest, LoadsALongDumpInPieces) {
    std::string text = "begin;\ncreate table t (a);\n";
    for (int i = 0; i < 60'000; ++i)
        text += "insert into t values ('" + std::string(40, 'x') + "');\n";
    EXPECT_EQ(staged(dump(text + "commit;")).rows.at("t"), 60'000);
}

TEST_F(StageTest, RefusesADumpThatIsNotWhole) {
    expect_refused_dump("begin;\ncreate table t (a);\n", "was cut");
    expect_refused_dump("begin;\ncreate table t (a);\ninsert into t values ('half", "was cut");
    expect_refused_dump("begin;\ncreate table t (a);\nROLLBACK; -- due to errors\n",
                        "ends in ROLLBACK");
    expect_refused_dump("create table t (a);\n\ninsert into u values (1);\n",
                        "line 3: no such table: u");
    expect_refused_dump("-- nothing\n", "holds no table");
}

TEST_F(StageTest, LetsADumpReachNoOtherFile) {
    expect_refused_dump("create table t (a);\nattach '" + database() + "' as other;\n",
                        "line 2: not authorized");
    EXPECT_EQ(number(database(), "select count(*) from users"), 3000);
}

TEST_F(StageTest, RefusesWhatIsNeither) {
    std::ofstream(file("picture.db"), std::ios::binary) << std::string("PNG\0\x01", 5);
    EXPECT_EQ(refused(file("picture.db")).code(), ErrorCode::Check);
}

}  // namespace
}  // namespace drydock::backup
