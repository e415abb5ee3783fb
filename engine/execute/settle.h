#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/error.h"
#include "engine/execute/attempt.h"
#include "engine/execute/evaluate.h"
#include "engine/plan/plan.h"
#include "engine/plan/resume.h"

namespace drydock::execute {

// Decides what becomes of an attempt that did not simply return: cut by a crash, raised, stopped.
// Looks for the receipt, asks the probe, and writes the events of the decision (plan/resume.h).
class Settler final {
  public:
    explicit Settler(Workshop& shop);

    struct Case {
        const runbook::Step* step = nullptr;
        std::string scope;
        const Names* names = nullptr;
        bool crash = true;
        bool must_end = false;           // the run is being cancelled or undone
        bool owner_known_dead = true;
        std::optional<Error> error;      // why it failed, when alive
        std::optional<Microseconds> retry_pause;  // the next attempt may start after it
        // Alive: whether the receipt must be looked for, because a commit failed half way or the
        // work was found done. After a crash it always is.
        bool look_for_receipt = true;
        LogEnd log;
        Value::List receipts;
    };
    // Throws when a database that must be looked at cannot be: nothing is decided then.
    void settle(const Case& one);

    // Receipts, rows and recorded values of a scope: what an interruption has to show for itself.
    [[nodiscard]] std::int64_t progress_of(const std::string& scope);

  private:
    struct Found {
        std::string connection;
        sql::Receipt receipt;
    };
    [[nodiscard]] std::optional<Found> find_receipt(const std::string& scope);
    [[nodiscard]] plan::AttemptFacts facts_of(const Case& one);
    [[nodiscard]] ProbeAnswer ask_probe(const Case& one);
    void write(const Case& one, plan::AttemptAction action, const std::optional<Found>& found,
               const Value& probed);
    void settle_applied(const Case& one, run::SettledBy by, Value output, Value::List receipts);
    void finish(const Case& one, run::StepOutcome outcome, const Error& error,
                Microseconds delay = {});
    void wait_for_operator(const Case& one, const Error& error);

    Workshop& shop_;
};

// {kind, code, message, hint}, redacted.
[[nodiscard]] Value error_value(const Error& error, const config::Redactor& redactor);

}  // namespace drydock::execute
