// migrate plan, lint, roundtrip, rehearse and --dry-run, as an operator gives them.

#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/json/json.h"
#include "tests/cli/program.h"
#include "tests/sql/drivers.h"

namespace drydock::test {
namespace {

class LooksAhead : public sql::OnEachDriver {
  protected:
    LooksAhead() {
        // What it makes and runs on the server that others use too is known by its role.
        if (on_server()) outside("create role " + database() + " superuser login");
        outside("create table users (id integer primary key, name text)");
        outside("insert into users values (1, 'anna')");
        outside("insert into users values (2, 'ben')");
        std::filesystem::create_directory(program_.folder() / "m");
        pair("000001_tags", "create table tags (id integer primary key);\n", "drop table tags;\n");
        pair("000002_age", "alter table users add column age integer;\n",
             "alter table users drop column age;\n");
    }
    void pair(const std::string& name, const std::string& up, const std::string& down) {
        program_.put("m/" + name + ".up.sql", up);
        program_.put("m/" + name + ".down.sql", down);
    }
    static bool on_server() { return GetParam() == sql::Driver::Postgres; }
    [[nodiscard]] std::string ask(const std::string& query) const {
        std::string answer;
        open()->run(query, {}, sql::Access::Read, [&](const sql::Row& row) {
            answer += (answer.empty() ? "" : " ") + to_text(row.value(0));
            return true;
        });
        return answer;
    }
    [[nodiscard]] std::string database() const {
        if (on_server()) return static_cast<const sql::PostgresTarget&>(*target_).name();
        std::string file;
        open()->run("select file from pragma_database_list", {}, sql::Access::Read,
                    [&](const sql::Row& row) {
                        file = to_text(row.value(0));
                        return true;
                    });
        return file;
    }
    Ended migrate(std::vector<std::string> words, int exit) {
        words.insert(words.begin(), "migrate");
        words.insert(words.end(), {"--folder", "m", "--database", database()});
        return run(words, exit);
    }
    Ended run(const std::vector<std::string>& words, int exit) {
        const auto& server = PostgresServer::shared();
        Ended ended = program_.run(words, {{"POSTGRES_HOST", server.socket_folder()},
                                           {"POSTGRES_PORT", std::to_string(server.port())},
                                           {"POSTGRES_USER", database()}});
        EXPECT_EQ(ended.exit, exit) << ended.out << ended.err;
        return ended;
    }
    [[nodiscard]] Value json(const std::vector<std::string>& words, int exit) {
        std::vector<std::string> all = words;
        all.emplace_back("--json");
        return json::parse(migrate(all, exit).out);
    }
    static void expect_in(const std::string& text, const std::string& part) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\nnot in\n" << text;
    }
    static std::string text(const Value& value, std::string_view key) {
        return to_text(*value.member(key));
    }
    static std::size_t count(const Value& value, std::string_view key) {
        return value.member(key)->as<Value::List>().size();
    }
    // Everything there is in the database, and of a file each byte.
    [[nodiscard]] std::string contents() const {
        if (on_server()) {
            return ask("select string_agg(relname || relfilenode, ' ' order by relname) from "
                       "pg_class where relnamespace = 'public'::regnamespace") +
                   ask("select string_agg(u::text, ' ') from users u") +
                   ask("select count(*) from pg_namespace where nspname = 'drydock'") +
                   ask("select xact_commit >= 0 from pg_stat_database where datname = "
                       "current_database()");
        }
        std::ifstream file(database(), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    [[nodiscard]] std::string scratch_databases() const {
        return on_server() ? ask("select count(*) from pg_database where datname ~ "
                                 "'^drydock_(roundtrip|rehearsal)_' and "
                                 "pg_get_userbyid(datdba) = current_database()")
                           : "0";
    }

    Program program_;
};

TEST_P(LooksAhead, plan_tells_statements_and_a_digest_that_a_run_can_be_held_to) {
    const Ended shown = migrate({"plan"}, 0);
    expect_in(shown.out, "up    000002_age.up.sql");
    expect_in(shown.out, "     1  alter table users: add column age");
    expect_in(shown.out, on_server() ? "ACCESS EXCLUSIVE on users" : "locks the whole file (");
    const Value plan = json({"plan"}, 0);
    const std::string digest = text(plan, "digest");
    expect_in(shown.out, "plan " + digest.substr(0, 16));
    EXPECT_EQ(count(plan, "migrations"), 2U);
    EXPECT_NE(text(json({"plan", "+1"}, 0), "digest"), digest);

    // A file that has changed since is another plan, and no run is begun.
    pair("000002_age", "alter table users add column years integer;\n",
         "alter table users drop column years;\n");
    expect_in(migrate({"up", "--skip-backup", "--require-plan", digest}, 5).err,
              "what would be run is not the plan " + digest.substr(0, 8));
    EXPECT_FALSE(std::filesystem::exists(program_.journal()));
    migrate({"up", "--skip-backup", "--require-plan", text(json({"plan"}, 0), "digest")}, 0);
    expect_in(migrate({"plan"}, 0).out, "nothing to do");
    const std::string back = text(json({"plan", "-1"}, 0), "digest");
    migrate({"down", "--yes", "--skip-backup", "--require-plan", back.substr(0, 8)}, 0);
    expect_in(migrate({"plan"}, 0).out, "at 000001");
    expect_in(migrate({"up", "--require-plan", "7"}, 2).err, "is no digest of a plan");
}

TEST_P(LooksAhead, run_looks_at_the_plan_again_under_its_locks) {
    const std::string digest = text(json({"plan"}, 0), "digest");
    // As somebody gives it who goes around the check before the run.
    const std::string runbook = on_server() ? "migrate" : "migrate-sqlite";
    const std::vector<std::string> words{"run", runbook,
                                         "-p",  "folder=" + (program_.folder() / "m"),
                                         "-p",  "database=" + database(),
                                         "-p",  "backup=false",
                                         "-p"};
    std::vector<std::string> other = words, agreed = words;
    other.push_back("plan=" + std::string(64, '0'));
    agreed.push_back("plan=" + digest);
    expect_in(run(other, 1).out, "that was agreed on");
    EXPECT_EQ(ask("select count(*) from users"), "2");
    run({"cancel", "last"}, 0);
    run(agreed, 0);
    expect_in(migrate({"status"}, 0).out, "applied   000002");
}

TEST_P(LooksAhead, lint_with_a_database_looks_at_what_is_pending_and_at_sizes) {
    pair("000003_drop", "alter table users drop column name;\n",
         "alter table users add column name text;\n");
    pair("000004_index", "create index users_age on users (age);\n", "drop index users_age;\n");
    migrate({"to", "000002", "--skip-backup"}, 0);
    const Value pending = json({"lint"}, 1);
    EXPECT_EQ(text(pending, "migrations"), "2");
    for (const Value& one : pending.member("findings")->as<Value::List>()) {
        EXPECT_GE(text(one, "file").substr(0, 6), "000003");
        // The table is small: its lock is held for a moment.
        EXPECT_NE(text(one, "rule"), "index-not-concurrent");
    }
    EXPECT_EQ(text(json({"lint", "--all"}, 1), "migrations"), "4");
    // Files alone tell nothing of sizes.
    const std::string dialect = on_server() ? "postgres" : "sqlite";
    const Ended files = run({"migrate", "lint", "m", dialect}, 1);
    if (on_server()) expect_in(files.out, "[index-not-concurrent]");
    expect_in(run({"migrate", "lint", "m", dialect, "--database", database()}, 2).err,
              "the database says itself");
}

TEST_P(LooksAhead, roundtrip_uses_a_database_of_its_own_and_leaves_nothing) {
    pair("000002_age", "create table ages (id integer);\n", "drop table ages;\n");
    const std::string before = contents();
    expect_in(migrate({"roundtrip"}, 0).out, "2 migrations, 2 clean");
    pair("000002_age", "create table ages (id integer);\n", "select 1;\n");
    const Ended failed = migrate({"roundtrip"}, 1);
    expect_in(failed.out, "down leaves  + table ages (id)");
    expect_in(failed.out, "up again: 000002_age.up.sql:1:");
    const Value told = json({"roundtrip"}, 1);
    EXPECT_EQ(text(told, "passed"), "false");
    EXPECT_EQ(count(told, "migrations"), 2U);
    EXPECT_EQ(contents(), before);
    EXPECT_EQ(scratch_databases(), "0");
    EXPECT_FALSE(std::filesystem::exists(program_.journal()));
}

TEST_P(LooksAhead, roundtrip_runs_prerequisites_first) {
    pair("000002_age", "alter table people add column age integer;\n",
         "alter table people drop column age;\n");
    expect_in(migrate({"roundtrip"}, 1).out, "000002_age.up.sql:1:");
    program_.put("m/prerequisites.sql", "create table people (id integer);\n");
    expect_in(migrate({"roundtrip"}, 0).out, "2 migrations, 2 clean");
}

TEST_P(LooksAhead, rehearse_goes_there_and_back_on_a_copy) {
    const std::string before = contents();
    const Ended shown = migrate({"rehearse"}, 0);
    expect_in(shown.out, "which was only read");
    expect_in(shown.out, "there: otherwise");
    expect_in(shown.out, "+ column users.age");
    expect_in(shown.out, "and back: as before");
    const Value told = json({"rehearse"}, 0);
    EXPECT_EQ(text(*told.member("rows_before"), "users"), "2");
    EXPECT_EQ(count(told, "there"), 2U);
    EXPECT_EQ(count(told, "back"), 2U);
    EXPECT_GT(told.member("bytes")->as<std::int64_t>(), 1000);
    pair("000002_age", "alter table users add column age integer;\n", "select 1;\n");
    expect_in(migrate({"rehearse"}, 1).out, "and back: otherwise");
    EXPECT_EQ(contents(), before);
    EXPECT_EQ(scratch_databases(), "0");
}

TEST_P(LooksAhead, dry_run_tries_in_a_transaction_that_is_rolled_back) {
    const std::string before = contents();
    const Ended shown = migrate({"up", "--dry-run"}, 0);
    EXPECT_EQ(contents(), before);
    expect_in(shown.out, "rolled back: nothing is changed");
    expect_in(shown.out, "up   000002_age");
    expect_in(migrate({"status"}, 1).out, "at nothing");
    EXPECT_FALSE(std::filesystem::exists(program_.journal()));
    pair("000002_age", "vacuum;\n", "select 1;\n");
    const Value told = json({"to", "head", "--dry-run"}, 0);
    EXPECT_EQ(count(told, "tried"), 1U);
    EXPECT_EQ(text(told, "why"), "000002_age.up.sql:1:1: this runs outside of a transaction");
    migrate({"up", "1", "--skip-backup"}, 0);
    expect_in(migrate({"down", "--dry-run"}, 0).out, "down 000001_tags");
    EXPECT_EQ(ask("select count(*) from tags"), "0");
}

class LooksAheadOnServer : public LooksAhead {
  protected:
    Program::Running start(std::vector<std::string> words) const {
        const auto& server = PostgresServer::shared();
        words.insert(words.begin(), "migrate");
        words.insert(words.end(), {"--folder", "m", "--database", database()});
        return program_.start(words, {{"POSTGRES_HOST", server.socket_folder()},
                                      {"POSTGRES_PORT", std::to_string(server.port())},
                                      {"POSTGRES_USER", database()}});
    }
    // How many sessions run the statement that does not end.
    [[nodiscard]] std::string busy() const {
        return ask(
            "select count(*) from pg_stat_activity where state = 'active' and "
            "usename = current_database() and query like 'select pg_sleep%'");
    }
};

TEST_P(LooksAheadOnServer, somebody_who_stops_a_trial_finds_nothing_of_it) {
    const std::string before = contents();
    pair("000002_age", "select pg_sleep(600);\n", "select 1;\n");
    const std::vector<std::vector<std::string>> trials{
        {"roundtrip"}, {"rehearse"}, {"up", "--dry-run"}};
    for (const std::vector<std::string>& words : trials) {
        Program::Running running = start(words);
        while (busy() == "0") {}
        running.signal(SIGINT);
        running.signal(SIGTERM);
        const Ended ended = running.wait();
        EXPECT_NE(ended.exit, 0) << ended.out;
        expect_in(ended.err, "stopped");
        EXPECT_EQ(busy(), "0");
        EXPECT_EQ(scratch_databases(), "0") << words.front();
        EXPECT_EQ(contents(), before);
    }
}

TEST_P(LooksAhead, up_begins_no_run_where_somebody_has_made_the_database_read_only) {
    if (!on_server()) return;  // a file has no such setting
    outside("alter database " + database() + " set default_transaction_read_only = on");
    expect_in(migrate({"up"}, 1).err, "read only by default");
    expect_in(run({"runs"}, 0).err, "no runs");
    EXPECT_EQ(count(json({"plan"}, 0), "migrations"), 2U) << "looking is allowed";
}

INSTANTIATE_TEST_SUITE_P(Databases, LooksAheadOnServer, testing::Values(sql::Driver::Postgres),
                         sql::driver_name);
INSTANTIATE_TEST_SUITE_P(Databases, LooksAhead,
                         testing::Values(sql::Driver::Sqlite, sql::Driver::Postgres),
                         sql::driver_name);

}  // namespace
}  // namespace drydock::test
