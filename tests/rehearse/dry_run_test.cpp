#include "engine/rehearse/dry_run.h"

#include "engine/schema/catalog.h"
#include "tests/rehearse/trials_fixture.h"

namespace drydock::rehearse {
namespace {

class DryRuns : public Tried {
  protected:
    DryRun dry(const std::string& target) {
        const migrate::Folder folder = read();
        const auto session = open_rolled_back();
        return dry_run(*session, folder, migrate::target_from(target), {.who = "anna"},
                       system_clock(), cancel_);
    }
    [[nodiscard]] Error dry_refusal(const std::string& target) {
        return sql::failure([&] { (void)dry(target); });
    }
    [[nodiscard]] schema::Catalog catalog() const { return schema::look_at(*open()); }
};

TEST_P(DryRuns, EverythingIsTriedAndNothingStays) {
    write_three();
    const schema::Catalog before = catalog();
    const DryRun run = dry("head");
    EXPECT_EQ(names(run.applied), (Texts{"up 000001", "up 000002", "up 000003"}));
    EXPECT_EQ(run.applied.to, "000003");
    EXPECT_TRUE(run.not_tried.empty());
    for (const migrate::Applied::One& one : run.applied.done) EXPECT_GT(one.took.count(), 0);
    EXPECT_EQ(catalog(), before);
    EXPECT_EQ(standings(), "000001 pending, 000002 pending, 000003 pending");
    // A run afterwards finds nothing of it.
    EXPECT_EQ(done("head").size(), 3U);
    EXPECT_EQ(names(dry("-2").applied), (Texts{"down 000003", "down 000002"}));
    EXPECT_EQ(standings(), "000001 applied, 000002 applied, 000003 applied");
    EXPECT_EQ(ask("select count(*) from teams"), "2");
}

TEST_P(DryRuns, WhatIsNoSingleTransactionIsToldWithItsPlace) {
    write_three();
    write("000002_teams.up.sql",
          "begin;\ncreate table teams (id integer);\ncommit;\nbegin;\n"
          "create table more (id integer);\ncommit;\n");
    const DryRun run = dry("head");
    EXPECT_EQ(names(run.applied), (Texts{"up 000001"}));
    EXPECT_EQ(run.not_tried, (Texts{"000002_teams", "000003_tags"}));
    EXPECT_EQ(run.why, "000002_teams.up.sql:5:1: a second transaction begins in the file");
    EXPECT_EQ(standings(), "000001 pending, 000002 pending, 000003 pending");
    write("000002_teams.up.sql", "vacuum;\n");
    EXPECT_EQ(dry("head").why, "000002_teams.up.sql:1:1: this runs outside of a transaction");
}

TEST_P(DryRuns, MistakesAreThoseOfARun) {
    write_three();
    write("000003_tags.up.sql", "alter table users add column tags text;\n\nnonsense;\n");
    const Error error = dry_refusal("head");
    EXPECT_NE(error.message().find("000003_tags.up.sql:3:1"), std::string::npos)
        << error.message();
    EXPECT_EQ(standings(), "000001 pending, 000002 pending, 000003 pending");
}

// Neither waits for somebody else, who would wait behind it in turn.
TEST_P(DryRuns, SomebodyElsesMigrationsAreNotWaitedFor) {
    write_three();
    const Microseconds began = system_clock().boot();
    const auto other = open();
    if (on_server()) {
        sql::AdvisoryLock lock(*other, std::string("drydock migrations"));
        ASSERT_TRUE(lock.try_acquire());
        EXPECT_EQ(dry_refusal("head").code(), ErrorCode::Busy);
        lock.release();
    } else {
        other->begin();
        EXPECT_EQ(dry_refusal("head").code(), ErrorCode::Busy);
        other->rollback();
    }
    EXPECT_LT(system_clock().boot() - began, Microseconds(20'000'000));
    EXPECT_EQ(names(dry("head").applied).size(), 3U);
}

TEST_P(DryRuns, TableThatIsLockedIsNotWaitedFor) {
    if (!on_server()) return;
    write("000001_t.up.sql", "alter table t add column c int;\n");
    const auto other = open();
    other->begin();
    other->run("select * from t", {}, sql::Access::Read, {});
    const Error error = dry_refusal("head");
    EXPECT_EQ(error.code_text(), "55P03");
    EXPECT_NE(error.message().find("the lock is held by pid"), std::string::npos)
        << error.message();
}

TEST_P(DryRuns, ValueOfAnEnumThatARunWouldCommitBeforeIsExplained) {
    if (!on_server()) return;
    outside("create type mood as enum ('calm')");
    write("000001_mood.up.sql", "alter type mood add value 'glad';\n");
    write("000002_use.up.sql", "create table moods (m mood default 'glad');\n");
    const Error error = dry_refusal("head");
    EXPECT_EQ(error.code_text(), "55P04");
    EXPECT_NE(error.hint().find("drydock migrate rehearse"), std::string::npos) << error.hint();
}

INSTANTIATE_TEST_SUITE_P(Databases, DryRuns,
                         testing::Values(sql::Driver::Sqlite, sql::Driver::Postgres),
                         sql::driver_name);

}  // namespace
}  // namespace drydock::rehearse
