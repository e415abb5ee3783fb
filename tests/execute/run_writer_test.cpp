#include "engine/execute/run_writer.h"

#include <gtest/gtest.h>

#include <new>

#include "engine/error.h"
#include "tests/doubles/engine_story.h"
#include "tests/journal/journal_story.h"

namespace drydock::execute {
namespace {

// Gives bytes until the machine has no memory left.
class RandomWithoutMemory final : public os::Random {
  public:
    std::string bytes(std::size_t count) override {
        if (out_of_memory) throw std::bad_alloc();
        return std::string(count, 'r');
    }
    bool out_of_memory = false;
};

Error failure(const std::function<void()>& act) {
    try {
        act();
    } catch (const Error& error) {
        return error;
    }
    return {ErrorCode::Check, "nothing failed"};
}

// The state takes an event before the journal does: what follows one that was not written would
// have a gap before it.
TEST(RunWriter, WritesNothingMoreAfterAnEventThatCouldNotBeWritten) {
    const TempFolder folder;
    journal::SqliteJournal journal(journal::journal_options(folder.path()));
    run::RunState state;
    ManualClock clock;
    RandomWithoutMemory random;
    RecordingObserver observer;
    RunWriter writer({journal, state, clock, random, observer},
                     {journal::run_id(1), run::chain_start(journal::run_id(1))});
    writer.add(run::RunCreated{.runbook = "demo", .api = 1}, {.body = {{"starter", "anna"}}});
    random.out_of_memory = true;
    const auto add = [&] {
        // More bodies than one helping of salt is enough for.
        for (int i = 0; i < 100; ++i)
            writer.add(run::CancelRequested{}, {.body = {{"reason", "test"}}});
    };
    const Error first = failure(add);
    EXPECT_EQ(first.code(), ErrorCode::Journal);
    EXPECT_NE(first.message().find("not enough memory"), std::string::npos) << first.message();
    random.out_of_memory = false;
    const Error later = failure(add);
    EXPECT_EQ(later.code(), ErrorCode::Journal);
    EXPECT_NE(later.hint().find("drydock resume"), std::string::npos);
}

}  // namespace
}  // namespace drydock::execute
