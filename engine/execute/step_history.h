#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/journal/journal.h"
#include "engine/value.h"

namespace drydock::execute {

// How long the steps of a runbook took in its earlier runs, as its journal tells. Read when it is
// first asked for, so that runs without a window pay nothing. Not thread-safe.
class StepHistory final {
  public:
    // `current` is the run that asks: it is not its own history.
    StepHistory(journal::JournalReader& journal, std::string runbook, std::string current);

    // The time within which 95 of 100 attempts at the step of `scope` succeeded (nearest rank, so
    // one that was really seen); the items of a foreach count together. nullopt with fewer than
    // kEnough of them: then nothing can be said. Throws Error{Journal}.
    [[nodiscard]] std::optional<Microseconds> p95(std::string_view scope);

    static constexpr std::size_t kRuns = 20;   // the newest
    static constexpr std::size_t kEnough = 3;  // attempts

  private:
    void read();
    void read_run(std::int64_t n);

    journal::JournalReader& journal_;
    std::string runbook_, current_;
    bool is_read_ = false;
    std::map<std::string, std::vector<Microseconds>, std::less<>> seconds_;  // by step
};

}  // namespace drydock::execute
