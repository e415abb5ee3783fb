#include "engine/migrate/plan.h"

#include <algorithm>

#include "engine/migrate/surroundings.h"
#include "tests/migrate/apply_fixture.h"

namespace drydock::migrate {
namespace {

// What is told of the way to a place, and that nothing else is gone then.
class Planned : public Migrated {
  protected:
    struct Seen {
        Folder folder;
        State state;
        Plan plan;
        std::vector<Blocker> blockers;
    };
    [[nodiscard]] std::unique_ptr<Seen> plan(const std::string& target) const {
        auto seen = std::make_unique<Seen>();
        seen->folder = read();
        const auto database = target_->open(true);
        const auto tool = tool_history(*database, seen->folder, {});
        Records records(*database, tool->table());
        seen->state = look(records, *tool, seen->folder);
        seen->plan = plan_of(seen->folder,
                             choose(seen->state, seen->folder, target_from(target), {}),
                             database->dialect(), look_around(*database));
        seen->blockers = blockers_of(seen->plan, *database);
        return seen;
    }
    // As lines: "000001_users.up.sql | 1:1 create table users"; a piece in brackets.
    [[nodiscard]] std::string told(const std::string& target) const {
        const auto seen = plan(target);
        std::string all;
        for (const PlannedMigration& one : seen->plan.migrations) {
            all += one.file + "\n";
            for (const PlannedPiece& piece : one.pieces) {
                all += piece.alone ? " alone\n" : " transaction\n";
                for (const PlannedStatement& statement : piece.statements) all += told(statement);
            }
        }
        return all;
    }
    [[nodiscard]] static std::string told(const PlannedStatement& statement) {
        std::string line =
            "  " + std::to_string(statement.place.line) + " " + statement.does;
        for (const TableLock& lock : statement.locks)
            line += "; " + std::string(name_of(lock.mode)) + " " + lock.table;
        if (statement.cost == Cost::Scan) line += "; scans " + statement.of;
        if (statement.cost == Cost::Rewrite) line += "; rewrites " + statement.of;
        return line + "\n";
    }
    // As a step of a run that was told to run that plan only.
    Applied go_as_agreed(const std::string& target, const std::string& digest,
                         std::int64_t since = 0) {
        const Folder folder = read();
        const auto database = open();
        ApplyOptions how = options_;
        how.who = "anna";
        how.run = scope_.run;
        require_plan(how, folder, {.digest = digest, .run = scope_.run, .since = since});
        sql::StepSession session("main", *database, scope_, hooks(), system_clock(), cancel_);
        return apply(session, folder, target_from(target), how);
    }
};

class PlannedOnServer : public Planned {};

TEST_P(Planned, TellsFilesTransactionsAndStatements) {
    write_three();
    const std::string up = told("+2");
    EXPECT_EQ(up,
              "000001_users.up.sql\n transaction\n  1 create table users\n"
              "000002_teams.up.sql\n transaction\n  1 create table teams\n  2 insert into teams\n"
              "  3 insert into teams\n");
    go("head");
    const std::string lock = on_server() ? "; ACCESS EXCLUSIVE " : "";
    EXPECT_EQ(told("-2"),
              "000003_tags.down.sql\n transaction\n  1 alter table users: drop column tags" +
                  (on_server() ? lock + "users" : std::string("; rewrites users")) +
                  "\n000002_teams.down.sql\n transaction\n  1 drop table teams" +
                  (on_server() ? lock + "teams" : "") + "\n");
}

TEST_P(Planned, DigestIsThatOfWhatIsRunAndNotOfSizes) {
    write_three();
    const std::string first = plan("head")->plan.digest;
    EXPECT_EQ(first.size(), 64U);
    EXPECT_NE(plan("+2")->plan.digest, first);
    outside("insert into t values (1, 'x')");
    EXPECT_EQ(plan("head")->plan.digest, first);
    write("000003_tags.up.sql", "alter table users add column tag text;\n");
    EXPECT_NE(plan("head")->plan.digest, first);
    go("head");
    const std::string back = plan("-1")->plan.digest;
    write("000003_tags.down.sql", "alter table users drop column tag;\n");
    EXPECT_NE(plan("-1")->plan.digest, back);
}

TEST_P(Planned, AgreedPlanIsRunAndAnotherIsRefused) {
    write_three();
    scope_.run = "01AGREED";
    const std::string digest = plan("head")->plan.digest;
    write("000003_tags.up.sql", "alter table users add column tag text;\n");
    const Error refused = sql::failure([&] { go_as_agreed("head", digest); });
    EXPECT_EQ(refused.code(), ErrorCode::Refused);
    EXPECT_EQ(standings(), "000001 pending, 000002 pending, 000003 pending");
    const Error no_digest = sql::failure([&] { go_as_agreed("head", "abc"); });
    EXPECT_EQ(no_digest.code(), ErrorCode::Usage);
    EXPECT_EQ(go_as_agreed("head", plan("head")->plan.digest.substr(0, 8)).done.size(), 3U);
}

// What somebody else has migrated since the plan was looked at is seen under the locks.
TEST_P(Planned, AgreedPlanIsRefusedWhenTheDatabaseHasGoneOn) {
    write_three();
    const std::string digest = plan("head")->plan.digest;
    go("+1");
    scope_.run = "01AGREED";
    EXPECT_EQ(sql::failure([&] { go_as_agreed("head", digest); }).code(), ErrorCode::Refused);
    EXPECT_EQ(standings(), "000001 applied, 000002 pending, 000003 pending");
}

TEST_P(Planned, RunThatWasCutGoesOnWithItsPlan) {
    write_three();
    write("000002_teams.up.sql",
          "create table teams (id integer);\ninsert into outside values (1);\n");
    const std::string digest = plan("head")->plan.digest;
    scope_.run = "01AGREED";
    EXPECT_EQ(sql::failure([&] { go_as_agreed("head", digest); }).code(), ErrorCode::Sql);
    EXPECT_EQ(standings(), "000001 applied, 000002 pending, 000003 pending");
    outside("create table outside (id integer)");
    EXPECT_EQ(go_as_agreed("head", digest).done.size(), 2U);
    EXPECT_EQ(standings(), "000001 applied, 000002 applied, 000003 applied");
}

TEST_P(Planned, WhatAnotherRunHasBegunIsInNoPlan) {
    write_three();
    write("000002_teams.up.sql",
          "begin;\ncreate table teams (id integer);\ncommit;\nbegin;\n"
          "insert into outside values (1);\ncommit;\n");
    const std::string digest = plan("head")->plan.digest;
    EXPECT_EQ(refusal("head").code(), ErrorCode::Sql);
    outside("create table outside (id integer)");
    scope_.run = "01AGREED";
    const Error refused = sql::failure([&] { go_as_agreed("head", digest); });
    EXPECT_NE(refused.message().find("000002_teams was begun"), std::string::npos)
        << refused.message();
    EXPECT_EQ(ask("select count(*) from outside"), "0");
}

TEST_P(Planned, SizesAreThoseOfTheDatabase) {
    outside("create table big (id integer primary key, a text)");
    outside("create table bare (id integer)");
    outside("insert into big with recursive n (i) as (select 1 union all select i + 1 from n "
            "where i < 5000) select i, 'some text for the row' from n");
    if (on_server()) outside("analyze big");
    const Surroundings found = look_around(*target_->open(true));
    EXPECT_EQ(found.sizes.at("big").rows, 5000);
    EXPECT_GT(found.sizes.at("big").bytes, 100'000);
    EXPECT_EQ(found.sizes.at("bare").bytes, 0);
    EXPECT_FALSE(found.server_version.empty());
}

TEST_P(PlannedOnServer, SizesOfATableThatIsLockedAreThoseOfItsLastAnalysis) {
    outside("create table big (id integer primary key)");
    outside("insert into big select generate_series(1, 5000)");
    outside("vacuum analyze big");
    const auto holder = target_->open();
    holder->begin();
    holder->run("lock table big in access exclusive mode", {}, sql::Access::Write, {});
    const Surroundings found = look_around(*target_->open(true));
    EXPECT_EQ(found.sizes.at("big").rows, 5000);
    EXPECT_GT(found.sizes.at("big").bytes, 100'000);
    holder->rollback();
}

TEST_P(PlannedOnServer, TellsLocksScansAndRewritesOfTablesThatAreThere) {
    outside("create table users (id int primary key, age int, name varchar(20))");
    outside("create table orders (id int primary key, user_id int references users)");
    outside("create index users_age on users (age)");
    write("1_all.up.sql",
          "create table plans (id int primary key, user_id int references users);\n"
          "alter table users alter column age type bigint;\n"
          "alter table users add column plan int references plans;\n"
          "alter table orders add constraint paid check (id > 0) not valid;\n"
          "create index orders_user on orders (user_id);\n"
          "drop index users_age;\n"
          "create index plans_user on plans (user_id);\n"
          "drop table orders;\n");
    write("2_apart.up.sql", "create index concurrently users_name on users (name);\n"
                            "alter table users validate constraint x;\n");
    EXPECT_EQ(told("head"),
              "1_all.up.sql\n transaction\n"
              "  1 create table plans; SHARE ROW EXCLUSIVE users\n"
              "  2 alter table users: type of age to bigint; ACCESS EXCLUSIVE users; "
              "rewrites users\n"
              "  3 alter table users: add column plan; ACCESS EXCLUSIVE users\n"
              "  4 alter table orders: add check paid, not valid; ACCESS EXCLUSIVE orders\n"
              "  5 create index orders_user on orders; SHARE orders; scans orders\n"
              "  6 drop index users_age; ACCESS EXCLUSIVE users\n"
              "  7 create index plans_user on plans\n"
              "  8 drop table orders; ACCESS EXCLUSIVE orders; ACCESS EXCLUSIVE users\n"
              "2_apart.up.sql\n alone\n"
              "  1 create index concurrently users_name on users; SHARE UPDATE EXCLUSIVE users; "
              "scans users\n transaction\n"
              "  2 alter table users: validate constraint x; SHARE UPDATE EXCLUSIVE users; "
              "scans users\n");
}

// A foreign key that goes is a lock on both tables, and only the catalog knows of it.
TEST_P(PlannedOnServer, TellsLocksAtTheOtherEndOfForeignKeys) {
    outside("create table users (id int primary key)");
    outside("create table orders (id int, user_id int constraint of_user references users)");
    const std::string both = "; ACCESS EXCLUSIVE orders; ACCESS EXCLUSIVE users";
    const std::string turned = "; ACCESS EXCLUSIVE users; ACCESS EXCLUSIVE orders";
    const std::pair<std::string, std::string> statements[] = {
        {"drop table orders", both},
        {"drop table users cascade", turned},
        {"truncate users cascade", turned},
        {"alter table orders drop column user_id", both},
        {"alter table orders drop constraint of_user", both},
        {"alter table orders drop column id", "; ACCESS EXCLUSIVE orders"},
    };
    const std::string tables = "(" + ask("select 'users'::regclass::oid::bigint") + ", " +
                               ask("select 'orders'::regclass::oid::bigint") + ")";
    for (const auto& [statement, locks] : statements) {
        write("1_x.up.sql", statement + ";\n");
        const std::string line = told("head");
        EXPECT_NE(line.find(locks + "\n"), std::string::npos) << line;
        const auto database = open();
        database->begin();
        database->run(statement, {}, sql::Access::Write, {});
        std::string held;
        database->run("select count(distinct relation) from pg_locks where "
                      "pid = pg_backend_pid() and mode = 'AccessExclusiveLock' and relation in " +
                          tables,
                      {}, sql::Access::Read, [&](const sql::Row& row) {
                          held = to_text(row.value(0));
                          return true;
                      });
        database->rollback();
        EXPECT_EQ(held, std::to_string(std::ranges::count(locks, ';'))) << statement;
    }
}

TEST_P(PlannedOnServer, TellsWhoIsInTheWayNow) {
    outside("create table users (id int primary key)");
    write("1_x.up.sql", "create table n (id int);\nalter table users add column a int;\n");
    EXPECT_TRUE(plan("head")->blockers.empty());
    const auto other = open();
    other->begin();
    other->run("select * from users", {}, sql::Access::Read, {});
    const auto seen = plan("head");
    ASSERT_EQ(seen->blockers.size(), 1U);
    const Blocker& one = seen->blockers.front();
    EXPECT_EQ(one.file, "1_x.up.sql");
    EXPECT_EQ(one.place.line, 2U);
    EXPECT_EQ(one.table, "users");
    EXPECT_EQ(one.wanted, LockMode::AccessExclusive);
    EXPECT_EQ(one.held, LockMode::AccessShare);
    EXPECT_EQ(one.state, "idle in transaction");
    EXPECT_EQ(one.query, "select * from users");
    EXPECT_GT(one.pid, 0);
    other->rollback();
    EXPECT_TRUE(plan("head")->blockers.empty());
    // Who reads is not in the way of a lock that lets reads go on.
    write("1_x.up.sql", "create index users_id on users (id);\n");
    other->begin();
    other->run("select * from users", {}, sql::Access::Read, {});
    EXPECT_TRUE(plan("head")->blockers.empty());
    other->rollback();
}

INSTANTIATE_TEST_SUITE_P(Databases, PlannedOnServer, testing::Values(sql::Driver::Postgres),
                         sql::driver_name);
INSTANTIATE_TEST_SUITE_P(Databases, Planned,
                         testing::Values(sql::Driver::Sqlite, sql::Driver::Postgres),
                         sql::driver_name);

}  // namespace
}  // namespace drydock::migrate
