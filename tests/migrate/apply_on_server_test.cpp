#include <thread>

#include "engine/migrate/apply.h"
#include "engine/migrate/tool_table.h"
#include "tests/migrate/apply_fixture.h"

// What only a server can do to migrations.
namespace drydock::migrate {
namespace {

using testing::Values;
using Texts = std::vector<std::string>;

class ServerApply : public Migrated {};
INSTANTIATE_TEST_SUITE_P(On, ServerApply, Values(sql::Driver::Postgres), sql::driver_name);

TEST_P(ServerApply, RunsWhatCommitsByItselfOutsideOfATransactionWhereTheFileAsksForThat) {
    const std::string work =
        "create table z (i int);\n"
        "do $$ begin insert into z values (1); commit; insert into z values (2); end $$;\n"
        "create procedure p() language plpgsql as $$ begin insert into z values (3); commit; end "
        "$$;\ncall p();\n-- migrate:down\n";
    write("1_a.sql", "-- migrate:up transaction:false\n" + work);
    EXPECT_EQ(go("head").done.size(), 1U);
    EXPECT_EQ(ask("select string_agg(i::text, ' ' order by i) from z"), "1 2 3");
}

TEST_P(ServerApply, RefusesToSendRowsToNobodyBeforeAnythingIsRun) {
    write("1_a.up.sql", "create table a (i int);\n");
    write("2_b.up.sql", "create table b (i int);\ncopy b to stdout;\n");
    EXPECT_NE(refusal("head").message().find("2_b.up.sql:2:1: COPY TO STDOUT"),
              std::string::npos);
    EXPECT_EQ(ask("select to_regclass('a')"), "null");
}

TEST_P(ServerApply, RunsWhatCannotBeInATransactionByItselfAndGoesOnAfterACut) {
    write("1_index.up.sql",
          "create table a (id integer);\ncreate index concurrently a_id on a (id);\n"
          "insert into a values (1);\n");
    // Cut after the server has built it, before that is noted.
    struct Cut {};
    after_alone_ = [] { throw Cut(); };
    EXPECT_THROW(go("head"), Cut);
    EXPECT_EQ(standings(), "1 pending");
    after_alone_ = {};
    EXPECT_EQ(done("head"), Texts{"up 1"});
    EXPECT_EQ(effects_.size(), 1U) << "found done by the catalog";
    EXPECT_EQ(ask("select count(*) from a"), "1");
    EXPECT_EQ(ask("select indisvalid from pg_index where indexrelid = 'a_id'::regclass"), "true");
    EXPECT_EQ(ask("select parts || ' ' || parts_done from drydock.migrations"), "3 3");
}

TEST_P(ServerApply, ARoleThatTheFileTakesOnIsLeftBeforeTheHistoryIsWritten) {
    outside(
        "do $$ begin create role shipwright; exception when duplicate_object then end $$; "
        "grant create on schema public to shipwright");
    write("1_a.up.sql", "set role shipwright;\ncreate table a (id integer);\n");
    write("2_b.up.sql", "begin; set local role shipwright; create table b (id integer); commit;");
    write("3_c.up.sql",
          "create table c (who text default current_user);\ninsert into c default values;\n");
    EXPECT_EQ(done("head"), (Texts{"up 1", "up 2", "up 3"}));
    EXPECT_EQ(ask("select string_agg(tableowner, ' ' order by tablename) from pg_tables "
                  "where tablename in ('a', 'b')"),
              "shipwright shipwright");
    EXPECT_EQ(ask("select who from c"), "postgres");
    write("4_d.up.sql", "set role shipwright;\ncreate index concurrently on a (id);\n");
    EXPECT_NE(refusal("head").message().find("4_d.up.sql:1:1: another role"), std::string::npos);
    write("4_d.up.sql", "discard all;\n");
    EXPECT_NE(refusal("head").message().find("DISCARD ALL"), std::string::npos);
    outside("drop owned by shipwright cascade; drop role shipwright");
}

TEST_P(ServerApply, NamesTheFileWhoseCommitFails) {
    write("1_a.up.sql",
          "create table a (id integer primary key);\ncreate table b (a integer references a "
          "deferrable initially deferred);\ninsert into b values (7);\n");
    const Error error = refusal("head");
    EXPECT_EQ(error.message().substr(0, 12), "1_a.up.sql: ") << error.message();
    EXPECT_EQ(standings(), "1 pending");
}

TEST_P(ServerApply, NamesTheFileThatTakesDrydocksOwnTablesAway) {
    write("1_a.up.sql", "drop schema drydock cascade;\n");
    const Error error = refusal("head");
    EXPECT_EQ(error.message().substr(0, 12), "1_a.up.sql: ") << error.message();
    EXPECT_EQ(standings(), "1 pending");
}

TEST_P(ServerApply, TemporaryTablesEndWithTheirMigration) {
    write("1_a.up.sql",
          "create temporary table seen (id integer);\ncreate table a (id integer);\n");
    write("2_b.up.sql", "create temp table seen (id text);\ncreate table b (id integer);\n");
    EXPECT_EQ(done("head"), (Texts{"up 1", "up 2"}));
}

TEST_P(ServerApply, SaysWhereAProcedureThatCommitsBelongs) {
    write("1_a.up.sql",
          "create procedure p() language plpgsql as $$ begin commit; end $$;\ncall p();\n");
    const Error error = refusal("head");
    EXPECT_NE(error.message().find("1_a.up.sql:2:1"), std::string::npos) << error.message();
    EXPECT_NE(error.hint().find("exec_alone"), std::string::npos) << error.hint();
}

TEST_P(ServerApply, AsksAboutWhatNobodyCanTell) {
    write("1_x.up.sql",
          "alter system set work_mem = '5MB';\nalter system reset work_mem;\n"
          "drop tablespace if exists no_such_space;\n");
    struct Cut {};
    after_alone_ = [this] {
        if (effects_.size() == 3) throw Cut();
    };
    EXPECT_THROW(go("head"), Cut);
    after_alone_ = {};
    EXPECT_EQ(refusal("head").message(),
              "1_x.up.sql:3:1: was begun, and nobody can tell whether it took effect");
    EXPECT_EQ(effects_.size(), 3U);
}

TEST_P(ServerApply, TakesRowsOfCopy) {
    write("1_rows.up.sql",
          "create table a (id integer, b text);\ncopy a (id, b) from stdin;\n1\tx;y\n2\t\\N\n\\.\n"
          "insert into a values (3, 'z');\n");
    EXPECT_EQ(done("head"), Texts{"up 1"});
    EXPECT_EQ(ask("select string_agg(id || coalesce(b, '-'), ' ' order by id) from a"),
              "1x;y 2- 3z");
}

TEST_P(ServerApply, WaitsForALockedTable) {
    write_three();
    go("+2");
    const auto other = open();
    other->begin();
    other->run("insert into users values (1, 'x')", {}, sql::Access::Write, {});
    std::jthread releases([&] {
        while (!tries_again_) std::this_thread::yield();
        other->commit();
    });
    const Error error = refusal("head");
    tries_again_ = true;
    EXPECT_EQ(error.message(), "nothing failed");
    EXPECT_EQ(standings(), "000001 applied, 000002 applied, 000003 applied");
}

TEST_P(ServerApply, HoldsTheToolsLocks) {
    write_three();
    const auto other = open();
    sql::AdvisoryLock theirs(*other,
                             {"theirs", golang_migrate_lock("public", "schema_migrations",
                                                            ask("select current_database()"))});
    ASSERT_TRUE(theirs.try_acquire());
    options_.lock_wait = Microseconds(1);
    const Error error = refusal("head");
    EXPECT_EQ(error.code(), ErrorCode::Busy);
    EXPECT_NE(error.message().find("golang-migrate for public.schema_migrations"),
              std::string::npos)
        << error.message();
    theirs.release();
    EXPECT_EQ(go("head").to, "000003");
}

}  // namespace
}  // namespace drydock::migrate
