#include "engine/json/json.h"
#include "tests/cli/migrate_story.h"

namespace drydock::test {
namespace {

// What changes the histories of migrations, as an operator gives it, on a SQLite file.
class MigrateChange : public MigrateStory {
  protected:
    MigrateChange() {
        for (int n = 1; n <= 3; ++n) put(n);
    }
    void put(int n) {
        const std::string number = std::to_string(n);
        const std::string name =
            "m/" + std::string(6 - number.size(), '0') + number + "_step.";
        program.put(name + "up.sql", "create table t" + number + " (id integer);\n");
        program.put(name + "down.sql", "drop table t" + number + ";\n");
    }
    // The third in two parts, of which the second fails until there is a table `outside`.
    void put_in_parts(const std::string& first) {
        program.put("m/000003_step.up.sql",
                    first + "begin;\ninsert into outside values (1);\ncommit;\n"
                            "begin;\ncreate table t3 (id integer);\ncommit;\n");
    }
    [[nodiscard]] std::string tools_row() const {
        return ask("select version || case when dirty then ' dirty' else '' end "
                   "from schema_migrations");
    }
    Ended migrate(std::vector<std::string> words, int exit) {
        words.insert(words.begin(), "migrate");
        words.insert(words.end(), {"--folder", "m", "--database", "app.db"});
        if (words[1] == "up" || words[1] == "down") words.emplace_back("--skip-backup");
        return run(words, exit);
    }
    // A run that failed holds the database until somebody decides.
    void cancel() {
        const Ended ended = program.run({"cancel", "last", "--reason", "mended otherwise"});
        EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    }
};

TEST_F(MigrateChange, force_says_what_it_would_write_and_waits_for_yes) {
    migrate({"up", "1"}, 0);
    expect_in(migrate({"force", "3"}, 2).err, "force wants a reason");
    const Ended shown = migrate({"force", "3", "--reason", "made by hand"}, 5);
    expect_in(shown.out, "000002_step  counts as applied\n    it was pending");
    expect_in(shown.err, "this writes 2 rows of schema_migrations");
    expect_in(shown.err, "--yes");
    EXPECT_EQ(tools_row(), "1");
    migrate({"force", "3", "--reason", "made by hand", "--yes"}, 0);
    EXPECT_EQ(tools_row(), "3");
    const Ended history = migrate({"history"}, 0);
    expect_in(history.out, "force      000003_step");
    expect_in(history.out, "made by h");
    expect_in(migrate({"force", "3", "--reason", "again"}, 0).out, "there is nothing to write");
    expect_in(migrate({"force", "9", "--reason", "x", "--yes"}, 2).err, "no migration 9");
    migrate({"force", "base", "--reason", "x", "--yes"}, 0);
    EXPECT_EQ(tools_row(), "");
}

TEST_F(MigrateChange, baseline_below_the_first_file_lets_the_next_ones_go_on) {
    for (int n = 1; n <= 3; ++n) {
        const std::string name = "m/00000" + std::to_string(n) + "_step.";
        std::filesystem::remove(program.folder() / (name + "up.sql"));
        std::filesystem::remove(program.folder() / (name + "down.sql"));
    }
    put(16);
    put(17);
    sql("create table schema_migrations (version uint64, dirty bool);"
        "insert into schema_migrations values (15, 0)");
    expect_in(migrate({"up"}, 5).err, "has no file for it");
    expect_in(migrate({"baseline", "14", "--yes"}, 5).err, "a baseline of 15 would be accepted");
    migrate({"baseline", "15"}, 5);
    migrate({"baseline", "15", "--yes"}, 0);
    migrate({"up"}, 0);
    EXPECT_EQ(tools_row(), "17");
    expect_in(migrate({"status"}, 0).out, "baseline  15");
    migrate({"validate"}, 0);
    expect_in(migrate({"down", "3"}, 5).err, "there is no way down past it");
    migrate({"down", "2", "--yes"}, 0);
    EXPECT_EQ(tools_row(), "15");
}

TEST_F(MigrateChange, baseline_file_says_the_version_when_nobody_does) {
    expect_in(migrate({"baseline"}, 2).err, "baseline wants a version");
    program.put("m/baseline.sql",
                "create table schema_migrations (version uint64, dirty bool);\n"
                "insert into schema_migrations values (2, 0);\n");
    expect_in(migrate({"baseline"}, 5).err, "this runs baseline.sql (2 statements)");
    migrate({"baseline", "--yes"}, 0);
    EXPECT_EQ(tools_row(), "2");
    migrate({"up"}, 0);
    EXPECT_EQ(ask("select group_concat(name) from sqlite_schema where name glob 't[0-9]'"), "t3");
    migrate({"baseline", "--yes"}, 1);
}

TEST_F(MigrateChange, adopt_shows_three_columns_and_records_after_yes) {
    expect_in(migrate({"adopt"}, 2).err, "there is no table schema_migrations");
    sql("create table t1 (id integer); create table schema_migrations (version uint64, dirty bool);"
        "insert into schema_migrations values (1, 0)");
    const Ended shown = migrate({"adopt"}, 5);
    expect_in(shown.out, "applied with file  applied without file  not applied");
    expect_in(shown.out, "000001_step                              000002_step");
    EXPECT_EQ(ask("select count(*) from sqlite_schema where name = 'drydock_migrations'"), "0");
    migrate({"adopt", "--yes"}, 0);
    EXPECT_EQ(ask("select action || ' ' || version from drydock_migrations"), "adopt 000001");
    expect_in(migrate({"adopt", "--yes"}, 0).out, "there is nothing to write");
}

TEST_F(MigrateChange, repair_tells_of_edited_files_and_accepts_them_after_yes) {
    migrate({"up"}, 0);
    program.put("m/000002_step.up.sql", "create table t2 (id integer);\n-- said better\n");
    const Ended shown = migrate({"repair"}, 5);
    expect_in(shown.out, "edited after it was applied, from line 2 on");
    expect_in(shown.err, "--yes --reason");
    expect_in(migrate({"repair", "--yes"}, 2).err, "repair wants a reason");
    migrate({"repair", "--yes", "--reason", "a comment"}, 0);
    migrate({"validate"}, 0);
}

TEST_F(MigrateChange, status_says_which_statement_it_was_and_what_to_do) {
    put_in_parts("begin;\ncreate table half (id integer);\ncommit;\n");
    migrate({"up"}, 1);
    const std::string status = migrate({"status"}, 1).out;
    expect_in(status, "000003_step was begun up and did not end: 1 of its 3 parts are done");
    expect_in(status, "done      000003_step.up.sql:2:1  create table half (id integer)");
    expect_in(status, "not done  000003_step.up.sql:5:1  insert into outside values (1)");
    expect_in(status, "hint: drydock resume ");
    const Value said = json::parse(migrate({"status", "--json"}, 1).out);
    EXPECT_EQ(*said.member("begun")->member("untouched"), Value(false));
    EXPECT_EQ(said.member("begun")->member("parts")->as<Value::List>().size(), 3U);
    expect_in(migrate({"down"}, 5).err, "1 of its 3 parts are done");
    expect_in(migrate({"repair"}, 0).out, "there is nothing to write");
}

TEST_F(MigrateChange, down_of_one_that_took_no_effect_takes_its_mark_away) {
    put_in_parts("");
    migrate({"up"}, 1);
    EXPECT_EQ(tools_row(), "3 dirty");
    cancel();
    expect_in(migrate({"down"}, 5).err, "nothing of it took effect: its mark goes");
    migrate({"down", "--yes"}, 0);
    EXPECT_EQ(tools_row(), "2");
    migrate({"up"}, 1);
    cancel();
    expect_in(migrate({"down", "2"}, 5).err, "its mark goes, and this takes back 000002_step");
    migrate({"repair", "--yes", "--reason", "seen"}, 0);
    EXPECT_EQ(tools_row(), "2");
}

TEST_F(MigrateChange, undo_of_a_run_that_failed_in_the_middle_says_why_it_cannot) {
    put_in_parts("begin;\ncreate table half (id integer);\ncommit;\n");
    migrate({"up"}, 1);
    const Ended undone = program.run({"undo", "last"});
    EXPECT_NE(undone.exit, 0);
    expect_in(undone.out, "1 of its 3 parts are done");
    EXPECT_EQ(tools_row(), "3 dirty") << "nothing was completed on the way";
}

// The table of a team's own program, named in drydock.yaml, is read and kept by every command.
TEST_F(MigrateChange, table_of_a_program_is_kept_as_the_settings_name_it) {
    program.put("drydock.yaml",
                "migrations:\n  table: done\n"
                "  home_grown: {key_column: file, key: file name, checksum_column: sum, checksum: "
                "md5}\n");
    sql("create table t1 (id integer); create table done (file text primary key, sum text);"
        "insert into done values ('000001_step.up.sql', 'ffff')");
    expect_in(migrate({"status"}, 1).out, "done  golang-migrate, at 000001");
    expect_in(migrate({"up"}, 5).err, "was edited after it was applied");
    migrate({"repair", "--yes", "--reason", "the sum was of another release"}, 0);
    migrate({"up"}, 0);
    EXPECT_EQ(ask("select group_concat(length(sum)) from done"), "32,32,32");
    migrate({"down", "--yes"}, 0);
    migrate({"force", "3", "--yes", "--reason", "by hand"}, 0);
    EXPECT_EQ(ask("select max(file) from done"), "000003_step.up.sql");
    EXPECT_EQ(ask("select count(*) from sqlite_schema where name = 'schema_migrations'"), "0");
    // A table that is named for once is a tool's.
    expect_in(migrate({"status", "--table", "schema_migrations"}, 1).out, "at nothing");
}

TEST_F(MigrateChange, prerequisites_are_run_once_and_again_when_they_change) {
    expect_in(migrate({"prerequisites"}, 2).err, "there is no prerequisites.sql");
    program.put("m/prerequisites.sql", "create table if not exists x (n integer);\n"
                                       "insert into x values (1);\n");
    migrate({"prerequisites"}, 0);
    migrate({"prerequisites"}, 0);
    EXPECT_EQ(ask("select count(*) from x"), "1");
    program.put("m/prerequisites.sql", "create table if not exists x (n integer);\n"
                                       "insert into x values (2);\n");
    migrate({"prerequisites"}, 0);
    EXPECT_EQ(ask("select count(*) from x"), "2");
    migrate({"up"}, 0);
    expect_in(migrate({"status"}, 0).out, "at 000003");
}

}  // namespace
}  // namespace drydock::test
