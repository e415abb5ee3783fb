#pragma once

#include <optional>
#include <string>

#include "engine/execute/attempt.h"
#include "engine/execute/evaluate.h"

namespace drydock::execute {

// Gates and waits: they open, are looked at whenever the run comes by, and end. A gate asks people;
// its reading items are run when it opens and again when it is passed. Deadlines are wall times and
// stand through restarts.
class Waits final {
  public:
    explicit Waits(Workshop& shop);

    // Appends WaitBegan. Throws Error when a text or a time of the step cannot be evaluated.
    void open(const runbook::Step& step, const std::string& scope, const Names& names);

    enum class Now : std::uint8_t { Settled, People, Timer };
    // Looks again and appends the end when there is one. People: an answer is missing. Timer: its
    // time has not come.
    Now look(const runbook::Step& step, const std::string& scope, const Names& names);

  private:
    void open_gate(const runbook::Step& step, const runbook::Gate& gate, const std::string& scope,
                   const Names& names);
    Now look_at_gate(const runbook::Step& step, const runbook::Gate& gate, const std::string& scope,
                     const Names& names);
    Now look_at_timer(const std::string& scope);
    // The items with text, and for machine ones whether they hold now.
    [[nodiscard]] Value::List check_items(const runbook::Gate& gate, const std::string& scope,
                                          const Names& names);
    [[nodiscard]] Value check_item(const runbook::ChecklistItem& item, std::size_t number,
                                   const std::string& scope, const Names& names);
    void answered(const std::string& scope, run::WaitVerdict verdict);
    void failed(const std::string& scope, const Error& error);

    Workshop& shop_;
};

}  // namespace drydock::execute
