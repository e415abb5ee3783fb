#include "tests/runbooks/action_fixture.h"

namespace drydock::runbooks {
namespace {

class BackupActions : public ActionTest {
  protected:
    Value::Map take(bool compress = false, Value seal_with = {}) {
        return perform("backup.sqlite", {{"connection", "app"},
                                         {"to", file("backups")},
                                         {"compress", compress},
                                         {"seal_with", std::move(seal_with)}});
    }
};

TEST_F(BackupActions, TakesABackupThatLatestFindsAndVerifyProves) {
    const auto taken = take();
    EXPECT_EQ(number(taken.at("path").as<std::string>(), "select count(*) from users"), 500);
    const auto latest = perform("backup.latest", {{"folder", file("backups")}, {"of", "app"}});
    EXPECT_EQ(latest.at("path"), taken.at("path"));
    EXPECT_EQ(latest.at("taken_at"), taken.at("taken_at"));
    const auto proven = perform("backup.verify", {{"path", taken.at("path")}});
    EXPECT_EQ(proven.at("digest"), taken.at("digest"));
}

TEST_F(BackupActions, ARepeatedAttemptCompletesTheSameFile) {
    const auto first = take();
    EXPECT_EQ(take().at("path"), first.at("path"));
}

TEST_F(BackupActions, SealsWithASecret) {
    const auto taken = take(true, Secret("key", "a long enough passphrase"));
    EXPECT_TRUE(taken.at("path").as<std::string>().ends_with(".db.gz.sealed"));
}

TEST_F(BackupActions, VerifyFindsAnAlteredFile) {
    const auto taken = take();
    damage(taken.at("path").as<std::string>(), 5000, 1);
    EXPECT_EQ(refusal("backup.verify", {{"path", taken.at("path")}}).code(), ErrorCode::Integrity);
}

TEST_F(BackupActions, CompressesAndPrunesByAgeButKeepsTheLast) {
    const auto taken = take();
    const auto compressed =
        perform("backup.compress",
                {{"folder", file("backups")}, {"of", "app"}, {"older_than", Duration{}}});
    ASSERT_EQ(compressed.at("files").as<Value::List>().size(), 1U);
    EXPECT_GT(compressed.at("freed_bytes").as<Size>().bytes, 0);
    // The same step again, as after a crash: it tells all that was freed, not what was left to do.
    EXPECT_EQ(perform("backup.compress",
                      {{"folder", file("backups")}, {"of", "app"}, {"older_than", Duration{}}}),
              compressed);
    context_->recorded_.clear();  // another step
    const auto pruned = perform(
        "backup.prune", {{"folder", file("backups")}, {"of", "app"}, {"keep_for", Duration{}}});
    EXPECT_TRUE(pruned.at("files").as<Value::List>().empty());
    EXPECT_TRUE(std::filesystem::exists(taken.at("path").as<std::string>() + ".gz"));
}

TEST_F(BackupActions, StayBeneathTheFilesOfTheRunbook) {
    EXPECT_EQ(refusal("backup.sqlite",
                      {{"connection", "app"}, {"to", "/var/tmp/elsewhere"}, {"compress", false}})
                  .code(),
              ErrorCode::Permission);
}

TEST_F(BackupActions, ConnectionsCopyThemselves) {
    run("connections.app:backup('" + file("copy.db") + "')");
    EXPECT_EQ(number(file("copy.db"), "select count(*) from users"), 500);
}

}  // namespace
}  // namespace drydock::runbooks
