#include "engine/audit/chain_check.h"

#include "tests/audit/small_journal.h"

namespace drydock::audit {
namespace {

const std::string kRun = run::make_run_id(std::string(16, 'a'));

Record record(const journal::StoredEvent& event) {
    Record record{.line = event.line, .salt = event.salt, .number = event.seq};
    if (event.body) record.body = *event.body;
    return record;
}

std::optional<Finding> verdict_on(const std::vector<journal::StoredEvent>& events,
                                  std::optional<ChainCheck::Witness> witness = {}) {
    ChainCheck chain(kRun, witness);
    for (const journal::StoredEvent& event : events) chain.add(record(event));
    return chain.finish();
}

Seal seal(const journal::StoredEvent& event) {
    return {.run = 0,
            .ended = event.line.find("RunEnded") != std::string::npos,
            .seq = event.seq,
            .leaf = crypto::sha256(event.line)};
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
    for (const journal::StoredEvent& event : events) chain.add(record(event));
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

TEST(ChainCheck, an_event_that_stands_behind_a_later_one_is_altered_and_no_gap) {
    auto events = test::SmallJournal::events_of(kRun);
    std::swap(events[2], events[3]);
    ChainCheck chain(kRun);
    for (const journal::StoredEvent& event : events) {
        Record in_a_file = record(event);
        in_a_file.number = -1;
        chain.add(in_a_file);
    }
    ASSERT_TRUE(chain.finish());
    EXPECT_EQ(chain.finish()->verdict, Verdict::Altered);
}

TEST(ChainCheck, a_chain_that_ends_before_its_seal_is_truncated) {
    auto events = test::SmallJournal::events_of(kRun);
    const std::vector<Seal> seals{seal(events[1]), seal(events[5])};
    EXPECT_FALSE(verdict_on(events, ChainCheck::Witness{seals, {}}));
    events.pop_back();
    const auto found = verdict_on(events, ChainCheck::Witness{seals, {}});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->verdict, Verdict::Truncated);
    EXPECT_EQ(found->seq, 5);
}

TEST(ChainCheck, a_chain_that_was_made_anew_is_not_what_was_sealed) {
    const auto events = test::SmallJournal::events_of(kRun);
    const auto others = test::SmallJournal::events_of(run::make_run_id(std::string(16, 'b')));
    const std::vector<Seal> seals{seal(events[1]), seal(others[5])};
    const auto found = verdict_on(events, ChainCheck::Witness{seals, {}});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->verdict, Verdict::Altered);
    EXPECT_EQ(found->seq, 6);
}

TEST(ChainCheck, a_body_that_is_gone_without_a_word_in_the_ledger_is_altered) {
    auto events = test::SmallJournal::events_of(kRun);
    events[3].body.reset();
    const std::vector<Erasure> erasures{{.run = 0, .first = 4, .last = 4}};
    EXPECT_FALSE(verdict_on(events, ChainCheck::Witness{{}, erasures}));
    const auto found = verdict_on(events, ChainCheck::Witness{});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->verdict, Verdict::Altered);
    EXPECT_EQ(found->seq, 4);
}

}  // namespace
}  // namespace drydock::audit
