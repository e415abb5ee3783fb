#include <filesystem>

#include "engine/json/json.h"
#include "tests/cli/cli_story.h"

namespace drydock::test {
namespace {

// The commands for one database, as an operator gives them.
class Database : public testing::Test {
  protected:
    Database() {
        sql("create table users (id integer primary key, name text, mail text);"
            "create table orders (id integer primary key, user_id integer references users (id));"
            "insert into users values (1, 'anna', 'a@x'), (2, 'ben', 'b@x');"
            "insert into orders values (1, 1), (2, 2), (3, 1);"
            "create index orders_user on orders (user_id);"
            "create index by_name on users (name); create index by_both on users (name, mail);"
            "analyze");
    }
    void sql(const std::string& text) const {
        sqlite::Connection other(program.folder() / "app.db", {.mode = sqlite::Mode::Create});
        other.exec(text);
    }
    [[nodiscard]] std::string bytes() const { return program.folder().get("app.db"); }
    static void expect_in(const std::string& text, const std::string& part) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\nnot in\n" << text;
    }
    // Whatever is asked, nothing is wider than a terminal.
    Ended ask(const std::vector<std::string>& args, int exit) {
        Ended ended = program.run(args);
        EXPECT_EQ(ended.exit, exit) << ended.out << ended.err;
        std::size_t width = 0;
        for (const char c : ended.out) {
            const bool continues = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
            width = c == '\n' ? 0 : width + (continues ? 0 : 1);
            EXPECT_TRUE(args.back() == "--json" || width <= 80) << ended.out;
        }
        return ended;
    }

    Program program;
};

TEST_F(Database, check_says_that_it_is_whole_and_counts) {
    const std::string before = bytes();
    const Ended ended = ask({"db", "check", "app.db"}, 0);
    expect_in(ended.out, "whole  app.db");
    expect_in(ended.out, "  orders  3\n  users   2\n");
    EXPECT_EQ(bytes(), before);
}

TEST_F(Database, check_as_json_says_the_same) {
    const Value said = json::parse(ask({"db", "check", "app.db", "--json"}, 0).out);
    EXPECT_EQ(*said.member("verdict"), Value("whole"));
    EXPECT_EQ(said.member("tables")->as<Value::List>().size(), 2U);
    EXPECT_EQ(*said.member("bytes"), Value(static_cast<std::int64_t>(bytes().size())));
}

TEST_F(Database, check_of_rows_that_point_nowhere_fails) {
    sql("delete from users where id = 1");
    const Ended ended = ask({"db", "check", "app.db"}, 1);
    expect_in(ended.out, "2 rows of orders point to no row of users");
}

TEST_F(Database, a_damaged_file_exits_8_and_stays_as_it_is) {
    sql("with recursive n (i) as (select 10 union all select i + 1 from n where i < 3000) "
        "insert into users select i, 'user ' || i, 'mail' from n");
    std::string broken = bytes();
    broken.replace(4096 * 6, 4096, std::string(4096, 'U'));
    program.put("app.db", broken);
    const Ended ended = ask({"db", "check", "app.db"}, 8);
    expect_in(ended.out, "damaged  app.db");
    expect_in(ended.out, "drydock run sqlite-recovery");
    EXPECT_EQ(bytes(), broken);
    expect_in(ask({"db", "prepare", "app.db"}, 8).err, "damaged, nothing was written into it");
    EXPECT_EQ(bytes(), broken);
    for (const char* bad : {"rm ", "kill"}) EXPECT_EQ(ended.out.find(bad), std::string::npos);
}

TEST_F(Database, another_kind_of_file_exits_8_in_each_command) {
    program.put("app.db", "PK\x03\x04 some archive");
    for (const char* command : {"check", "inspect", "prepare"}) {
        expect_in(ask({"db", command, "app.db"}, 8).err, "begin with \"PK.. some archiv\"");
    }
    EXPECT_EQ(bytes(), "PK\x03\x04 some archive");
    EXPECT_EQ(program.folder().count(), 1);
}

TEST_F(Database, prepare_makes_the_table_once) {
    expect_in(ask({"db", "prepare", "app.db"}, 0).out, "made the table drydock_receipts");
    const std::string after = bytes();
    expect_in(ask({"db", "prepare", "app.db"}, 0).out, "nothing to do");
    EXPECT_EQ(bytes(), after);
    EXPECT_EQ(ask({"db", "prepare", "app.db", "--json"}, 0).out,
              "{\"database\":\"app.db\",\"made\":false,\"table\":\"drydock_receipts\"}\n");
}

TEST_F(Database, prepare_refuses_an_empty_file_and_the_journal) {
    program.put("empty.db", "");
    expect_in(ask({"db", "prepare", "empty.db"}, 1).err, "is empty");
    EXPECT_EQ(program.folder().get("empty.db"), "");
    program.put("counting.yaml", kCounting);
    sql("create table t (n integer)");
    EXPECT_EQ(program.run({"run", "counting.yaml"}).exit, 0);
    expect_in(ask({"db", "prepare", program.journal()}, 5).err, "drydock's own journal");
}

TEST_F(Database, inspect_names_sizes_indexes_and_slow_statements) {
    program.put("queries.sql",
                "select * from users where mail = ?;\nselect * from users where name = ?;\n");
    const Ended ended = ask({"db", "inspect", "app.db", "--sql", "queries.sql"}, 0);
    expect_in(ended.out, "by_name (name) is the beginning of by_both (name, mail)");
    expect_in(ended.out, "line 1  select * from users where mail = ?\n  – every row of users is");
    expect_in(ended.out, "orders_user of orders is used by none of these statements");
    const Value said =
        json::parse(ask({"db", "inspect", "app.db", "--sql", "queries.sql", "--json"}, 0).out);
    EXPECT_EQ(said.member("statements")->as<Value::List>().size(), 2U);
    EXPECT_EQ(said.member("findings")->as<Value::List>().size(), 1U);
    EXPECT_GE(said.member("trees")->as<Value::List>().size(), 5U);
}

TEST_F(Database, inspect_fails_when_a_statement_does_not_compile) {
    program.put("queries.sql", "select one from nowhere");
    expect_in(ask({"db", "inspect", "app.db", "--sql", "queries.sql"}, 1).out,
              "! no such table: nowhere");
}

TEST_F(Database, rehearse_tells_what_the_steps_do_and_touches_nothing) {
    program.put("book.yaml", R"yaml(runbook: book
params: {database: path}
connections: {app: {sqlite: "${params.database}"}}
steps:
  - id: add
    uses: sql.run
    with: {connection: app, sql: create table teams (id integer primary key)}
    undo: {lua: 'connections.app:exec("drop table teams")'}
  - {id: compact, uses: sqlite.vacuum, with: {connection: app}}
  - {id: report, effect: read, lua: 'log.info("%s", steps.compact.after)'}
)yaml");
    const std::string before = bytes();
    std::filesystem::create_directory(program.folder() / "space");
    const std::vector<std::string> args{"rehearse",        "book.yaml", "-p",
                                        "database=app.db", "--in",      program.folder() / "space"};
    const Ended ended = ask(args, 0);
    expect_in(ended.out, "rehearsed  book");
    expect_in(ended.out, "+ table teams");
    expect_in(ended.out, "2  compact: it acts outside of transactions");
    expect_in(ended.out, "3  report: needs steps.compact.after");
    expect_in(ended.out, "after undo, compared with before: schema as before");
    EXPECT_EQ(bytes(), before);
    EXPECT_TRUE(std::filesystem::is_empty(program.folder() / "space"));
    EXPECT_FALSE(std::filesystem::exists(program.journal())) << "it has a journal of its own";
    std::vector<std::string> as_json = args;
    as_json.push_back("--json");
    const Value said = json::parse(ask(as_json, 0).out);
    EXPECT_EQ(*said.member("failed"), Value(false));
    EXPECT_EQ(said.member("not_rehearsed")->as<Value::List>().size(), 2U);
}

TEST_F(Database, rehearse_fails_when_a_step_does) {
    program.put("book.yaml",
                "runbook: book\nconnections: {app: {sqlite: app.db}}\nsteps:\n"
                "  - {id: add, uses: sql.run, with: {connection: app, sql: insert into nowhere "
                "values (1)}}\n");
    const Ended ended = ask({"rehearse", "book.yaml"}, 1);
    expect_in(ended.out, "add   failed");
    expect_in(ended.out, "no such table: nowhere");
}

// On production somebody else may have to wait for the locks of a rehearsal in place.
TEST_F(Database, rehearse_in_place_on_production_wants_its_name) {
    program.put("drydock.yaml", "environments: {live: {production: true}}\n");
    program.put(
        "book.yaml",
        "runbook: book\nconnections: {main: {postgres: /nowhere, database: app}}\n"
        "steps:\n"
        "  - {id: add, uses: sql.run, with: {connection: main, sql: create table t (a int)}}"
        "\n");
    std::vector<std::string> words{"rehearse", "book.yaml", "--in-place", "--environment", "live"};
    const Ended refused = ask(words, 5);
    expect_in(refused.err, "--confirm live");
    words.insert(words.end(), {"--confirm", "live"});
    expect_in(ask(words, 1).err, "/nowhere");
}

}  // namespace
}  // namespace drydock::test
