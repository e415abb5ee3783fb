#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "engine/clock.h"
#include "engine/json/json.h"
#include "tests/runbooks/shipped_story.h"

namespace drydock::test {
namespace {

namespace fs = std::filesystem;
constexpr std::int64_t kDay = 86'400'000'000;

class Backups : public ShippedRunbook {
  protected:
    Backups() { make_cache(400); }

    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> found;
        for (const auto& entry : fs::directory_iterator(program.folder() / "backups"))
            found.push_back(entry.path().filename());
        std::ranges::sort(found);
        return found;
    }
    [[nodiscard]] bool has(const std::string& name) const {
        return fs::exists(program.folder() / ("backups/" + name));
    }
    // Takes a backup and makes it `days` old, under the name app-DAYS.db.
    void backup_of_age(std::int64_t days) const {
        const std::vector<std::string> before = fs::exists(program.folder() / "backups")
                                                    ? names()
                                                    : std::vector<std::string>();
        ASSERT_EQ(program.run({"run", "sqlite-backup", "-p", "database=app.db", "-p",
                               "backups=backups", "-p", "compress=false"})
                      .exit,
                  0);
        for (const std::string& name : names()) {
            if (!name.ends_with(".db") || std::ranges::count(before, name) > 0) continue;
            const std::string to = "backups/app-" + std::to_string(days) + ".db";
            Value::Map manifest = json::parse(bytes("backups/" + name + ".manifest.json"))
                                      .as<Value::Map>();
            const std::int64_t taken = system_clock().wall().micros - days * kDay;
            manifest["file"] = "app-" + std::to_string(days) + ".db";
            for (const char* time : {"taken_at", "verified_at"})
                manifest[time] = Value::Map{{"micros", taken}, {"text", ""}};
            program.folder().put(to + ".manifest.json", json::write(Value(std::move(manifest))));
            fs::rename(program.folder() / ("backups/" + name), program.folder() / to);
            fs::remove(program.folder() / ("backups/" + name + ".manifest.json"));
        }
    }
    [[nodiscard]] Ended monthly() const {
        return program.run(
            {"run", "sqlite-monthly", "-p", "database=app.db", "-p", "backups=backups"});
    }
};

TEST_F(Backups, a_backup_is_proven_and_its_files_are_for_their_owner_only) {
    const Ended ended =
        program.run({"run", "sqlite-backup", "-p", "database=app.db"}, {{"BACKUP_DIR", "backups"}});
    EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    expect_told(ended.out, {"verify succeeded", "digest: ", "app-"});
    ASSERT_EQ(names().size(), 2U);
    for (const std::string& name : names()) {
        struct stat found {};
        ASSERT_EQ(::stat((program.folder() / ("backups/" + name)).c_str(), &found), 0);
        EXPECT_EQ(found.st_mode & 07777, 0600U) << name;
    }
    EXPECT_TRUE(names().front().ends_with(".db.gz")) << names().front();
}

TEST_F(Backups, an_altered_backup_does_not_prove_itself_again) {
    backup_of_age(0);
    std::string altered = bytes("backups/app-0.db");
    altered[altered.size() / 2] = static_cast<char>(altered[altered.size() / 2] ^ 1);
    program.put("backups/app-0.db", altered);
    program.put("verify.yaml",
                "runbook: verify\nfiles: [backups]\nsteps:\n  - id: verify\n"
                "    uses: backup.verify\n    with: {path: backups/app-0.db}\n");
    const Ended ended = program.run({"run", "verify.yaml"});
    EXPECT_EQ(ended.exit, 1);
    expect_told(ended.out, {"is not what it was: its digest is", "hint: use another backup"});
}

TEST_F(Backups, a_backup_of_a_damaged_database_fails_and_leaves_nothing_behind) {
    overwrite_pages(5, 3);
    const std::string before = bytes();
    const Ended ended = program.run(
        {"run", "sqlite-backup", "-p", "database=app.db", "-p", "backups=backups"});
    EXPECT_EQ(ended.exit, 1);
    expect_told(ended.out, {"the copy is not whole: ", "the database itself is damaged"});
    EXPECT_EQ(names(), std::vector<std::string>());
    EXPECT_EQ(bytes(), before);
}

TEST_F(Backups, the_monthly_run_compresses_at_30_days_and_removes_at_90) {
    for (const std::int64_t days : {100, 40, 10}) backup_of_age(days);
    program.put("backups/app-2019.db", "of somebody else");
    const Ended ended = monthly();
    EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    EXPECT_FALSE(has("app-100.db"));
    EXPECT_FALSE(has("app-100.db.manifest.json"));
    EXPECT_FALSE(has("app-40.db"));
    EXPECT_TRUE(has("app-40.db.gz"));
    EXPECT_TRUE(has("app-40.db.gz.manifest.json"));
    EXPECT_TRUE(has("app-10.db"));
    EXPECT_EQ(bytes("backups/app-2019.db"), "of somebody else");
    // Two of each kept backup, two of the new one, and the file without a manifest.
    EXPECT_EQ(names().size(), 7U);
    EXPECT_EQ(answer("select count(*) > 0 from sqlite_stat1"), "1");
}

TEST_F(Backups, a_month_whose_backup_fails_removes_no_older_one) {
    backup_of_age(200);
    backup_of_age(100);
    overwrite_pages(5, 3);
    const Ended ended = monthly();
    EXPECT_EQ(ended.exit, 1);
    expect_told(ended.out, {"FAILED at backup (1 of 4)", "Older backups are untouched"});
    EXPECT_TRUE(has("app-200.db"));
    EXPECT_TRUE(has("app-100.db"));
}

TEST_F(Backups, pruning_alone_never_removes_the_newest_proven_one) {
    for (const std::int64_t days : {300, 200, 100}) backup_of_age(days);
    // The newest is not what its manifest says: it proves nothing.
    program.put("backups/app-100.db", std::string(bytes("backups/app-100.db").size(), 'x'));
    program.put("prune.yaml",
                "runbook: prune\nconnections: {app: {sqlite: app.db}}\nfiles: [backups]\nsteps:\n"
                "  - id: prune\n    uses: backup.prune\n"
                "    with: {folder: backups, of: app, keep_for: 90d}\n");
    const Ended ended = program.run({"run", "prune.yaml"});
    EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    EXPECT_FALSE(has("app-300.db"));
    EXPECT_TRUE(has("app-200.db"));
}

}  // namespace
}  // namespace drydock::test
