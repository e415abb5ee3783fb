#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "engine/cases/postgres_places.h"
#include "tests/cases/case_story.h"

namespace drydock::cases {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kFixture =
    "connections:\n"
    "  main:\n"
    "    sql: |\n"
    "      create table notes (id bigint generated always as identity primary key,\n"
    "                          text text not null, at timestamptz not null default now());\n"
    "      insert into notes (text) values ('first'), ('second');\n"
    "      create table marks (note bigint references notes, mark text);\n";

class PostgresCases : public testing::Test {
  protected:
    CaseStory story;

    // Of the one case, whose further keys are `rest`.
    Lines failures(const std::string& book, const std::string& rest,
                   const std::string& fixture = kFixture) {
        return story.failures(book,
                              "cases: book.yaml\n" + fixture + "list:\n  - case: it\n" + rest);
    }
};

constexpr const char* kElsewhere = R"yaml(runbook: book
secrets: {password: {env: PASSWORD}}
connections:
  main: {postgres: db.example.com, port: 6432, database: shop, user: clerk, tls: verify-full,
         ca: /etc/ssl/shop.pem, password: "${secrets.password}"}
  same: {postgres: "postgres://other:word@db.example.com:6432/shop?sslmode=require"}
  acting: {like: main, role: owner}
  plain: {postgres: /run/postgresql}
steps:
  - id: look
    lua: |
      local function of(connection)
        local row = connection:row("select current_database() as d, session_user as s, current_user as c")
        return row.d .. " " .. row.s .. " " .. row.c
      end
      return {all = of(connections.main) .. ", " .. of(connections.same) .. ", " ..
                    of(connections.acting) .. ", " .. of(connections.plain)}
    returns: {all: string}
outputs: {all: "${steps.look.all}"}
)yaml";

TEST_F(PostgresCases, LeadEveryConnectionToOnePrivateServer) {
    EXPECT_THAT(failures(kElsewhere,
                         "    secrets: {password: canary-word}\n"
                         "    expect:\n      run: succeeded\n      never: canary-word\n"
                         "      outputs: {all: 'shop clerk clerk, shop other other, "
                         "shop clerk owner, postgres postgres postgres'}\n",
                         ""),
                IsEmpty());
}

constexpr const char* kWrites = R"yaml(runbook: book
connections: {main: {postgres: db, database: shop, user: clerk}}
steps:
  - id: add
    lua: |
      connections.main:exec("insert into notes (text) values ('third')")
      connections.main:exec("insert into marks select max(id), 'new' from notes")
  - id: twice
    lua: |
      for _, word in ipairs{"a", "b"} do
        connections.main:transaction{key = word, function()
          connections.main:exec("insert into notes (text) values ($1)", word)
        end}
      end
  - id: many
    lua: |
      connections.main:batches{key = "fill", size = 2, sql = [[
        insert into marks select id, 'batch' from notes
         where not exists (select from marks where note = notes.id and mark = 'batch')
         order by id limit :size]]}
  - id: index
    idempotent: true
    lua: connections.main:exec_alone("create index concurrently if not exists by_mark on marks (mark)")
outputs: {count: "${steps.add.status}"}
)yaml";

TEST_F(PostgresCases, AreFilledLookedAtAndChangedThroughTheConnection) {
    EXPECT_THAT(failures(kWrites,
                         "    after: {add: 'connections.main:exec(\"insert into notes (text) "
                         "values (''x'')\")'}\n"
                         "    expect:\n      run: succeeded\n      holds:\n"
                         "        - connections.main:value(\"select count(*) from notes\") == 6\n"
                         "        - connections.main:value(\"select count(*) from marks\") == 7\n"),
                IsEmpty());
    EXPECT_THAT(failures(kWrites,
                         "    expect: {run: succeeded, holds: "
                         "'connections.main:value(\"select 1\") == 2'}\n"),
                ElementsAre(HasSubstr("got false")));
}

TEST_F(PostgresCases, KilledEverywhereEndAsIfNothingHadHappened) {
    const CaseResult result =
        story.play(kWrites, std::string("cases: book.yaml\n") + kFixture +
                                "list: [{case: it, kill: everywhere, expect: {run: succeeded}}]\n");
    EXPECT_THAT(result.failures, IsEmpty());
    ASSERT_TRUE(result.kills);
    EXPECT_GT(result.kills->killed, 30);
}

// Nothing keeps the second insert from being done again: the case must see it.
TEST_F(PostgresCases, KilledEverywhereFindWhatIsDoneTwice) {
    constexpr const char* kTwice = R"yaml(runbook: book
connections: {main: {postgres: db, database: shop, user: clerk}}
steps:
  - {id: add, idempotent: true, lua: 'connections.main:exec_alone("insert into notes (text) values (''third'')")'}
)yaml";
    EXPECT_THAT(failures(kTwice, "    kill: everywhere\n    expect: {run: succeeded}\n"),
                Contains(HasSubstr("the databases and files that it leaves, killed at ")));
}

TEST_F(PostgresCases, FindTheServerEmptyWhateverTheCaseBeforeHasLeft) {
    constexpr const char* kLeaves = R"yaml(runbook: book
connections: {main: {postgres: db, database: postgres, user: postgres}}
steps:
  - {id: a, idempotent: true, lua: 'connections.main:exec_alone("create database left_over")'}
  - {id: b, idempotent: true, lua: 'connections.main:exec_alone("alter system set work_mem = ''7MB''")'}
  - {id: c, lua: 'connections.main:exec("create role left_role; create table t (); alter role postgres set work_mem = ''8MB''")'}
)yaml";
    EXPECT_THAT(failures(kLeaves, "    expect: {run: succeeded}\n",
                         "connections: {main: {sql: \"create table u (n int); begin; lock table u; "
                         "prepare transaction 'held'; "
                         "select pg_create_physical_replication_slot('slot')\"}}\n"),
                IsEmpty());
    const pid_t before = CaseStory::postgres().pid();
    constexpr const char* kLooks = R"yaml(runbook: book
connections: {main: {postgres: db, user: postgres}}
steps:
  - id: look
    lua: |
      return {all = connections.main:value([[select concat_ws(' ',
        (select string_agg(datname, ',' order by datname) from pg_database),
        (select string_agg(rolname, ',') from pg_roles where rolname !~ '^pg_'),
        (select count(*) from pg_class where relname = 't'), current_setting('work_mem'),
        (select count(*) from pg_replication_slots), (select count(*) from pg_prepared_xacts))]])}
    returns: {all: string}
outputs: {all: "${steps.look.all}"}
)yaml";
    EXPECT_THAT(failures(kLooks,
                         "    expect: {run: succeeded, outputs: {all: "
                         "'postgres,template0,template1 postgres 0 4MB 0 0'}}\n",
                         ""),
                IsEmpty());
    EXPECT_EQ(CaseStory::postgres().pid(), before);
}

// A server notices that its client was killed only when the statement is over; whoever comes next
// must not meet its locks. Here a second session has one, in a statement that takes long.
TEST_F(PostgresCases, KilledEverywhereNeverMeetTheLocksOfALifeBefore) {
    constexpr const char* kLocks = R"yaml(runbook: book
connections: {main: {postgres: db, database: shop}}
steps:
  - id: a
    lua: |
      local main = connections.main
      check(main:value("select pg_try_advisory_lock(7) and pg_advisory_unlock(7)"), "it is locked")
      main:exec("select dblink_connect('other', $1)",
        "dbname=shop user=postgres port=5432 host=" ..
        main:value("select current_setting('unix_socket_directories')"))
      main:exec("select dblink_send_query('other', 'select pg_advisory_lock(7), pg_sleep(60)')")
)yaml";
    EXPECT_THAT(failures(kLocks, "    kill: everywhere\n    expect: {run: succeeded}\n",
                         "connections: {main: {sql: create extension dblink}}\n"),
                IsEmpty());
}

constexpr const char* kRestores = R"yaml(runbook: book
connections:
  main: {postgres: db, user: postgres}
  restored: {like: main, user: clerk, database: "${steps.restore.database}"}
steps:
  - id: restore
    idempotent: true
    lua: |
      connections.main:exec_alone("create database yesterday owner clerk")
      return {database = "yesterday"}
    returns: {database: string}
  - {id: use, lua: 'connections.restored:exec("create table t (n int)")'}
)yaml";

TEST_F(PostgresCases, LeadAConnectionThatAStepNamesToWhatTheStepHasMade) {
    EXPECT_THAT(failures(kRestores, "    expect: {run: succeeded}\n", ""), IsEmpty());
    EXPECT_THAT(failures(kRestores, "    expect: {run: succeeded}\n",
                         "connections: {restored: {sql: create table u (n int)}}\n"),
                Contains(HasSubstr("leads to a database that a step of the run names")));
}

TEST_F(PostgresCases, SayWhichStatementOfTheirSqlIsWrong) {
    EXPECT_THAT(failures(kWrites, "    expect: {run: succeeded}\n",
                         "connections: {main: {sql: create tabel t (n int)}}\n"),
                Contains(HasSubstr("the SQL of connection main: syntax error")));
    EXPECT_THAT(failures(kWrites, "    expect: {run: succeeded}\n",
                         "connections: {main: {file: book.yaml}}\n"),
                Contains(HasSubstr("is no file of SQL")));
}

// The SQL of a connection is run by its role, and by the superuser after `reset role`.
TEST_F(PostgresCases, GiveADatabaseToTheRoleOfItsConnection) {
    EXPECT_THAT(failures(R"yaml(runbook: book
connections: {main: {postgres: db, database: shop, user: clerk, role: owner}}
steps: [{id: a, lua: 'connections.main:exec("insert into mine values (1)")'}]
)yaml",
                         R"yaml(    expect:
      run: succeeded
      holds:
        - connections.main:value("select tableowner from pg_tables where tablename = 'mine'") == "owner"
        - connections.main:value("select tableowner from pg_tables where tablename = 'other'") == "postgres"
        - connections.main:value("select pg_get_userbyid(datdba) from pg_database where datname = 'shop'") == "owner"
)yaml",
                         "connections: {main: {sql: \"create table mine (n int); reset role; "
                         "create table other (n int)\"}}\n"),
                IsEmpty());
}

class PrivateServers : public testing::Test {
  protected:
    PrivateServers() { server.start_empty(); }
    static std::string answer(postgres::Connection& connection, const std::string& query) {
        std::string text;
        connection.run(query, {}, {}, [&](const postgres::ResultRow& row) {
            text = row.text(0);
            return true;
        });
        return text;
    }
    PrivatePostgres& server = CaseStory::postgres();
};

// What an engine that was killed has locked must be free before the next one begins.
TEST_F(PrivateServers, EndSessionsWithTheirLocksAndTheirWork) {
    server.connect("template1")->exec("create database there");
    const auto dead = server.connect("there");
    dead->exec("create table t (n int)");
    dead->exec("begin; insert into t values (1); lock table t");
    server.end_sessions();
    const auto next = server.connect("there");
    next->exec("begin; lock table t nowait; commit");
    EXPECT_EQ(answer(*next, "select count(*) from t"), "0");
    EXPECT_THROW(dead->exec("select 1"), Error);
}

TEST_F(PrivateServers, ThatCannotBeEmptiedAreMadeAnew) {
    // A database that says it is a template is not dropped.
    server.connect("template1")->exec("create database odd is_template true");
    const pid_t before = server.pid();
    server.clear();
    EXPECT_NE(server.pid(), before);
    EXPECT_EQ(answer(*server.connect("template1"),
                     "select count(*) from pg_database where datname = 'odd'"),
              "0");
}

TEST_F(PrivateServers, ThatDiedAreStartedAgain) {
    const pid_t before = server.pid();
    ::kill(before, SIGKILL);
    server.start_empty();
    EXPECT_NE(server.pid(), before);
    EXPECT_EQ(answer(*server.connect("postgres"), "select 1"), "1");
}

TEST_F(PrivateServers, AreNoHindranceToCasesWithoutPostgres) {
    CaseStory story;
    EXPECT_THAT(story.failures("runbook: book\nsteps: [{id: a, lua: return}]\n",
                               "cases: book.yaml\nlist: [{case: it, expect: {run: succeeded}}]\n"),
                IsEmpty());
}

}  // namespace
}  // namespace drydock::cases
