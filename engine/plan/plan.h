#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/run/run_state.h"
#include "engine/runbook/runbook.h"

namespace drydock::plan {

// What the executor does next. Pure data: the plan decides, the executor has the hands.
struct Move {
    enum class Kind : std::uint8_t {
        Consider,     // a scope is next: evaluate `when`, then skip it, open its wait, or start it
        Start,        // start (another attempt of) the scope; `when` has been asked before
        FinishGroup,  // all items are settled, or one has failed for good
        CheckWait,    // look whether the gate or wait has been answered
        AwaitRetry,   // the scope starts again at `due`
        SkipUndone,   // nothing was done, so nothing is to be undone
        BeginUndo,
        BeginFinal,
        Suspend,      // the operator must decide
        End,
    };
    Kind kind = Kind::End;
    const runbook::Step* step = nullptr;
    std::string scope;
    std::int64_t index = 0;  // of a foreach item, from 1
    run::RunStatus outcome = run::RunStatus::Succeeded;  // of BeginFinal and End
    bool failed = false;     // of FinishGroup
    bool unknown = false;    // of Suspend: an outcome is unknown (exit 4)
};

// Of the undo that began last: the scopes that it has not taken back, in its order.
[[nodiscard]] std::vector<std::string> not_undone(const run::RunState& state);
// The undo scopes of these that were tried by an undo that was given up, and may be tried again.
[[nodiscard]] std::vector<std::string> undos_to_repeat(const run::RunState& state);

// Walks a runbook in the order written, through the phases do, undo and final:
//
//   do ──all settled──────────────────────────▶ final(succeeded) ──▶ end
//   do ──failed, on_failure end───────────────▶ final(failed)
//   do ──failed, on_failure undo──▶ undo ─────▶ final(undone)
//   do ──failed, on_failure stop; unknown─────▶ suspend
//   do ──cancel───────────────────────────────▶ final(cancelled)
//   undo ──failed, unknown, cancel────────────▶ suspend
//   undo ──given up, or one skipped───────────▶ final(cancelled)
//
// Holds no state but how far it has walked, so a run of a hundred thousand items asks about each
// once. The runbook and the run's state outlive it.
class Plan final {
  public:
    explicit Plan(const runbook::Bundle& bundle);

    // What is next. Two calls without an event in between give the same answer.
    [[nodiscard]] Move next(const run::RunState& state);

    // The scopes to undo, in order: newest start first, those that have a way back.
    [[nodiscard]] std::vector<std::string> undo_list(const run::RunState& state) const;
    // Whether an undo has anything to do: not where the operator has skipped an undo of which
    // nobody knows what it did.
    [[nodiscard]] bool can_undo(const run::RunState& state) const;
    // The step called `id`, in steps or finally; null when there is none.
    [[nodiscard]] const runbook::Step* find_step(std::string_view id) const;
    [[nodiscard]] bool has_undo(const runbook::Step& step) const;
    // What happens when `step` fails for good: its own answer, else the runbook's.
    [[nodiscard]] runbook::OnFailure on_failure(const runbook::Step& step) const;

  private:
    std::optional<Move> next_do(const run::RunState& state);
    std::optional<Move> next_undo(const run::RunState& state);
    std::optional<Move> next_final(const run::RunState& state);
    // What `scope` needs, nullopt when it is settled for good.
    std::optional<Move> in_scope(const run::RunState& state, const runbook::Step& step,
                                 std::string scope, std::int64_t index);
    std::optional<Move> in_group(const run::RunState& state, const runbook::Step& step,
                                 const std::string& scope, const run::ScopeState& group);
    [[nodiscard]] Move after_cancel(const run::RunState& state) const;
    [[nodiscard]] Move after_failure(const runbook::Step& step, const std::string& scope) const;
    void follow_phase(const run::RunState& state);

    const runbook::Bundle& bundle_;
    run::Phase phase_ = run::Phase::Do;
    std::int64_t episode_ = 0;
    std::size_t cursor_ = 0;       // settled steps, or undone scopes, of this phase
    std::int64_t item_cursor_ = 0; // settled items of the step at the cursor
};

}  // namespace drydock::plan
