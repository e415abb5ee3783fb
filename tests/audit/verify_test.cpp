#include "engine/audit/verify.h"

#include "tests/audit/small_journal.h"

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
    EXPECT_EQ(result.findings[0].what, "run number 1 is missing");
}

TEST_F(VerifyJournal, a_row_that_denies_the_end_of_its_run_is_altered) {
    journal.damage("update runs set status = 'running', ended = null where n = 2");
    EXPECT_EQ(verified().verdict(), Verdict::Altered);
}

}  // namespace
}  // namespace drydock::audit
