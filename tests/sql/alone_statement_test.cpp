#include "engine/sql/alone_statement.h"

#include <gtest/gtest.h>

#include <thread>

#include "engine/sql/step_session.h"
#include "tests/sql/drivers.h"

namespace drydock::sql {
namespace {

using Kind = AloneStatement::Kind;

AloneStatement on_postgres(std::string_view statement) {
    return alone_statement(statement, Dialect::Postgres);
}

TEST(AloneStatement, KnowsWhatTheCatalogCanProve) {
    const AloneStatement index = on_postgres(
        "create unique index concurrently if not exists \"My Index\" on only app.users (a)");
    EXPECT_EQ(index.kind, Kind::CreateIndex);
    EXPECT_EQ(index.name, "\"My Index\"");
    EXPECT_EQ(index.table, "app.users");
    const AloneStatement dropped = on_postgres("DROP INDEX CONCURRENTLY IF EXISTS app.i");
    EXPECT_EQ(dropped.kind, Kind::DropIndex);
    EXPECT_EQ(dropped.name, "app.i");
    const AloneStatement value =
        on_postgres("alter type app.colour add value if not exists 'it''s red' before 'blue'");
    EXPECT_EQ(value.kind, Kind::AddEnumValue);
    EXPECT_EQ(value.name, "app.colour");
    EXPECT_EQ(value.value, "it's red");
    EXPECT_EQ(on_postgres("create database \"a b\" template template0").name, "\"a b\"");
    EXPECT_EQ(on_postgres("drop database if exists d with (force)").kind, Kind::DropDatabase);
    const AloneStatement again = on_postgres("reindex (verbose) table concurrently t");
    EXPECT_EQ(again.kind, Kind::Reindex);
    EXPECT_EQ(again.name, "t");
}

TEST(AloneStatement, KnowsWhatMayBeRepeated) {
    for (const char* statement : {"vacuum (analyze) t", "analyze", "cluster t", "checkpoint",
                                  "refresh materialized view concurrently v", "reindex index i",
                                  "alter system set work_mem = '8MB'"})
        EXPECT_EQ(on_postgres(statement).kind, Kind::Repeatable) << statement;
    EXPECT_EQ(alone_statement("VACUUM", Dialect::Sqlite).kind, Kind::Repeatable);
}

TEST(AloneStatement, IsAnythingElseWhereNobodyCanTell) {
    for (const char* statement :
         {"create index concurrently on t (a)", "create tablespace s location '/x'",
          "select run_something()", "call procedure_that_commits()", "vacuum; vacuum", "",
          "create index concurrently", "alter type t add value E'\\x41'",
          "drop index concurrently"})
        EXPECT_EQ(on_postgres(statement).kind, Kind::Other) << statement;
}

class SettleAlone : public testing::Test {
  protected:
    bool settle(const std::string& text) {
        const auto session = target_.open(false);
        return settle_alone(*session, on_postgres(text), text);
    }
    Effect effect(const std::string& text) {
        const auto session = target_.open(true);
        return effect_of(*session, on_postgres(text));
    }
    void run(const std::string& text) { target_.open(false)->run(text, {}, Access::Alone, {}); }
    std::string indexes() {
        std::string all;
        target_.open(true)->run(
            "select coalesce(string_agg(indexrelid::regclass || ':' || indisvalid, ' ' order by "
            "indexrelid::regclass::text), '') from pg_index where indrelid = 't'::regclass",
            {}, Access::Read, [&](const Row& row) {
                all = to_text(row.value(0));
                return true;
            });
        return all;
    }
    PostgresTarget target_;
};

TEST_F(SettleAlone, SeesWhatIsThere) {
    const std::string create = "create index concurrently \"My b\" on public.t (b)";
    EXPECT_FALSE(settle(create));
    run(create);
    EXPECT_TRUE(settle(create));
    EXPECT_EQ(effect("create index concurrently \"My b\" on pg_class (relname)"), Effect::None)
        << "of another table";
    const std::string drop = "drop index concurrently \"My b\"";
    EXPECT_FALSE(settle(drop));
    run(drop);
    EXPECT_TRUE(settle(drop));
    target_.outside("create type colour as enum ('blue')");
    EXPECT_FALSE(settle("alter type colour add value 'it''s'"));
    run("alter type colour add value 'it''s'");
    EXPECT_TRUE(settle("alter type colour add value 'it''s'"));
    EXPECT_TRUE(settle("create database " + target_.name()));
    EXPECT_FALSE(settle("drop database " + target_.name()));
    EXPECT_FALSE(settle("vacuum t")) << "it is simply repeated";
}

TEST_F(SettleAlone, TakesAnInvalidIndexAway) {
    target_.outside("insert into t values (1, 'x'), (2, 'x')");
    const std::string create = "create unique index concurrently t_b on t (b)";
    EXPECT_EQ(failure([&] { run(create); }).code_text(), "23505");
    ASSERT_EQ(indexes(), "t_b:false t_pkey:true");
    EXPECT_EQ(effect(create), Effect::Half);
    EXPECT_FALSE(settle(create));
    EXPECT_EQ(indexes(), "t_pkey:true");
}

TEST_F(SettleAlone, TakesTheCopiesOfAReindexAway) {
    target_.outside("create index t_b on t (b)");
    // As a REINDEX CONCURRENTLY that was cut leaves it.
    target_.outside(
        "create index t_b_ccnew on t (b);"
        "update pg_index set indisvalid = false where indexrelid = 't_b_ccnew'::regclass");
    EXPECT_EQ(effect("reindex index concurrently t_b"), Effect::Half);
    EXPECT_FALSE(settle("reindex table concurrently t"));
    EXPECT_EQ(indexes(), "t_b:true t_pkey:true");
}

TEST_F(SettleAlone, EndsTheSessionThatStillRunsIt) {
    const auto blocker = target_.open(false);
    blocker->begin();
    blocker->run("insert into t values (1, 'x')", {}, Access::Write, {});
    const std::string create = "create index concurrently t_b on t (b)";
    PostgresSettings patient = target_.settings();
    patient.lock_timeout = Microseconds(3'600'000'000);
    const auto left_behind = open_postgres(patient);
    std::string code;
    std::jthread dead([&] {
        code = failure([&] { left_behind->run(create, {}, Access::Alone, {}); }).code_text();
    });
    const auto looker = target_.open(true);
    const auto waits = [&] {
        return looker->run("select 1 from pg_stat_activity where query = '" + create +
                               "' and wait_event_type = 'Lock'",
                           {}, Access::Read, {}) == 1;
    };
    while (!waits()) std::this_thread::yield();
    const auto settler = target_.open(false);
    EXPECT_EQ(failure([&] { (void)settle_alone(*settler, on_postgres(create), create); }).code(),
              ErrorCode::Busy)
        << "the blocker keeps the table, but not for long";
    dead.join();
    EXPECT_EQ(code, kLostCode);
    blocker->rollback();
    EXPECT_FALSE(settle(create));
    EXPECT_EQ(indexes(), "t_pkey:true");
}

// Two databases of one server may be migrated at the same time, by the same statement.
TEST_F(SettleAlone, LeavesTheSessionsOfOtherDatabasesAlone) {
    const PostgresTarget elsewhere;
    const auto blocker = elsewhere.open(false);
    blocker->begin();
    blocker->run("insert into t values (1, 'x')", {}, Access::Write, {});
    const std::string create = "create index concurrently t_b on t (b)";
    PostgresSettings patient = elsewhere.settings();
    patient.lock_timeout = Microseconds(3'600'000'000);
    const auto theirs = open_postgres(patient);
    Error ended(ErrorCode::Check, "nothing failed");
    std::jthread runs(
        [&] { ended = failure([&] { theirs->run(create, {}, Access::Alone, {}); }); });
    const auto looker = elsewhere.open(true);
    while (looker->run("select 1 from pg_stat_activity where datname = current_database() and "
                       "query = '" +
                           create + "' and wait_event_type = 'Lock'",
                       {}, Access::Read, {}) == 0)
        std::this_thread::yield();
    EXPECT_FALSE(settle(create));
    blocker->rollback();
    runs.join();
    EXPECT_EQ(ended.message(), "nothing failed");
}

// How a step runs one: with what an earlier attempt has journaled.
class RunAlone : public SettleAlone {
  protected:
    SessionHooks hooks() {
        return {.begin_effect =
                    [this](std::string_view, std::string_view, const Value& record) {
                        begun_.push_back(record);
                        return std::int64_t{1};
                    },
                .end_effect =
                    [this](std::int64_t, bool ok, std::string_view code) {
                        ended_ += ok ? "ok" : std::string(code);
                    },
                .began_before =
                    [this](std::string_view connection, std::string_view text) {
                        return connection == "main" && text == began_before_;
                    }};
    }
    std::int64_t run_it(const std::string& text) {
        const auto session = target_.open(false);
        return run_alone("main", *session, hooks(), text, false,
                         [&] { return session->run(text, {}, Access::Alone, {}); });
    }
    const std::string create_ = "create index concurrently t_b on t (b)";
    std::string began_before_, ended_;
    std::vector<Value> begun_;
};

TEST_F(RunAlone, JournalsTheStatementBeforeItIsSent) {
    run_it(create_);
    ASSERT_EQ(begun_.size(), 1U);
    EXPECT_EQ(begun_[0], Value(Value::Map{{"sql", create_}}));
    EXPECT_EQ(ended_, "ok");
    EXPECT_EQ(indexes(), "t_b:true t_pkey:true");
}

TEST_F(RunAlone, DoesNotRepeatWhatAnEarlierAttemptHasDone) {
    run(create_);
    began_before_ = create_;
    EXPECT_EQ(run_it(create_), 0);
    EXPECT_TRUE(begun_.empty());
}

TEST_F(RunAlone, DoesWhatAnEarlierAttemptBeganAndDidNotDo) {
    began_before_ = create_;
    run_it(create_);
    EXPECT_EQ(begun_.size(), 1U);
    EXPECT_EQ(indexes(), "t_b:true t_pkey:true");
}

// Nobody may take that for the work of this attempt later.
TEST_F(RunAlone, SaysThatTheThingWasThereBefore) {
    run(create_);
    EXPECT_EQ(failure([&] { run_it(create_); }).code_text(), "42P07");
    ASSERT_EQ(begun_.size(), 1U);
    EXPECT_EQ(begun_[0], Value(Value::Map{{"sql", create_}, {"there_before", true}}));
    EXPECT_EQ(ended_, "42P07");
}

}  // namespace
}  // namespace drydock::sql
