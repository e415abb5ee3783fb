#include "tests/runbooks/shipped_small_disk.h"
#include "tests/runbooks/shipped_story.h"

namespace drydock::test {
namespace {

constexpr const char* kNoMount = "this machine lets nobody mount a file system of his own";

class FullDisk : public ShippedRunbook {
  protected:
    FullDisk() { std::filesystem::create_directory(program.folder() / "disk"); }
    [[nodiscard]] std::int64_t rows() const {
        return std::stoll(answer("select count(*) from vulnerability_cache"));
    }
};

TEST_F(FullDisk, too_little_room_for_the_compacted_copy_is_told_before_anything_is_changed) {
    const SmallDisk disk(program.folder() / "disk", 8);
    if (!disk.mounted()) GTEST_SKIP() << kNoMount;
    make_cache(16'000, "disk/app.db");
    const std::string before = bytes("disk/app.db");
    const auto free = std::filesystem::space(program.folder() / "disk").available;
    const std::string numbers =
        "(" + std::to_string(free) + " of " + std::to_string(2 * before.size()) + " bytes)";
    const Ended ended = program.run({"run", "sqlite-weekly", "-p", "database=disk/app.db"});
    EXPECT_EQ(ended.exit, 1);
    expect_told(ended.out, {"FAILED at room (3 of 7)", numbers, "Make room on that file system"});
    EXPECT_EQ(bytes("disk/app.db"), before);
}

TEST_F(FullDisk, a_journal_without_room_refuses_to_start) {
    make_cache(100);
    const std::string before = bytes();
    const SmallDisk disk(program.folder() / "disk", 8);
    if (!disk.mounted()) GTEST_SKIP() << kNoMount;
    const Ended ended =
        program.run(weekly({"--journal", program.folder() / "disk/own/journal.db"}));
    EXPECT_EQ(ended.exit, 9) << ended.out << ended.err;
    expect_told(ended.err, {"the journal wants 64MiB", "hint: make room there"});
    EXPECT_EQ(bytes(), before);
}

TEST_F(FullDisk, a_journal_whose_disk_fills_up_stops_the_run_which_then_goes_on) {
    make_cache(4'000);
    const SmallDisk disk(program.folder() / "disk", 70);
    if (!disk.mounted()) GTEST_SKIP() << kNoMount;
    const std::string journal = program.folder() / "disk/journal.db";
    auto running = program.start(
        weekly({"-p", "size=100", "-p", "pause=50ms", "--json", "--journal", journal}));
    ASSERT_TRUE(running.wait_for("\"progress\""));
    disk.fill();
    const Ended ended = running.wait();
    EXPECT_EQ(ended.exit, 9) << ended.out << ended.err;
    expect_told(ended.err, {"the journal " + journal, "disk is full",
                            "make room on its file system", "drydock resume last"});
    disk.make_room();
    const Ended resumed = program.run({"resume", "last", "--journal", journal});
    EXPECT_EQ(resumed.exit, 0) << resumed.out << resumed.err;
    expect_told(resumed.out, {"rows_deleted: 2000"});
    EXPECT_EQ(rows(), 2'000);
    EXPECT_EQ(program.run({"audit", "verify", "--journal", journal}).exit, 0);
}

TEST_F(FullDisk, a_rehearsal_looks_for_room_before_it_copies) {
    make_cache(4'000);
    const SmallDisk disk(program.folder() / "disk", 70);
    if (!disk.mounted()) GTEST_SKIP() << kNoMount;
    disk.fill();
    const Ended ended = program.run({"rehearse", "sqlite-weekly", "-p", "database=app.db", "--in",
                                     program.folder() / "disk"});
    EXPECT_EQ(ended.exit, 1);
    expect_told(ended.err, {"too little room for a rehearsal: it needs ", "0 are free",
                            "--in FOLDER names another place; nothing was copied"});
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(program.folder() / "disk"), {}), 1)
        << "only what filled it";
}

TEST_F(FullDisk, a_restore_without_room_for_the_new_file_changes_nothing) {
    make_cache(4'000);
    ASSERT_EQ(program
                  .run({"run", "sqlite-backup", "-p", "database=app.db", "-p", "backups=backups"})
                  .exit,
              0);
    const SmallDisk disk(program.folder() / "disk", 2);
    if (!disk.mounted()) GTEST_SKIP() << kNoMount;
    make_cache(10, "disk/app.db");
    disk.fill();
    const std::string before = bytes("disk/app.db");
    std::string backup;
    for (const auto& entry : std::filesystem::directory_iterator(program.folder() / "backups")) {
        if (!entry.path().string().ends_with(".json")) backup = entry.path();
    }
    const Ended ended = program.run(
        {"run", "sqlite-restore", "-p", "database=disk/app.db", "-p", "from=" + backup});
    EXPECT_EQ(ended.exit, 1) << ended.out << ended.err;
    expect_told(ended.out, {"FAILED at staged"});
    EXPECT_EQ(bytes("disk/app.db"), before);
}

}  // namespace
}  // namespace drydock::test
