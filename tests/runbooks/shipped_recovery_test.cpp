#include "tests/runbooks/shipped_copies.h"

namespace drydock::test {
namespace {

class Recovery : public CopiesOfADatabase {
  protected:
    [[nodiscard]] static std::vector<std::string> recovering(std::vector<std::string> more = {}) {
        std::vector<std::string> args{"run", "sqlite-recovery", "-p", "database=app.db",
                                      "-p",  "backups=backups"};
        args.insert(args.end(), more.begin(), more.end());
        return args;
    }
    Ended recover(std::vector<std::string> more = {}) const {
        return program.run(recovering(std::move(more)));
    }
    // A backup, 100 users newer than it, and two pages of the table overwritten since.
    void damage_it() {
        back_up();
        add_users(kUsers + 1, kUsers + 100);
        overwrite_pages(20, 2);
        before_ = bytes();
    }
    Ended choose(const std::string& copy) const {
        const Ended approved =
            program.run({"approve", "last", "-a", "use=" + copy, "-a", "why=it has what we need"});
        EXPECT_EQ(approved.exit, 0) << approved.out << approved.err;
        return program.run({"resume", "last"});
    }
    static std::vector<std::string> with_application() {
        return {"-p", "stop=[touch, stopped]", "-p", "start=[touch, started]"};
    }

    std::string before_;
};

TEST_F(Recovery, leaves_a_whole_file_as_it_is_and_starts_the_application_again) {
    back_up();
    before_ = bytes();
    const Ended ended = recover(with_application());
    EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    expect_told(ended.out, {"was_damaged: false", "choose skipped", "replace skipped"});
    EXPECT_EQ(bytes(), before_);
    EXPECT_TRUE(has("started"));
}

TEST_F(Recovery, salvages_compares_and_waits_for_a_person) {
    damage_it();
    const Ended ended = recover(with_application());
    EXPECT_EQ(ended.exit, 3) << ended.out << ended.err;
    expect_told(ended.out, {"WAITING at choose", "Salvaged (left): ", "about ", " lost",
                            "Backup (right): app-", "4000 rows in 2 tables",
                            "Compared: users: 100 only left", "-a use=…", "-a why=…"});
    EXPECT_EQ(bytes(), before_);
    EXPECT_EQ(bytes("app.db.recovery/app.db"), before_);
    EXPECT_FALSE(has("started")) << "it must not run on a damaged file";
}

TEST_F(Recovery, ends_with_the_copy_that_was_chosen_and_records_why) {
    damage_it();
    EXPECT_EQ(recover(with_application()).exit, 3);
    const Ended ended = choose("backup");
    EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    expect_told(ended.out,
                {"SUCCEEDED sqlite-recovery", "used: backup", "why: it has what we need"});
    EXPECT_EQ(users(), kUsers);
    EXPECT_EQ(bytes(kept()), before_);
    EXPECT_TRUE(has("started"));
}

TEST_F(Recovery, does_not_end_while_the_validation_fails) {
    damage_it();
    EXPECT_EQ(recover(with_application()).exit, 3);
    // Scans of users that were lost.
    const Ended ended = choose("salvaged");
    EXPECT_EQ(ended.exit, 1) << ended.out << ended.err;
    expect_told(ended.out, {"STOPPED at valid", "rows of scans point to no row of users",
                            "The application stays stopped"});
    EXPECT_FALSE(has("started"));
    EXPECT_GT(users(), kUsers - 100) << "the salvaged rows, the newest among them";
    sql("delete from scans where user_id not in (select id from users)");
    const Ended resumed = program.run({"resume", "last"});
    EXPECT_EQ(resumed.exit, 0) << resumed.out << resumed.err;
    EXPECT_TRUE(has("started"));
}

TEST_F(Recovery, asks_the_applications_own_check_too) {
    damage_it();
    std::vector<std::string> more = with_application();
    more.insert(more.end(), {"-p", "validate=[test, -e, approved]"});
    EXPECT_EQ(recover(more).exit, 3);
    const Ended refused = choose("backup");
    EXPECT_EQ(refused.exit, 1);
    expect_told(refused.out, {"STOPPED at accepted"});
    EXPECT_FALSE(has("started"));
    program.put("approved", "");
    EXPECT_EQ(program.run({"resume", "last"}).exit, 0);
    EXPECT_TRUE(has("started"));
}

TEST_F(Recovery, undo_brings_the_damaged_file_back_for_another_choice) {
    damage_it();
    EXPECT_EQ(recover(with_application()).exit, 3);
    EXPECT_EQ(choose("salvaged").exit, 1);
    const Ended undone = program.run({"undo", "last"});
    EXPECT_EQ(undone.exit, 0) << undone.out << undone.err;
    EXPECT_EQ(bytes(), before_);
    EXPECT_FALSE(has("started")) << "nobody should use the damaged file";
    EXPECT_EQ(recover(with_application()).exit, 3);
    EXPECT_EQ(choose("backup").exit, 0);
    EXPECT_EQ(users(), kUsers);
}

TEST_F(Recovery, goes_on_without_a_backup) {
    overwrite_pages(20, 2);
    std::filesystem::create_directory(program.folder() / "backups");
    const Ended ended = recover();
    EXPECT_EQ(ended.exit, 3) << ended.out << ended.err;
    expect_told(ended.out, {"Backup (right): none that is proven", "Compared: not possible"});
    const Ended wrong = choose("backup");
    EXPECT_EQ(wrong.exit, 1) << "none of the two: an error, not the other one";
    EXPECT_EQ(kept(), "");
}

TEST_F(Recovery, goes_on_without_anything_salvaged) {
    back_up();
    program.put("app.db", std::string(8192, 'x'));
    before_ = bytes();
    EXPECT_EQ(recover().exit, 3);
    expect_told(program.run({"show", "last"}).out, {"Salvaged (left): nothing could be read"});
    EXPECT_EQ(choose("backup").exit, 0);
    EXPECT_EQ(users(), kUsers);
    EXPECT_EQ(bytes(kept()), before_);
}

TEST_F(Recovery, stops_when_there_is_neither) {
    const std::string backup = back_up();
    program.put(backup, bytes(backup) + "x");
    program.put("app.db", std::string(8192, 'x'));
    const Ended ended = recover();
    EXPECT_EQ(ended.exit, 1) << ended.out << ended.err;
    expect_told(ended.out, {"STOPPED at something_left", "nothing of the file can be read",
                            "drydock run sqlite-restore"});
    EXPECT_EQ(bytes(), std::string(8192, 'x'));
}

TEST_F(Recovery, killed_anywhere_it_comes_to_the_same_choice_and_the_same_end) {
    back_up();
    const std::string whole = bytes();
    // Of the steps before the choice every fourth kill point, of those after it the swap's.
    program.use(DRYDOCK_CRASH);
    int killed = 0;
    for (int n = 1;; n += 4) {
        SCOPED_TRACE(n);
        std::filesystem::remove_all(program.folder() / "app.db.recovery");
        program.put("app.db", whole);
        overwrite_pages(20, 2);
        before_ = bytes();
        Ended ended = program.run(recovering(), {{"DRYDOCK_KILL_NTH", std::to_string(n)}});
        if (ended.exit == 3) break;
        ASSERT_EQ(ended.exit, 128 + SIGKILL) << ended.out << ended.err;
        if (program.run({"runs", "--open"}).out.empty()) continue;  // before the run was durable
        ++killed;
        ended = program.run({"resume", "last"});
        ASSERT_EQ(ended.exit, 3) << ended.out << ended.err;
        EXPECT_EQ(bytes(), before_);
        ASSERT_EQ(choose("backup").exit, 0);
        EXPECT_EQ(users(), kUsers);
        EXPECT_EQ(bytes(kept()), before_);
        std::filesystem::remove(program.folder() / kept());
    }
    EXPECT_GT(killed, 5);
}

TEST_F(Recovery, killed_around_the_swap_it_is_completed_once) {
    back_up();
    const std::string whole = bytes();
    program.use(DRYDOCK_CRASH);
    for (const std::string& point : kSwapPoints) {
        SCOPED_TRACE(point);
        std::filesystem::remove_all(program.folder() / "app.db.recovery");
        program.put("app.db", whole);
        overwrite_pages(20, 2);
        before_ = bytes();
        ASSERT_EQ(recover().exit, 3);
        ASSERT_EQ(program.run({"approve", "last", "-a", "use=backup", "-a", "why=x"}).exit, 0);
        const std::string at = point + "#1";
        EXPECT_EQ(program.run({"resume", "last"}, {{"DRYDOCK_KILL_AT", at}}).exit, 128 + SIGKILL);
        const Ended resumed = program.run({"resume", "last"});
        EXPECT_EQ(resumed.exit, 0) << resumed.out << resumed.err;
        EXPECT_EQ(users(), kUsers);
        EXPECT_EQ(bytes(kept()), before_);
        std::filesystem::remove(program.folder() / kept());
    }
}

}  // namespace
}  // namespace drydock::test
