#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/run/event.h"
#include "engine/runbook/runbook.h"

namespace drydock::cases {

// Which parts of a runbook its cases have been to: every step, and every way that a run can take at
// one. Fed with the events of runs, also of those that were killed.
class Coverage final {
  public:
    // One thing that can happen.
    struct Branch {
        std::string step;  // empty: of the whole runbook
        std::string what;  // "runs", "when true", "undo", "probe", "approved", …
        runbook::Place place;
        std::int64_t times = 0;
    };
    explicit Coverage(const runbook::Bundle& bundle);

    void add(const std::vector<run::Event>& events);

    // In the order of the runbook.
    [[nodiscard]] const std::vector<Branch>& branches() const { return branches_; }
    struct Counts {
        std::int64_t all = 0, taken = 0;
    };
    [[nodiscard]] Counts steps() const;  // those that were run
    [[nodiscard]] Counts ways() const;   // all other branches

  private:
    void add_step(const runbook::Step& step);
    void add_event(const run::Event& event);
    void count(const std::string& step, const std::string& what);

    const runbook::Bundle& bundle_;
    std::vector<Branch> branches_;
};

}  // namespace drydock::cases
