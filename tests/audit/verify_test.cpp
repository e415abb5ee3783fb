#include "engine/audit/verify.h"

#include "tests/audit/small_journal.h"
#include "tests/os/seam_switch.h"

namespace drydock::audit {
namespace {

class VerifyJournal : public testing::Test {
  protected:
    VerifyJournal() {
        journal.add_ended_run('a');
        second = journal.add_ended_run('b');
    }
    Verified verified() { return verify_journal(journal.journal()); }

    test::SmallJournal journal;
    std::string second;
};

TEST_F(VerifyJournal, an_untouched_journal_is_ok_and_counted) {
    const Verified result = verified();
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(result.runs, 2);
    EXPECT_EQ(result.events, 12);
}

TEST_F(VerifyJournal, an_altered_line_names_its_run_and_number) {
    journal.damage(
        "update events set line = cast(replace(cast(line as text), '\"read\"', '\"none\"') as "
        "blob) where run = 2 and seq = 3");
    const Verified result = verified();
    ASSERT_EQ(result.findings.size(), 1U);
    EXPECT_EQ(result.verdict(), Verdict::Altered);
    EXPECT_EQ(result.findings[0].run, second);
    EXPECT_EQ(result.findings[0].seq, 3);
}

TEST_F(VerifyJournal, a_run_that_ends_before_its_seal_is_truncated_even_when_its_row_agrees) {
    journal.damage(
        "delete from events where run = 2 and seq > 4; update runs set status = 'running', ended "
        "= null where n = 2");
    const Verified result = verified();
    ASSERT_EQ(result.findings.size(), 1U);
    EXPECT_EQ(result.verdict(), Verdict::Truncated);
    EXPECT_EQ(result.findings[0].run, second);
    EXPECT_EQ(result.findings[0].seq, 4);
}

TEST_F(VerifyJournal, the_newest_run_removed_whole_is_a_gap_because_it_was_sealed) {
    journal.damage("delete from events where run = 2; delete from runs where n = 2");
    const Verified result = verified();
    ASSERT_EQ(result.findings.size(), 1U);
    EXPECT_EQ(result.verdict(), Verdict::Gap);
    EXPECT_EQ(result.findings[0].run, second);
}

TEST_F(VerifyJournal, a_ledger_that_lost_its_end_is_truncated) {
    journal.damage("delete from ledger where idx = (select max(idx) from ledger)");
    EXPECT_EQ(verified().verdict(), Verdict::Truncated);
}

TEST_F(VerifyJournal, a_ledger_that_lost_its_end_and_its_memory_of_it_is_truncated) {
    journal.damage("delete from ledger; delete from tip");
    EXPECT_EQ(verified().verdict(), Verdict::Truncated);
}

TEST_F(VerifyJournal, a_line_missing_in_the_ledger_is_a_gap) {
    journal.damage("delete from ledger where idx = 1");
    EXPECT_EQ(verified().verdict(), Verdict::Gap);
}

TEST_F(VerifyJournal, an_altered_line_of_the_ledger_is_altered) {
    journal.damage(
        "update ledger set line = cast(replace(cast(line as text), '\"time\":1', '\"time\":2') as "
        "blob) where idx = 0");
    EXPECT_EQ(verified().verdict(), Verdict::Altered);
}

TEST_F(VerifyJournal, a_run_that_nobody_sealed_is_truncated_or_altered_when_later_ones_are) {
    {
        const test::Without without(Protection::LedgerSeal);
        journal.add_ended_run('c');
    }
    EXPECT_EQ(verified().verdict(), Verdict::Truncated);
    journal.add_ended_run('d');
    EXPECT_EQ(verified().verdict(), Verdict::Altered);
}

TEST_F(VerifyJournal, events_after_the_last_seal_are_counted_and_no_finding) {
    const auto claim = journal.add_open_run('c', 3);
    const Verified result = verified();
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(result.unsealed_events, 2);
    EXPECT_EQ(result.unsealed_runs, 1);
}

TEST_F(VerifyJournal, a_body_that_vanished_is_altered) {
    journal.damage("update events set salt = null, body = null where run = 1 and seq = 4");
    const Verified result = verified();
    ASSERT_EQ(result.findings.size(), 1U);
    EXPECT_EQ(result.verdict(), Verdict::Altered);
    EXPECT_EQ(result.findings[0].seq, 4);
}

TEST_F(VerifyJournal, a_deleted_event_is_a_gap) {
    journal.damage("delete from events where run = 1 and seq = 2");
    EXPECT_EQ(verified().verdict(), Verdict::Gap);
}

TEST_F(VerifyJournal, an_ended_run_without_its_last_event_is_truncated) {
    journal.damage("delete from events where run = 2 and seq = 6");
    const Verified result = verified();
    ASSERT_EQ(result.findings.size(), 1U);
    EXPECT_EQ(result.findings[0].verdict, Verdict::Truncated);
    EXPECT_EQ(result.findings[0].seq, 5);
}

TEST_F(VerifyJournal, a_run_that_was_removed_whole_is_a_gap) {
    journal.damage("delete from events where run = 1; delete from runs where n = 1");
    const Verified result = verified();
    ASSERT_EQ(result.findings.size(), 1U);
    EXPECT_EQ(result.verdict(), Verdict::Gap);
    EXPECT_TRUE(result.findings[0].what.starts_with("run number 1 is missing"));
}

TEST_F(VerifyJournal, a_look_finds_what_is_wrong_unless_it_is_left_out) {
    EXPECT_FALSE(look(journal.journal()));
    journal.damage("delete from events where run = 1 and seq = 6");
    const auto found = look(journal.journal());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->verdict, Verdict::Truncated);
    const test::Without without(Protection::JournalLook);
    EXPECT_FALSE(look(journal.journal()));
}

TEST_F(VerifyJournal, a_look_reaches_back_so_far_and_no_further) {
    for (int i = 0; i < 250; ++i) journal.add_ended_run('c', i);
    journal.damage("delete from events where run = 1 and seq = 6");
    EXPECT_FALSE(look(journal.journal()));
    EXPECT_FALSE(verified().ok());
    journal.damage("delete from events where run = 200 and seq = 6");
    EXPECT_TRUE(look(journal.journal()));
}

TEST_F(VerifyJournal, a_row_that_denies_the_end_of_its_run_is_altered) {
    journal.damage("update runs set status = 'running', ended = null where n = 2");
    EXPECT_EQ(verified().verdict(), Verdict::Altered);
}

}  // namespace
}  // namespace drydock::audit
