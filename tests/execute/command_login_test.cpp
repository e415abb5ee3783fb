// Programs that log in to a connection: command{…, login = connection}, with PostgreSQL's own.

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/doubles/engine_story.h"
#include "tests/servers/postgres_server.h"

namespace drydock::execute {
namespace {

using run::RunStatus;

// libpq takes a password with either only when it reads the file by its rules.
constexpr const char* kPassword = R"(can:ary\word)";

// A server that lets anna in with her password, over TLS, and nobody else.
class CommandLogin : public testing::Test {
  protected:
    CommandLogin() {
        server_.run("postgres", "alter role anna password 'can:ary\\word'");
        story_.variables["PW"] = kPassword;
    }
    // Of a connection that is secured as much as can be; `more` are further settings of it.
    RunFinished start(const std::string& lua, const std::string& more = "") {
        std::string indented;
        for (const char c : lua)
            indented += c == '\n' ? std::string("\n      ") : std::string(1, c);
        return story_.start(
            "runbook: demo\nsecrets: {pw: {env: PW}}\ncommands: [psql, sh]\nconnections:\n"
            "  other: {sqlite: other.db}\n  cache: {redis: /nowhere}\n"
            "  main: {postgres: localhost, port: " +
            std::to_string(server_.port()) +
            ", database: postgres, user: anna, password: \"${secrets.pw}\", tls: verify-full, "
            "ca: " +
            server_.folder() + "/ca.crt" + more + "}\nsteps:\n  - id: a\n    lua: |\n      " +
            indented + "\n    returns: {said: string}\n");
    }
    std::string said(const std::string& lua, const std::string& more = "") {
        EXPECT_EQ(start(lua, more).status, RunStatus::Succeeded) << story_.error_of("a");
        return to_text(story_.output("a", "said"));
    }
    std::string failure(const std::string& lua, const std::string& more = "") {
        EXPECT_EQ(start(lua, more).exit, 1);
        const std::string message = story_.error_of("a");
        story_.cancel();
        return message;
    }

    test::PostgresServer& server_ = test::PostgresServer::with_tls();
    EngineStory story_;
};

TEST_F(CommandLogin, AProgramIsLetInAsTheConnectionIs) {
    EXPECT_EQ(said(R"lua(local answer = command{"psql", "-Atqc",
  "select current_user, current_database(), version, application_name from pg_stat_ssl " ..
  "join pg_stat_activity using (pid) where pid = pg_backend_pid() and ssl",
  login = connections.main}
return {said = answer.output})lua"),
              "anna|postgres|TLSv1.3|drydock\n");
    EXPECT_EQ(said(R"lua(return {said = command{"psql", "-Atqc", "select current_database()",
  login = "main", env = {PGDATABASE = "template1"}}.output})lua"),
              "template1\n")
        << "by name, and what the step gives wins";
}

TEST_F(CommandLogin, NeitherArgumentsNorEnvironmentHoldThePassword) {
    const std::string told = said(R"lua(return {said = command{"sh", "-c",
  "cat /proc/self/cmdline /proc/$$/environ; stat -Lc %a $PGPASSFILE; cat $PGPASSFILE",
  login = connections.main}.output})lua");
    const std::size_t file = told.find("600\n");
    ASSERT_NE(file, std::string::npos) << told;
    const std::string before = told.substr(0, file);
    EXPECT_NE(before.find("PGPASSFILE=/"), std::string::npos) << before;
    EXPECT_NE(before.find("PGSSLMODE=verify-full"), std::string::npos) << before;
    EXPECT_EQ(before.find("ary"), std::string::npos) << before;
    // As a password file writes it; good for this server and user alone.
    EXPECT_EQ(told.substr(file + 4),
              "localhost:" + std::to_string(server_.port()) + R"(:*:anna:can\:ary\\word)" + "\n");
    EXPECT_EQ(story_.read("journal.db").find(kPassword), std::string::npos);
}

TEST_F(CommandLogin, ThePasswordIsGoneWhenTheProgramHasEnded) {
    const std::string path =
        said(R"lua(return {said = command{"sh", "-c", "cat $PGPASSFILE >&2; printf $PGPASSFILE",
  login = connections.main}.output})lua");
    ASSERT_TRUE(path.starts_with("/proc/" + std::to_string(::getpid()) + "/fd/")) << path;
    std::error_code none;
    EXPECT_EQ(std::filesystem::read_symlink(path, none).string().find("memfd"), std::string::npos);
    EXPECT_EQ(
        said(R"lua(return {said = command{"sh", "-c", "echo ${PGPASSFILE-none}"}.output})lua"),
        "none\n")
        << "a program without login has nothing of it";
}

TEST_F(CommandLogin, WhatTheConnectionMayNotDoTheProgramMayNot) {
    EXPECT_NE(failure(R"lua(command{"psql", "-qc", "create table made_here (a int)",
  login = connections.main})lua",
                      ", read_only: true")
                  .find("read-only transaction"),
              std::string::npos);
    server_.run("postgres",
                "drop role if exists \"the role\"; create role \"the role\"; "
                "grant \"the role\" to anna");
    EXPECT_EQ(said(R"lua(return {said = command{"psql", "-Atqc", "select current_user",
  login = connections.main}.output})lua",
                   ", role: the role"),
              "the role\n");
}

TEST_F(CommandLogin, OtherConnectionsAreRefusedWithAHint) {
    story_.sql("other.db", "create table t (a)");
    EXPECT_NE(failure(R"lua(command{"sh", "-c", "true", login = connections.other})lua")
                  .find("no logging in to a SQLite file"),
              std::string::npos);
    EXPECT_NE(failure(R"lua(command{"sh", "-c", "true", login = connections.cache})lua")
                  .find("cache is a Redis connection"),
              std::string::npos);
    EXPECT_NE(failure(R"lua(command{"sh", "-c", "true", login = "nowhere"})lua")
                  .find("there is no connection nowhere"),
              std::string::npos);
}

TEST_F(CommandLogin, AWrongPasswordIsTheConnectionsErrorAndNotShown) {
    story_.variables["PW"] = "canary-wrong";
    const std::string message = failure(R"lua(command{"psql", "-c", "select 1",
  login = connections.main})lua");
    EXPECT_NE(message.find("password authentication failed"), std::string::npos) << message;
    EXPECT_EQ(message.find("canary"), std::string::npos) << message;
}

}  // namespace
}  // namespace drydock::execute
