#include <filesystem>

#include "engine/json/json.h"
#include "tests/cli/cli_story.h"

namespace drydock::test {
namespace {

// `drydock migrate`, as an operator gives it, on a SQLite file.
class Migrate : public testing::Test {
  protected:
    Migrate() {
        sql("create table before_all (id integer)");
        std::filesystem::create_directory(program.folder() / "m");
        for (int n = 1; n <= 5; ++n) {
            const std::string number = std::to_string(n);
            const std::string name = "m/00000" + number + "_step.";
            program.put(name + "up.sql", "create table t" + number + " (id integer);\n");
            program.put(name + "down.sql", "drop table t" + number + ";\n");
        }
    }
    void sql(const std::string& text) const {
        sqlite::Connection(program.folder() / "app.db", {.mode = sqlite::Mode::Create}).exec(text);
    }
    [[nodiscard]] std::string ask(const std::string& query) const {
        sqlite::Connection connection(program.folder() / "app.db",
                                      {.mode = sqlite::Mode::ReadOnly});
        sqlite::Statement row = connection.prepare(query);
        return row.step() ? to_text(row.column(0)) : "";
    }
    [[nodiscard]] std::string tables() const {
        return ask(
            "select group_concat(name, ' ') from (select name from sqlite_schema where name "
            "glob 't[0-9]' order by name)");
    }
    Ended migrate(std::vector<std::string> words, int exit) {
        words.insert(words.begin(), "migrate");
        words.insert(words.end(),
                     {"-p", "folder=m", "-p", "database=app.db", "-p", "backup=false"});
        return run(words, exit);
    }
    Ended run(const std::vector<std::string>& words, int exit) {
        Ended ended = program.run(words);
        EXPECT_EQ(ended.exit, exit) << ended.out << ended.err;
        return ended;
    }
    static void expect_in(const std::string& text, const std::string& part) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\nnot in\n" << text;
    }

    Program program;
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
    run({"resume", first, "--skip", "migrated", "--reason", "the later ones stay"}, 0);
    run({"undo", "last"}, 0);
    EXPECT_EQ(tables(), "t1 t2");
}

TEST_F(Migrate, lint_tells_file_line_and_rule) {
    program.put("m/000005_step.up.sql", "alter table before_all drop column id;\n");
    const Ended ended = run({"migrate", "lint", "m", "sqlite"}, 1);
    expect_in(ended.out, "m/000005_step.up.sql:1:");
    expect_in(ended.out, "[drop-column]");
    expect_in(run({"migrate", "lint", "m", "oracle"}, 2).err, "postgres or sqlite");
    expect_in(run({"migrate", "lint", "nowhere"}, 2).err, "there is no folder nowhere");
}

}  // namespace
}  // namespace drydock::test
