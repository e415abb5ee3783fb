#include "tests/runbooks/shipped_copies.h"

namespace drydock::test {
namespace {

class Restore : public CopiesOfADatabase {
  protected:
    [[nodiscard]] static std::vector<std::string> restoring(std::vector<std::string> more = {}) {
        std::vector<std::string> args{"run", "sqlite-restore", "-p", "database=app.db"};
        args.insert(args.end(), more.begin(), more.end());
        return args;
    }
    Ended restore(std::vector<std::string> more = {},
                  const std::map<std::string, std::string>& env = {}) const {
        return program.run(restoring(std::move(more)), env);
    }
    // Nothing of the database has changed, and what is told names the reason.
    void refused(const Ended& ended, const std::vector<std::string>& told) const {
        EXPECT_EQ(ended.exit, 1) << ended.out << ended.err;
        expect_told(ended.out, told);
        EXPECT_EQ(bytes(), before_);
        EXPECT_EQ(kept(), "");
        EXPECT_FALSE(has("stopped")) << "the application was stopped for nothing";
    }
    void remember() { before_ = bytes(); }

    std::string before_;
};

TEST_F(Restore, takes_the_newest_backup_and_keeps_the_old_file) {
    back_up();
    sql("delete from users where id > 10");
    remember();
    const Ended ended = restore({"-p", "backups=backups", "-p", "stop=[touch, stopped]", "-p",
                                 "start=[touch, started]", "-p", "foreign_keys=true"});
    EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    expect_told(ended.out, {"SUCCEEDED sqlite-restore", "rows: 4000", "restored: proven backup"});
    EXPECT_EQ(users(), kUsers);
    EXPECT_EQ(bytes(kept()), before_);
    EXPECT_TRUE(has("stopped") && has("started"));
    EXPECT_FALSE(has("app.db.staging/staged.db"));
}

TEST_F(Restore, undo_puts_the_old_file_back_between_stop_and_start) {
    back_up();
    sql("delete from users where id > 10; delete from scans");
    remember();
    const std::string count = "date +%N; sqlite3 app.db 'select count(*) from users' >> seen";
    program.put("stop.sh", count);
    program.put("start.sh", count);
    EXPECT_EQ(
        restore({"-p", "backups=backups", "-p", "stop=[sh, stop.sh]", "-p", "start=[sh, start.sh]"})
            .exit,
        0);
    const Ended undone = program.run({"undo", "last"});
    EXPECT_EQ(undone.exit, 0) << undone.out << undone.err;
    EXPECT_EQ(bytes(), before_);
    EXPECT_EQ(bytes("seen"), "10\n3000\n3000\n10\n") << "stop, start, stop, start";
}

TEST_F(Restore, takes_a_dump) {
    ASSERT_EQ(std::system(
                  ("cd " + program.folder().path() + " && sqlite3 app.db .dump | gzip > app.sql.gz")
                      .c_str()),
              0);
    sql("delete from users; delete from scans");
    const Ended ended = restore({"-p", "from=app.sql.gz"});
    EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    expect_told(ended.out, {"restored: SQL dump, 4000 rows in 2 tables"});
    EXPECT_EQ(users(), kUsers);
}

TEST_F(Restore, opens_a_sealed_backup_with_its_key_only) {
    program.put("sealed.yaml",
                "runbook: sealed\nsecrets: {key: {env: BACKUP_KEY}}\n"
                "connections: {app: {sqlite: app.db}}\nfiles: [backups]\nsteps:\n"
                "  - id: take\n    uses: backup.sqlite\n"
                "    with: {connection: app, to: backups, seal_with: '${secrets.key}'}\n");
    EXPECT_EQ(
        program.run({"run", "sealed.yaml"}, {{"BACKUP_KEY", "a long enough passphrase"}}).exit, 0);
    sql("delete from users; delete from scans");
    remember();
    const std::vector<std::string> more{
        "-p", "backups=backups", "-p", "stop=[touch, stopped]", "-p", "start=[touch, started]"};
    refused(restore(more), {"is sealed"});
    refused(restore(more, {{"BACKUP_KEY", "another long passphrase"}}), {"another"});
    const Ended ended = restore(more, {{"BACKUP_KEY", "a long enough passphrase"}});
    EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    EXPECT_EQ(users(), kUsers);
}

TEST_F(Restore, refuses_what_is_no_good_before_the_application_is_stopped) {
    const std::string backup = back_up({"-p", "compress=false"});
    sql("delete from scans");
    remember();
    const auto tried = [&](const std::string& from) {
        return restore(
            {"-p", "from=" + from, "-p", "stop=[touch, stopped]", "-p", "start=[touch, started]"});
    };
    std::string altered = bytes(backup);
    altered[altered.size() / 2] = static_cast<char>(altered[altered.size() / 2] ^ 1);
    program.put(backup, altered);
    refused(tried(backup), {"is not what it was: its digest is"});
    refused(tried("nowhere.db"), {"nowhere.db"});
    program.put("cut.sql", "begin;\ncreate table users (id);\n");
    refused(tried("cut.sql"), {"ends in the middle"});
    std::filesystem::create_directory(program.folder() / "empty");
    refused(restore({"-p", "backups=empty"}), {"there is no proven backup of"});
    refused(restore(), {"nothing says what to restore"});
    refused(restore({"-p", "from=" + backup, "-p", "stop=[touch, stopped]"}),
            {"stop and start belong together"});
}

TEST_F(Restore, waits_for_the_program_that_has_it_open) {
    back_up();
    sql("delete from users where id > 10");
    remember();
    {
        const ChildProcess other([&](const ChildProcess::Line& line) {
            sqlite::Connection open(program.folder() / "app.db", {});
            open.exec("select count(*) from users");
            line.tell("open");
            (void)line.hear();
        });
        ASSERT_EQ(other.hear(), "open");
        refused(restore({"-p", "backups=backups"}),
                {"is open in", "pid " + std::to_string(other.pid()), "stop that program first"});
    }
    const Ended resumed = program.run({"resume", "last"});
    EXPECT_EQ(resumed.exit, 0) << resumed.out << resumed.err;
    EXPECT_EQ(users(), kUsers);
}

TEST_F(Restore, killed_around_the_swap_it_is_completed_once) {
    back_up();
    kill_at(
        kSwapPoints, restoring({"-p", "backups=backups"}),
        [&] {
            if (const std::string old = kept(); !old.empty())
                std::filesystem::remove(program.folder() / old);
            sql("delete from users where id > 10; delete from scans");
            remember();
        },
        [&](const Ended& resumed) {
            EXPECT_EQ(resumed.exit, 0) << resumed.out << resumed.err;
            EXPECT_EQ(users(), kUsers);
            EXPECT_EQ(bytes(kept()), before_);
        });
}

TEST_F(Restore, its_undo_killed_around_the_swap_is_completed_too) {
    back_up();
    sql("delete from users where id > 10; delete from scans");
    remember();
    program.use(DRYDOCK_CRASH);
    for (const char* point : {"put_back.before_rename", "put_back.renamed"}) {
        SCOPED_TRACE(point);
        EXPECT_EQ(restore({"-p", "backups=backups"}).exit, 0);
        const std::string at = std::string(point) + "#1";
        EXPECT_EQ(program.run({"undo", "last"}, {{"DRYDOCK_KILL_AT", at}}).exit, 128 + SIGKILL);
        const Ended resumed = program.run({"resume", "last"});
        EXPECT_EQ(resumed.exit, 0) << resumed.out << resumed.err;
        EXPECT_EQ(bytes(), before_);
        std::filesystem::remove(program.folder() / kept());
    }
}

}  // namespace
}  // namespace drydock::test
