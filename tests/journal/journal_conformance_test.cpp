// What every journal driver must do. SQLite is the first; the next one joins the list at the end.

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>

#include "engine/error.h"
#include "engine/journal/load.h"
#include "tests/doubles/temp_folder.h"
#include "tests/journal/journal_story.h"

namespace drydock::journal {
namespace {

// Makes sessions of one and the same journal.
class Driver {
  public:
    virtual ~Driver() = default;
    virtual std::unique_ptr<Journal> open() = 0;
};

class SqliteDriver final : public Driver {
  public:
    std::unique_ptr<Journal> open() override {
        return std::make_unique<SqliteJournal>(journal_options(folder_.path()));
    }

  private:
    TempFolder folder_;
};

class JournalConformance : public testing::TestWithParam<std::function<std::unique_ptr<Driver>()>> {
  protected:
    std::unique_ptr<Driver> driver_ = GetParam()();
    std::unique_ptr<Journal> journal_ = driver_->open();
};

TEST_P(JournalConformance, KeepsARunWithItsEventsAndParts) {
    Chain chain(run_id(1));
    auto claim = journal_->create(new_run(1), chain.created());
    EXPECT_EQ(claim->term(), 1);
    journal_->append(*claim, chain.one());
    const auto rows = driver_->open()->list({});
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].run, run_id(1));
    EXPECT_EQ(journal_->events(claim->n(), 0, 100).size(), 3U);
    EXPECT_EQ(journal_->events(claim->n(), 2, 100).size(), 1U);
    EXPECT_EQ(journal_->parts(claim->n()).at("runbook.yaml"), "text");
    EXPECT_EQ(load(*journal_, claim->n()).state.seq(), 3);
}

TEST_P(JournalConformance, RefusesASecondOwnerAndNamesTheFirst) {
    Chain chain(run_id(1));
    const auto claim = journal_->create(new_run(1), chain.created());
    const auto other = driver_->open();
    const auto owner = other->owner(claim->n());
    ASSERT_TRUE(owner.has_value());
    EXPECT_EQ(owner->pid, 42);
    EXPECT_EQ(code_thrown([&] { (void)other->claim(claim->n()); }), ErrorCode::Refused);
}

TEST_P(JournalConformance, LetsARunBeClaimedWhenItsOwnerIsGone) {
    Chain chain(run_id(1));
    auto claim = journal_->create(new_run(1), chain.created());
    const std::int64_t n = claim->n();
    claim.reset();
    const auto other = driver_->open();
    EXPECT_FALSE(other->owner(n).has_value());
    EXPECT_EQ(other->claim(n)->term(), 2);
}

TEST_P(JournalConformance, RefusesAnAppendUnderAnOldTerm) {
    Chain chain(run_id(1));
    auto old_claim = journal_->create(new_run(1), chain.created());
    const std::int64_t n = old_claim->n();

    struct Stale final : Claim {
        std::int64_t n_;
        explicit Stale(std::int64_t n) : n_(n) {}
        [[nodiscard]] std::int64_t n() const override { return n_; }
        [[nodiscard]] std::int64_t term() const override { return 1; }
        [[nodiscard]] std::vector<int> inheritable() const override { return {}; }
    } stale(n);
    old_claim.reset();
    const auto other = driver_->open();
    const auto claim = other->claim(n);
    EXPECT_EQ(code_thrown([&] { journal_->append(stale, chain.one()); }), ErrorCode::Journal);
    EXPECT_EQ(other->events(n, 0, 100).size(), 2U);
}

TEST_P(JournalConformance, RefusesTheSameNumberTwice) {
    Chain chain(run_id(1)), forked(run_id(1));
    const auto claim = journal_->create(new_run(1), chain.created());
    (void)forked.created();
    journal_->append(*claim, chain.one());
    EXPECT_EQ(code_thrown([&] { journal_->append(*claim, forked.one()); }), ErrorCode::Journal);
    EXPECT_EQ(driver_->open()->events(claim->n(), 0, 100).size(), 3U);
}

TEST_P(JournalConformance, GivesALockToOneRunAndTakesItBackAtItsEnd) {
    Chain first(run_id(1)), second(run_id(2));
    const auto holder = journal_->create(new_run(1), first.created());
    journal_->append(*holder, {.take_locks = {"db:1", "db:2"}});
    journal_->append(*holder, {.take_locks = {"db:1"}});  // its own: fine
    const auto rival = journal_->create(new_run(2), second.created());
    EXPECT_EQ(code_thrown([&] {
                  journal_->append(*rival, {.take_locks = {"db:3", "db:2"}});
              }),
              ErrorCode::Refused);
    EXPECT_FALSE(journal_->lock_holder("db:3").has_value());  // all or none
    EXPECT_EQ(journal_->lock_holder("db:2")->run.run, run_id(1));
    journal_->append(*holder, {.free_locks = true});
    journal_->append(*rival, {.take_locks = {"db:2"}});
    EXPECT_EQ(journal_->lock_holder("db:2")->run.run, run_id(2));
}

TEST_P(JournalConformance, HandsRequestsToTheOwnerOnce) {
    Chain chain(run_id(1));
    const auto claim = journal_->create(new_run(1), chain.created());
    const auto asker = driver_->open();
    asker->submit(
        {.id = "r1", .n = claim->n(), .kind = "cancel", .actor = "uid:1/x", .body = "{}", .at = 1});
    asker->submit(
        {.id = "r2", .n = claim->n(), .kind = "cancel", .actor = "uid:1/x", .body = "{}", .at = 2});
    ASSERT_EQ(journal_->requests(claim->n()).size(), 2U);
    Append answer = chain.one();
    answer.done_requests = {"r1"};
    journal_->append(*claim, answer);
    EXPECT_EQ(asker->requests(claim->n()).size(), 1U);
    EXPECT_TRUE(asker->withdraw("r2"));
    EXPECT_FALSE(asker->withdraw("r2"));
}

TEST_P(JournalConformance, FindsRunsByPrefixStarterAndState) {
    for (int i = 1; i <= 5; ++i) {
        Chain chain(run_id(i));
        const auto claim =
            journal_->create(new_run(i, i % 2 == 0 ? "anna" : "ben"), chain.created());
        if (i == 3)
            journal_->append(
                *claim,
                {.update = RunUpdate{.status = run::RunStatus::Failed, .ended = 9, .exit = 1}});
    }
    EXPECT_EQ(journal_->find("aaaa", 10).size(), 5U);
    EXPECT_EQ(journal_->find(run_id(2), 10).size(), 1U);
    EXPECT_EQ(journal_->find("zz", 10).size(), 0U);
    EXPECT_EQ(journal_->newest("anna")->run, run_id(4));
    EXPECT_EQ(journal_->newest("anna/renamed")->run, run_id(4)) << "the user, not the name";
    EXPECT_FALSE(journal_->newest("ann").has_value());
    EXPECT_EQ(journal_->list({.limit = 2}).size(), 2U);
    EXPECT_EQ(journal_->list({.limit = 10, .status = run::RunStatus::Failed}).size(), 1U);
    EXPECT_EQ(journal_->list({.limit = 10, .open_only = true}).size(), 4U);
    EXPECT_EQ(*journal_->list({.limit = 10, .status = run::RunStatus::Failed})[0].exit, 1);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, JournalConformance,
                         testing::Values([]() -> std::unique_ptr<Driver> {
                             return std::make_unique<SqliteDriver>();
                         }));

}  // namespace
}  // namespace drydock::journal
