#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "engine/postgres/connection.h"
#include "engine/run/ids.h"
#include "tests/doubles/engine_story.h"
#include "tests/servers/redis_server.h"
#include "tests/sql/drivers.h"

// The shipped actions backup.* on servers, in whole runs with PostgreSQL's own programs.
namespace drydock::execute {
namespace {

using run::RunStatus;

class ServerBackups : public testing::Test {
  protected:
    ServerBackups() {
        target_.outside(
            "create schema \"odd 'one\"; create table \"odd 'one\".\"a:b\" (n int);"
            "insert into \"odd 'one\".\"a:b\" select generate_series(1, 7);"
            "insert into t select n, 'x' from generate_series(1, 300) as n;"
            "create table empty (n int)");
    }
    ~ServerBackups() override {
        for (const std::string& name : {restored(), "two_" + target_.name()})
            server_.run("postgres", "drop database if exists " + name + " with (force)");
    }
    [[nodiscard]] std::string restored() const { return "back_" + target_.name(); }
    RunFinished start(const std::string& steps) {
        const std::string place = "{postgres: \"" + server_.socket_folder() +
                                  "\", port: " + std::to_string(server_.port()) +
                                  ", user: postgres, database: ";
        return story_.start("runbook: demo\nfiles: [backups]\nconnections:\n  main: " + place +
                            target_.name() + "}\n  admin: " + place + "postgres}\n  back: " +
                            place + restored() + "}\n" + more_ + "steps:\n" + steps);
    }
    std::string back_up() {
        EXPECT_EQ(start("  - {id: a, uses: backup.postgres, with: {connection: main, to: backups, "
                        "verify_on: admin, jobs: 2}}\n")
                      .status,
                  RunStatus::Succeeded)
            << story_.error_of("a");
        return to_text(story_.output("a", "path"));
    }
    std::string failure(const std::string& steps) {
        EXPECT_EQ(start(steps).exit, 1);
        const std::string message = story_.error_of("a");
        story_.cancel();
        return message;
    }
    [[nodiscard]] std::string restore_step(const std::string& path) const {
        return "  - {id: a, uses: backup.restore, with: {connection: admin, path: " + path +
               ", database: " + restored() + "}}\n";
    }
    Value ask(const std::string& query) {
        Value found;
        target_.open(true)->run(query, {}, sql::Access::Read, [&](const sql::Row& row) {
            found = row.value(0);
            return true;
        });
        return found;
    }
    // Databases that the actions have made for themselves.
    Value left() {
        return ask("select count(*) from pg_database where datname in ('drydock_verify_" +
                   run::short_id(story_.last_run) + "_" + target_.name() + "', 'drydock_restore_" +
                   run::short_id(story_.last_run) + "_" + restored() + "')");
    }

    test::PostgresServer& server_ = test::PostgresServer::shared();
    sql::PostgresTarget target_;
    EngineStory story_;
    std::string more_;
};

TEST_F(ServerBackups, ABackupOfPostgresIsProvenByARestoreAndFoundAgain) {
    const std::string path = back_up();
    EXPECT_TRUE(path.ends_with(".dump")) << path;
    struct stat found {};
    ASSERT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0600U);
    const Value rows = story_.output("a", "rows");
    EXPECT_EQ(rows, Value(Value::Map{
                        {"\"odd 'one\".\"a:b\"", 7}, {"public.empty", 0}, {"public.t", 300}}));
    EXPECT_EQ(left(), Value(0)) << "the database of the proof";
    EXPECT_FALSE(std::filesystem::exists(path + ".part"));
    EXPECT_EQ(start("  - {id: a, uses: backup.latest, with: {folder: backups, of: main}}\n"
                    "  - {id: b, uses: backup.verify, with: {path: \"${steps.a.path}\"}}\n")
                  .status,
              RunStatus::Succeeded)
        << story_.error_of("a") << story_.error_of("b");
    EXPECT_EQ(story_.output("a", "path"), Value(path));
    EXPECT_NE(failure("  - {id: a, uses: backup.latest, with: {folder: backups, of: admin}}\n")
                  .find("no proven backup of postgres://"),
              std::string::npos)
        << "another database's";
}

TEST_F(ServerBackups, RowsAreCountedAtTheMomentOfTheDump) {
    std::atomic<bool> done{false};
    std::thread writer([&] {
        postgres::Connection connection({.server = Secret("server", server_.socket_folder()),
                                         .port = server_.port(),
                                         .database = Secret("database", target_.name()),
                                         .user = Secret("user", "postgres")});
        for (int n = 1000; !done; ++n)
            connection.exec("insert into t values (" + std::to_string(n) + ", 'later')");
    });
    const std::string path = back_up();
    done = true;
    writer.join();
    EXPECT_GT(story_.output("a", "rows").member("public.t")->as<std::int64_t>(), 300);
}

TEST_F(ServerBackups, WhatWasNotRestoredIsNotProven) {
    EXPECT_EQ(
        start("  - {id: a, uses: backup.postgres, with: {connection: main, to: backups}}\n").status,
        RunStatus::Succeeded)
        << story_.error_of("a");
    EXPECT_NE(failure("  - {id: a, uses: backup.latest, with: {folder: backups, of: main}}\n")
                  .find("no proven backup"),
              std::string::npos);
}

TEST_F(ServerBackups, ADatabaseThatDoesNotRestoreIsToldAndLeavesNothing) {
    // A default of a table that reads another one is dumped before that one is there.
    target_.outside(
        "create function rows_of_t() returns bigint language sql as 'select count(*) from t';"
        "create table late (n bigint check (n <= rows_of_t())); insert into late values (300)");
    EXPECT_NE(failure("  - {id: a, uses: backup.postgres, with: {connection: main, to: backups, "
                      "verify_on: admin}}\n")
                  .find("pg_restore ended with status"),
              std::string::npos);
    EXPECT_TRUE(std::filesystem::is_empty(story_.folder.file("backups")));
    EXPECT_EQ(story_.undo().status, RunStatus::Undone);
    EXPECT_EQ(left(), Value(0));
}

TEST_F(ServerBackups, RestoreMakesANewDatabaseAndUndoDropsIt) {
    const std::string path = back_up();
    target_.outside("delete from t");
    // A connection that the step names leads nowhere before, and there then.
    more_ = "  named: {like: main, database: \"${steps.a.database}\"}\n";
    ASSERT_EQ(start(restore_step(path) +
                    "  - {id: b, uses: sql.count, with: {connection: named, tables: [t]}}\n")
                  .status,
              RunStatus::Succeeded)
        << story_.error_of("a") << story_.error_of("b");
    EXPECT_EQ(story_.output("b", "rows"), Value(Value::Map{{"t", 300}}));
    EXPECT_EQ(story_.undo().status, RunStatus::Undone);
    EXPECT_EQ(ask("select count(*) from pg_database where datname = '" + restored() + "'"),
              Value(0));
    EXPECT_EQ(left(), Value(0));
}

TEST_F(ServerBackups, RestoreTouchesNoDatabaseThatIsThere) {
    const std::string path = back_up();
    server_.run("postgres", "create database " + restored());
    EXPECT_NE(failure(restore_step(path)).find("already"), std::string::npos);
    EXPECT_EQ(ask("select count(*) from pg_database where datname = '" + restored() + "'"),
              Value(1));
}

TEST_F(ServerBackups, RestoreRefusesAnAlteredFileAndOtherRows) {
    const std::string path = back_up();
    std::string manifest =
        story_.read("backups/" + path.substr(path.rfind('/') + 1) + ".manifest.json");
    // With its name: the digest and the server's path may hold the digits too.
    const std::string rows = "\"public.t\": 300";
    const std::size_t count = manifest.find(rows);
    ASSERT_NE(count, std::string::npos) << manifest;
    story_.write("backups/" + path.substr(path.rfind('/') + 1) + ".manifest.json",
                 manifest.replace(count + rows.size() - 1, 1, "1"));
    EXPECT_NE(failure(restore_step(path)).find("public.t has 300 rows"), std::string::npos);
    EXPECT_EQ(ask("select count(*) from pg_database where datname = '" + restored() + "'"),
              Value(0));
    EXPECT_EQ(story_.undo().status, RunStatus::Undone);
    std::ofstream(path, std::ios::app) << "x";
    EXPECT_NE(failure(restore_step(path)).find("is not what it was"), std::string::npos);
}

TEST_F(ServerBackups, RetentionKnowsThemByTheirManifests) {
    const std::string path = back_up();
    ASSERT_EQ(start("  - {id: a, uses: backup.compress, with: {folder: backups, of: main, "
                    "older_than: 0s}}\n"
                    "  - {id: b, uses: backup.prune, with: {folder: backups, of: main, keep_for: "
                    "0s}}\n")
                  .status,
              RunStatus::Succeeded)
        << story_.error_of("a") << story_.error_of("b");
    EXPECT_EQ(story_.output("a", "files"), Value(Value::List{})) << "pg_dump has compressed it";
    EXPECT_EQ(story_.output("b", "files"), Value(Value::List{})) << "the last one stays";
    story_.manual_clock.advance(Microseconds(60'000'000));
    const std::string newer = back_up();
    ASSERT_NE(newer, path);
    ASSERT_EQ(start("  - {id: b, uses: backup.prune, with: {folder: backups, of: main, keep_for: "
                    "0s}}\n")
                  .status,
              RunStatus::Succeeded)
        << story_.error_of("b");
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_TRUE(std::filesystem::exists(newer));
}

TEST_F(ServerBackups, ABackupOfRedisIsFoundAndProvenToo) {
    test::RedisServer redis({"--repl-diskless-sync-delay", "0"});
    // A password that there is none of is as if nothing had been said.
    more_ = "  cache: {redis: \"" + redis.socket() +
            "\", password: \"${secrets.none}\"}\nsecrets: {none: {env: NONE, default: null}}\n";
    ASSERT_EQ(start("  - {id: save, uses: backup.redis, with: {connection: cache, to: backups}}\n"
                    "  - {id: a, uses: backup.latest, with: {folder: backups, of: cache}}\n"
                    "  - {id: b, uses: backup.verify, with: {path: \"${steps.a.path}\"}}\n")
                  .status,
              RunStatus::Succeeded)
        << story_.error_of("save") << story_.error_of("a") << story_.error_of("b");
    EXPECT_EQ(story_.output("a", "path"), story_.output("save", "path"));
    EXPECT_NE(failure(restore_step(to_text(story_.output("a", "path")))).find("backup of redis"),
              std::string::npos);
}

}  // namespace
}  // namespace drydock::execute
