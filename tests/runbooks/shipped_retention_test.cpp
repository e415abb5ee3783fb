#include "tests/runbooks/shipped_copies.h"

namespace drydock::test {
namespace {

class Retention : public ShippedRunbook {
  protected:
    Retention() {
        // Ten of each; every second one is of 2020, in the notation of its table.
        sql(R"(
create table reports (id integer primary key, at integer);
create table scans (id integer primary key, at text, report integer references reports);
create table findings (id integer primary key, at real, scan integer references scans);
create table policies (id integer primary key, at text);
create index findings_scan on findings (scan);
with recursive n (i) as (select 1 union all select i + 1 from n where i < 10)
insert into reports select i, iif(i % 2, 1577836800, 32472144000) from n;
insert into scans select id, iif(id % 2, '2020-01-01T00:00:00Z', '2999-01-01 00:00:00'), id
  from reports;
insert into findings select id, iif(id % 2, 1577836800000, 32472144000000), id from reports;
insert into policies select id, '2020-01-01' from reports;)");
    }
    void sql(const std::string& text) const {
        sqlite::Connection other(program.folder() / "app.db", {.mode = sqlite::Mode::Create});
        other.exec(text);
    }
    [[nodiscard]] std::vector<std::string> keeping(const std::string& rules,
                                                   std::vector<std::string> more = {}) const {
        std::vector<std::string> args{"run", "retention",       "-p", "database=app.db",
                                      "-p",  "backups=backups", "-p", "rules=" + rules};
        args.insert(args.end(), more.begin(), more.end());
        return args;
    }
    // reports, scans, findings, policies
    [[nodiscard]] std::string left() const {
        return answer(
            "select (select count(*) from reports) || ' ' || (select count(*) from scans) "
            "|| ' ' || (select count(*) from findings) || ' ' || (select count(*) from "
            "policies)");
    }

    const std::string all_ =
        "[{table: reports, column: at, keep: 365d}, {table: scans, column: at, keep: 30d}, "
        "{table: findings, column: at, keep: 7d}]";
};

TEST_F(Retention, deletes_by_the_time_however_it_is_written_and_keeps_what_has_no_rule) {
    const Ended ended = program.run(keeping(all_));
    EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    expect_told(ended.out, {"rows: 15", "held: 0", "summary: findings 5, scans 5, reports 5"});
    EXPECT_EQ(left(), "5 5 5 10");
    EXPECT_EQ(answer("select count(*) from pragma_foreign_key_check"), "0");
    EXPECT_TRUE(std::filesystem::exists(program.folder() / "backups"));
}

TEST_F(Retention, keeps_a_row_that_another_row_still_needs) {
    sql("update scans set at = '2999-01-01' where id = 3; "
        "update findings set at = null where id = 5");
    const Ended ended = program.run(keeping(all_));
    EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    // Finding 5 has no time: it stays, so scan 5 does, so report 5 does. Scan 3 holds report 3.
    expect_told(ended.out, {"rows: 10", "held: 3", "findings 4, scans 3, reports 3"});
    EXPECT_EQ(left(), "7 7 6 10");
    EXPECT_EQ(answer("select count(*) from pragma_foreign_key_check"), "0");
}

TEST_F(Retention, never_orphans_the_rows_of_a_table_without_a_rule) {
    const Ended ended = program.run(keeping("[{table: reports, column: at, keep: 1d}]"));
    EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    expect_told(ended.out, {"rows: 0", "held: 5", "summary: nothing"});
    EXPECT_EQ(left(), "10 10 10 10");
    EXPECT_FALSE(std::filesystem::exists(program.folder() / "backups")) << "nothing to back up";
}

TEST_F(Retention, refuses_a_policy_that_cannot_be_meant_before_anything_is_deleted) {
    const Ended ended = program.run(
        keeping("[{table: nowhere, column: at, keep: 1d}, {table: scans, column: when, keep: 1d}, "
                "{table: policies, column: at, keep: 1d}, {table: reports, column: at, keep: 0s}]",
                {"-p", "keep_for_ever=[policies]"}));
    EXPECT_EQ(ended.exit, 1);
    expect_told(ended.out, {"there is no table nowhere", "scans has no column when",
                            "policies is kept for ever", "reports would lose every row"});
    EXPECT_EQ(left(), "10 10 10 10");
}

TEST_F(Retention, asks_a_person_when_it_is_much) {
    EXPECT_EQ(program.run(keeping(all_, {"-p", "ask_above=14"})).exit, 3);
    expect_told(program.run({"show", "last"}).out, {"Delete 15 rows?", "findings 5"});
    EXPECT_EQ(left(), "10 10 10 10");
    EXPECT_EQ(program.run({"approve", "last"}).exit, 0);
    EXPECT_EQ(program.run({"resume", "last"}).exit, 0);
    EXPECT_EQ(left(), "5 5 5 10");
}

TEST_F(Retention, killed_between_any_two_batches_it_deletes_and_counts_the_same) {
    program.use(DRYDOCK_CRASH);
    const std::string whole = bytes();
    int killed = 0;
    for (int n = 1;; n += 5) {
        SCOPED_TRACE(n);
        program.put("app.db", whole);
        const Ended ended = program.run(keeping(all_, {"-p", "size=2", "-p", "pause=0s"}),
                                        {{"DRYDOCK_KILL_NTH", std::to_string(n)}});
        if (ended.exit == 0) break;
        ASSERT_EQ(ended.exit, 128 + SIGKILL) << ended.out << ended.err;
        if (program.run({"runs", "--open"}).out.empty()) continue;
        ++killed;
        const Ended resumed = program.run({"resume", "last"});
        ASSERT_EQ(resumed.exit, 0) << resumed.out << resumed.err;
        expect_told(resumed.out, {"rows: 15", "findings 5, scans 5, reports 5"});
        EXPECT_EQ(left(), "5 5 5 10");
    }
    EXPECT_GT(killed, 8);
}

}  // namespace
}  // namespace drydock::test
