#include "engine/json/json.h"
#include "tests/cli/migrate_story.h"
#include "tests/cli/terminal.h"

namespace drydock::test {
namespace {

// `drydock migrate`, as an operator gives it, on a SQLite file.
class Migrate : public MigrateStory {
  protected:
    Migrate() {
        for (int n = 1; n <= 5; ++n) {
            const std::string number = std::to_string(n);
            const std::string name = "m/00000" + number + "_step.";
            program.put(name + "up.sql", "create table t" + number + " (id integer);\n");
            program.put(name + "down.sql", "drop table t" + number + ";\n");
        }
    }
    [[nodiscard]] std::string tables() const {
        return ask(
            "select group_concat(name, ' ') from (select name from sqlite_schema where name "
            "glob 't[0-9]' order by name)");
    }
    Ended migrate(std::vector<std::string> words, int exit) {
        words.insert(words.begin(), "migrate");
        words.insert(words.end(), {"--folder", "m", "--database", "app.db"});
        const std::string what = words[1];
        if (what == "up" || what == "down" || what == "to") words.emplace_back("--skip-backup");
        if (what == "to") words.emplace_back("--yes");  // it may lead down
        return run(words, exit);
    }
};

TEST_F(Migrate, goes_up_and_down_and_says_how_it_stands) {
    expect_in(migrate({"status"}, 1).out, "schema_migrations  golang-migrate, at nothing");
    expect_in(migrate({"up"}, 0).out, "version: 000005");
    expect_in(migrate({"status"}, 0).out, "applied   000005");
    expect_in(migrate({"to", "2"}, 0).out,
              R"(applied: ["down 000005_step", "down 000004_step", "down 000003_step"])");
    const Value said = json::parse(
        program.run({"migrate", "status", "-p", "folder=m", "-p", "database=app.db", "--json"})
            .out);
    EXPECT_EQ(*said.member("version"), Value("000002"));
    EXPECT_EQ(said.member("migrations")->as<Value::List>().size(), 5U);
    EXPECT_EQ(tables(), "t1 t2");
}

TEST_F(Migrate, says_what_it_would_take_back_and_waits_for_yes) {
    migrate({"up"}, 0);
    expect_in(migrate({"down", "2"}, 5).err, "this takes back 000005_step, 000004_step");
    EXPECT_EQ(tables(), "t1 t2 t3 t4 t5");
    migrate({"down", "--yes"}, 0);
    EXPECT_EQ(tables(), "t1 t2 t3 t4");
    expect_in(migrate({"down", "5"}, 2).err, "5 migrations back are wanted, 4 are applied");
}

TEST_F(Migrate, to_a_version_below_waits_for_yes_too) {
    migrate({"up"}, 0);
    const std::vector<std::string> where{"--folder", "m", "--database", "app.db", "--skip-backup"};
    for (const std::string to : {"base", "-1", "2"}) {
        std::vector<std::string> words{"migrate", "to", to};
        words.insert(words.end(), where.begin(), where.end());
        const Ended refused = run(words, 5);
        expect_in(refused.err, "takes back");
        expect_in(refused.err, "000005_step");
        expect_in(refused.err, "--yes");
    }
    EXPECT_EQ(tables(), "t1 t2 t3 t4 t5");
}

// Of goose: a program between the files, which its own tool has to run.
TEST_F(Migrate, program_counts_as_its_own_tool_has_run_it) {
    std::filesystem::create_directory(program.folder() / "g");
    const auto file = [&](const std::string& number, const std::string& table) {
        program.put("g/" + number + "_x.sql", "-- +goose Up\ncreate table " + table +
                                                  " (id integer);\n-- +goose Down\ndrop table " +
                                                  table + ";\n");
    };
    const auto go = [&](std::vector<std::string> words, int exit) {
        words.insert(words.begin(), "migrate");
        words.insert(words.end(), {"--folder", "g", "--database", "app.db"});
        return run(words, exit);
    };
    file("00001", "t1");
    program.put("g/00002_c.go", "package m\n");
    go({"up", "--skip-backup"}, 0);
    expect_in(go({"up", "--skip-backup"}, 0).err, "00002_c.go is a program");
    expect_in(go({"check"}, 1).out, "next 00002_c.go (a program, for its own tool)");
    expect_in(go({"status"}, 1).out, "program   00002_c.go: Drydock cannot run it");
    file("00003", "t3");
    expect_in(go({"up", "--skip-backup"}, 5).err, "00002_c.go is a program");
    sql("insert into goose_db_version (version_id, is_applied) values (2, 1)");
    expect_in(go({"status"}, 1).out, "program   2");
    go({"up", "--skip-backup"}, 0);
    expect_in(go({"check"}, 0).out, "at 00003, nothing pending");
    go({"down", "--skip-backup", "--yes"}, 0);
    expect_in(go({"down", "--skip-backup", "--yes"}, 5).err, "was a program");
    EXPECT_EQ(tables(), "t1");
}

TEST_F(Migrate, version_is_the_newest_also_when_an_older_one_has_no_file) {
    migrate({"up", "3"}, 0);
    for (const std::string way : {"up", "down"})
        std::filesystem::remove(program.folder() / ("m/000002_step." + way + ".sql"));
    expect_in(migrate({"status"}, 1).out, "golang-migrate, at 000003");
}

TEST_F(Migrate, says_all_that_is_wrong_with_the_folder_and_begins_no_run_with_an_empty_one) {
    program.put("m/000002_two.up.sql", "select 1");
    program.put("m/000006_open.up.sql", "select 'open");
    const std::string told = migrate({"status"}, 2).err;
    expect_in(told, "000006_open.up.sql:1:8");
    expect_in(told, "its number is also that of");
    std::filesystem::remove_all(program.folder() / "m");
    std::filesystem::create_directory(program.folder() / "m");
    expect_in(migrate({"up"}, 1).err, "/m is empty");
    EXPECT_EQ(run({"runs"}, 0).out, "");
}

TEST_F(Migrate, status_tells_what_else_there_is_to_say_of_the_folder) {
    program.put("m/000007_more.up.sql", "-- to do\n");
    program.put("m/README.md", "Read me.");
    const std::string told = migrate({"status"}, 1).out;
    expect_in(told, "note      000007_more.up.sql:1: it has no statement");
    expect_in(told, "gap       no number between 5 and 7");
    expect_in(told, "beside    README.md");
    program.put("m/9_program.go", "package m");
    expect_in(migrate({"status"}, 1).out, "program   9_program.go: Drydock cannot run it");
    const Value said = json::parse(migrate({"status", "--json"}, 1).out);
    EXPECT_EQ(*said.member("beside"), Value(Value::List{"README.md"}));
    EXPECT_EQ(said.member("programs")->as<Value::List>().size(), 1U);
    EXPECT_EQ(said.member("notes")->as<Value::List>().size(), 1U);
    EXPECT_EQ(said.member("gaps")->as<Value::List>().size(), 2U);
    std::filesystem::remove(program.folder() / "m/9_program.go");
    expect_in(migrate({"plan"}, 0).out, "there is no statement in it");
    expect_in(migrate({"up"}, 0).out, "000007_more.up.sql has no statement: nothing is done");
    EXPECT_EQ(migrate({"status"}, 0).out.find("no statement"), std::string::npos);
}

// A number of steps means those from where the run began, however often it is taken up.
TEST_F(Migrate, takes_no_more_steps_when_it_is_taken_up_again) {
    program.put("m/000002_step.up.sql",
                "insert into outside values (1);\ncreate table t2 (id integer);\n");
    expect_in(migrate({"up", "2"}, 1).out, "000002_step.up.sql:1:1: no such table: outside");
    EXPECT_EQ(tables(), "t1");
    sql("create table outside (id integer)");
    run({"resume", "last"}, 0);
    EXPECT_EQ(tables(), "t1 t2");
}

TEST_F(Migrate, undoes_a_run_only_while_nothing_came_after_it) {
    migrate({"up", "2"}, 0);
    const std::string first = ask("select substr(run, 1, 8) from drydock_migrations");
    migrate({"up"}, 0);
    expect_in(run({"undo", first}, 1).out, "000003_step came after this run");
    EXPECT_EQ(tables(), "t1 t2 t3 t4 t5");
    const std::string last =
        ask("select substr(run, 1, 8) from drydock_migrations order by id desc");
    expect_in(run({"undo", last}, 5).out, "is locked by run " + first);
    const std::string given_up = run({"cancel", first}, 0).out;
    expect_in(given_up, "CANCELLED");
    expect_in(given_up, "in effect: migrated");
    expect_in(given_up, "undo given up: migrated");
    expect_in(given_up, "next: drydock undo " + first);
    run({"resume", last}, 0);
    EXPECT_EQ(tables(), "t1 t2");
    run({"undo", first}, 0);
    EXPECT_EQ(tables(), "null");
}

TEST_F(Migrate, lint_tells_file_line_and_rule) {
    program.put("m/000005_step.up.sql", "alter table before_all drop column id;\n");
    const Ended ended = run({"migrate", "lint", "m", "sqlite"}, 1);
    expect_in(ended.out, "m/000005_step.up.sql:1:");
    expect_in(ended.out, "[drop-column]");
    expect_in(run({"migrate", "lint", "m", "oracle"}, 2).err, "postgres or sqlite");
    expect_in(run({"migrate", "lint", "nowhere"}, 2).err, "there is no folder nowhere");
}

TEST_F(Migrate, down_asks_whoever_sits_at_the_terminal) {
    migrate({"up"}, 0);
    const std::vector<std::string> down{"migrate",    "down",   "--folder",     "m",
                                        "--database", "app.db", "--skip-backup"};
    for (const std::string answer : {"n", "y"}) {
        Terminal terminal(DRYDOCK_PROGRAM, program.folder().path(), down);
        ASSERT_TRUE(terminal.wait_for("this takes back 000005_step, with what is in them. Do it?"))
            << terminal.screen();
        terminal.type(answer + "\n");
        EXPECT_EQ(terminal.wait(), answer == "y" ? 0 : 5) << terminal.screen();
        EXPECT_EQ(tables(), answer == "y" ? "t1 t2 t3 t4" : "t1 t2 t3 t4 t5");
    }
}

// Neither a run, nor a backup, nor a lock that somebody has to lift.
TEST_F(Migrate, begins_no_run_for_what_would_be_refused_or_is_done) {
    const std::vector<std::string> up{"migrate", "up", "--folder", "m", "--database", "app.db"};
    program.put("m/000002_again.up.sql", "select 1;\n");
    program.put("m/000003_step.up.sql", "select 'open;\n");
    const std::string told = run(up, 2).err;
    expect_in(told, "000002");
    expect_in(told, "m/000003_step.up.sql:1:8");
    std::filesystem::remove(program.folder() / "m/000002_again.up.sql");
    program.put("m/000003_step.up.sql", "rollback;\n");
    expect_in(run(up, 2).err, "rolls itself back");
    program.put("m/000003_step.up.sql", "create table t3 (id integer);\n");
    expect_in(migrate({"to", "77"}, 2).err, "there is no migration 77");
    EXPECT_FALSE(std::filesystem::exists(program.journal()));
    EXPECT_FALSE(std::filesystem::exists(program.folder() / "backups"));
    migrate({"up"}, 0);
    const std::string runs = run({"runs"}, 0).out;
    expect_in(migrate({"up"}, 0).out, "schema_migrations: at 000005, nothing to do");
    EXPECT_EQ(*json::parse(migrate({"up", "--json"}, 0).out).member("version"), Value("000005"));
    program.put("m/000002_step.up.sql", "create table t2 (id text);\n");
    expect_in(migrate({"to", "4"}, 5).err, "000002_step.up.sql:1: the file was edited");
    EXPECT_EQ(run({"runs"}, 0).out, runs);
}

TEST_F(Migrate, params_name_folder_and_database_as_well) {
    expect_in(
        run({"migrate", "up", "1", "-p", "folder=m", "-p", "database=app.db", "-p", "backup=false"},
            0)
            .out,
        "version: 000001");
}

TEST_F(Migrate, a_backup_comes_first_unless_it_is_left_out) {
    expect_in(run({"migrate", "up", "1", "--folder", "m", "--database", "app.db"}, 0).out,
              "saved  succeeded");
    EXPECT_TRUE(std::filesystem::exists(program.folder() / "backups"));
}

TEST_F(Migrate, takes_the_database_from_a_url) {
    run({"migrate", "up", "1", "--folder", "m", "--database", "sqlite:app.db", "--skip-backup"}, 0);
    EXPECT_EQ(tables(), "t1");
    expect_in(run({"migrate", "status", "--folder", "m", "--database",
                   "postgres://anna:hidden1@localhost/app"},
                  2)
                  .err,
              "a password on the command line");
    expect_in(run({"migrate", "status", "--folder", "m"}, 2).err, "no database was named");
    expect_in(
        program.run({"migrate", "check", "--folder", "m"}, {{"DATABASE_URL", "sqlite3://app.db"}})
            .out,
        "at 000001, 4 pending, next 000002_step");
}

TEST_F(Migrate, check_tells_by_its_exit_whether_anything_is_pending) {
    expect_in(migrate({"check"}, 1).out, "schema_migrations: at nothing, 5 pending, next 000001");
    migrate({"up"}, 0);
    expect_in(migrate({"check"}, 0).out, "at 000005, nothing pending");
    const Value said = json::parse(migrate({"check", "--json"}, 0).out);
    EXPECT_EQ(*said.member("pending"), Value(Value::List{}));
    std::filesystem::remove(program.folder() / "app.db");
    expect_in(migrate({"check"}, 2).err, "app.db");
}

TEST_F(Migrate, validate_names_the_line_that_was_edited_and_the_file_that_is_gone) {
    migrate({"up"}, 0);
    expect_in(migrate({"validate"}, 0).out, "at 000005, all files are as applied");
    program.put("m/000002_step.up.sql", "create table t2 (id integer);\n-- a word more\n");
    for (const std::string way : {"up", "down"})
        std::filesystem::remove(program.folder() / ("m/000004_step." + way + ".sql"));
    const std::string told = migrate({"validate"}, 1).out;
    expect_in(told, "000002_step was edited after it was applied: line 2 differs");
    expect_in(told, "000004_step is applied and has no file");
    const Value said = json::parse(migrate({"validate", "--json"}, 1).out);
    EXPECT_EQ(said.member("wrong")->as<Value::List>().size(), 2U);
}

TEST_F(Migrate, history_tells_who_did_what_in_which_run) {
    expect_in(migrate({"history"}, 0).out, "nothing was applied yet");
    migrate({"up", "2"}, 0);
    migrate({"down", "--yes"}, 0);
    const std::string told = migrate({"history"}, 0).out;
    expect_in(told, "up         000002_step");
    expect_in(told, "down       000002_step");
    expect_in(told, "run " + ask("select substr(run, 1, 8) from drydock_migrations limit 1"));
    std::size_t lines = 0;
    const std::string json_lines = migrate({"history", "--json"}, 0).out;
    for (const char c : json_lines) lines += c == '\n' ? 1 : 0;
    EXPECT_EQ(lines, 3U);
}

TEST_F(Migrate, history_tells_what_another_tool_has_done) {
    sql("create table schema_migrations (version uint64, dirty bool); "
        "insert into schema_migrations values (2, false)");
    expect_in(migrate({"history"}, 0).out, "000002_step  by golang-migrate");
}

// Folder, format and variables are those of the settings, and what the command line says besides.
TEST_F(Migrate, folder_and_variables_come_from_the_settings) {
    program.put("drydock.yaml",
                "migrations:\n  folder: db/goose\n  variables: {FIRST: t1, SECOND: t2}\n");
    std::filesystem::create_directories(program.folder() / "db/goose");
    program.put("db/goose/00001_a.sql",
                "-- +goose Up\n-- +goose ENVSUB ON\ncreate table $FIRST (id integer);\n"
                "create table ${SECOND} (id integer);\n-- +goose Down\ndrop table ${SECOND};\n"
                "drop table $FIRST;\n");
    const std::vector<std::string> there{"--database", "app.db", "--skip-backup"};
    const auto go = [&](std::vector<std::string> words, int exit) {
        words.insert(words.end(), there.begin(), there.end());
        return run(words, exit);
    };
    expect_in(go({"migrate", "up", "--variable", "second"}, 2).err, "--variable NAME=VALUE");
    expect_in(go({"migrate", "up", "--format", "rails"}, 2).err, "no format of migrations");
    expect_in(go({"migrate", "up", "-p", "variables=SECOND"}, 2).err, "--variable NAME=VALUE");
    const Ended nowhere = go({"migrate", "up", "--folder", "nowhere"}, 2);
    expect_in(nowhere.err, "there is no folder nowhere");
    expect_in(nowhere.err, "drydock migrate create");
    go({"migrate", "up", "--variable", "SECOND=t3"}, 0);
    EXPECT_EQ(tables(), "t1 t3");
    // The way back of the run has its variables; another command is told them again.
    const std::string last =
        json::parse(run({"runs", "--json"}, 0).out).member("run")->as<std::string>();
    run({"undo", last}, 0);
    EXPECT_EQ(tables(), "null");
    program.put("drydock.yaml", "migrations: {folder: db/goose, variables: {FIRST: t1}}\n");
    const Ended missing = go({"migrate", "up"}, 2);
    expect_in(missing.out + missing.err, "00001_a.sql:4:14");
    expect_in(missing.out + missing.err, "--variable SECOND=");
}

TEST_F(Migrate, create_makes_the_next_files_and_never_over_others) {
    const Ended made = run({"migrate", "create", "add_tags", "--folder", "m"}, 0);
    EXPECT_EQ(made.out, "m/000006_add_tags.up.sql\nm/000006_add_tags.down.sql\n");
    EXPECT_TRUE(std::filesystem::exists(program.folder() / "m/000006_add_tags.down.sql"));
    expect_in(run({"migrate", "create", "add_tags", "--folder", "m"}, 5).err, "has that name");
    expect_in(run({"migrate", "create", "Add Tags", "--folder", "m"}, 2).err, "lower case");
    expect_in(run({"migrate", "create", "add_x", "--folder", "n", "--format", "x"}, 2).err,
              "no format of migrations");
    expect_in(run({"migrate", "create", "add_x", "--folder", "n/o", "--format", "goose"}, 0).out,
              "n/o/00001_add_x.sql");
}

}  // namespace
}  // namespace drydock::test
