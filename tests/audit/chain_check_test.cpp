#include "engine/audit/chain_check.h"

#include "tests/audit/small_journal.h"

namespace drydock::audit {
namespace {

const std::string kRun = run::make_run_id(std::string(16, 'a'));

std::optional<Finding> verdict_on(const std::vector<journal::StoredEvent>& events) {
    ChainCheck chain(kRun);
    for (const journal::StoredEvent& event : events) chain.add(event);
    return chain.finish();
}

TEST(ChainCheck, a_chain_as_it_was_written_has_no_finding) {
    EXPECT_FALSE(verdict_on(test::SmallJournal::events_of(kRun)));
}

TEST(ChainCheck, an_altered_line_is_named_itself_and_not_the_one_after_it) {
    auto events = test::SmallJournal::events_of(kRun);
    events[2].line.replace(events[2].line.find("1000"), 4, "2000");
    const auto found = verdict_on(events);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->verdict, Verdict::Altered);
    EXPECT_EQ(found->seq, 3);
}

TEST(ChainCheck, an_altered_prev_is_named_itself_because_the_next_line_still_names_the_one_before) {
    auto events = test::SmallJournal::events_of(kRun);
    const std::size_t prev = events[3].line.find("\"prev\":\"") + 8;
    events[3].line[prev] = events[3].line[prev] == 'A' ? 'B' : 'A';
    const auto found = verdict_on(events);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->seq, 4);
}

TEST(ChainCheck, an_altered_body_is_found_by_its_digest) {
    auto events = test::SmallJournal::events_of(kRun);
    events[3].body = "{\"output\":{\"rows\":4}}";
    const auto found = verdict_on(events);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->verdict, Verdict::Altered);
    EXPECT_EQ(found->seq, 4);
}

TEST(ChainCheck, an_erased_body_is_counted_and_no_finding) {
    auto events = test::SmallJournal::events_of(kRun);
    events[3].body.reset();
    events[3].salt.clear();
    ChainCheck chain(kRun);
    for (const journal::StoredEvent& event : events) chain.add(event);
    EXPECT_FALSE(chain.finish());
    EXPECT_EQ(chain.erased(), 1);
}

TEST(ChainCheck, a_missing_event_is_a_gap_with_its_number) {
    auto events = test::SmallJournal::events_of(kRun);
    events.erase(events.begin() + 2, events.begin() + 4);
    const auto found = verdict_on(events);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->verdict, Verdict::Gap);
    EXPECT_EQ(found->seq, 3);
    EXPECT_EQ(found->what, "events 3 to 4 are missing");
}

TEST(ChainCheck, an_event_of_another_run_is_altered) {
    auto events = test::SmallJournal::events_of(kRun);
    const auto others = test::SmallJournal::events_of(run::make_run_id(std::string(16, 'b')));
    events[1] = others[1];
    const auto found = verdict_on(events);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->verdict, Verdict::Altered);
    EXPECT_EQ(found->seq, 2);
}

}  // namespace
}  // namespace drydock::audit
