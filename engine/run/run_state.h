#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/run/event.h"
#include "engine/run/scope_state.h"
#include "engine/run/status.h"

namespace drydock::run {

// A target as the run first met it.
struct TargetState {
    std::string identity;
    // The newest receipt that the journal lists for it: it must still be there.
    std::string last_scope, last_key;
    bool has_receipt = false;
};

// The state of a run: the fold of its events. apply() is the only place where state changes, for
// the live path and for recovery alike. Not thread-safe; not copied.
//
//   created → running ⇄ suspended
//   phase do → (undo →) final → succeeded | failed | undone | cancelled
class RunState final {
  public:
    // `leaf`: chain_next() of the event's line. Throws Error{Integrity} when the event cannot
    // follow.
    void apply(const Event& event, std::string_view leaf);

    [[nodiscard]] const std::string& run() const { return run_; }
    [[nodiscard]] const RunCreated& created() const { return created_; }
    [[nodiscard]] const Value::Map& created_body() const { return created_body_; }
    [[nodiscard]] std::int64_t created_time() const { return created_time_; }
    [[nodiscard]] RunStatus status() const { return status_; }
    [[nodiscard]] SuspendWhy suspended_why() const { return suspended_why_; }
    [[nodiscard]] std::int64_t suspended_due() const { return suspended_due_; }
    [[nodiscard]] Phase phase() const { return phase_; }
    [[nodiscard]] std::int64_t episode() const { return episode_; }
    // What the run ends as, once final.
    [[nodiscard]] const PhaseBegan& phase_began() const { return phase_began_; }
    [[nodiscard]] std::optional<CancelMode> cancel_requested() const { return cancel_; }
    // True when a cancel found the undo standing, with no process at work on it: nobody wants the
    // rest of it any more. One that a process at work is asked for stops the undo where it is.
    [[nodiscard]] bool undo_given_up() const {
        return phase_ == Phase::Undo && cancel_ && last_claim_.why == ClaimWhy::Cancel;
    }
    [[nodiscard]] std::int64_t seq() const { return seq_; }
    [[nodiscard]] std::int64_t time() const { return time_; }
    [[nodiscard]] std::int64_t ended_time() const { return ended_time_; }
    [[nodiscard]] std::int64_t exit() const { return exit_; }
    [[nodiscard]] std::int64_t term() const { return term_; }
    [[nodiscard]] const RunClaimed& last_claim() const { return last_claim_; }
    [[nodiscard]] const Value::Map& outputs() const { return outputs_; }
    // "do", "undo", "fin1", …: the first part of the scopes of the present phase.
    [[nodiscard]] std::string phase_prefix() const;

    // The scope's state; null when nothing happened in it yet.
    [[nodiscard]] const ScopeState* find(std::string_view scope) const;
    // The attempt that runs, or was cut; at most one, never a group. Empty: none.
    [[nodiscard]] const std::string& running() const { return running_; }
    // A scope whose outcome nobody knows, or empty: the operator must decide before anything
    // starts.
    [[nodiscard]] std::string unknown() const {
        return unknown_.empty() ? std::string() : *unknown_.begin();
    }
    [[nodiscard]] const std::map<std::string, TargetState, std::less<>>& targets() const {
        return targets_;
    }
    // What the last PhaseBegan(undo) lists, in order.
    [[nodiscard]] const std::vector<std::string>& undo_list() const { return undo_list_; }
    // True once an undo began: forward work never resumes after that.
    [[nodiscard]] bool undo_began() const { return !undo_list_.empty() || undo_began_; }
    // All scopes of phase do that an attempt was started in, newest start first.
    [[nodiscard]] std::vector<std::string> started_scopes() const;

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    void apply_run(const Event& event);
    void apply_scope(const Event& event, std::string_view leaf);
    void begin_phase(const Event& event, const PhaseBegan& payload);
    void bind_target(const Event& event, const TargetBound& payload);
    void note_receipts(const std::string& scope, const ScopeState& state);

    std::string run_;
    RunCreated created_;
    Value::Map created_body_;
    std::int64_t created_time_ = 0;
    RunStatus status_ = RunStatus::Created;
    SuspendWhy suspended_why_ = SuspendWhy::Operator;
    std::int64_t suspended_due_ = 0;
    Phase phase_ = Phase::Do;
    std::int64_t episode_ = 0;
    PhaseBegan phase_began_;
    std::optional<CancelMode> cancel_;
    std::int64_t seq_ = 0, time_ = 0, term_ = 0, ended_time_ = 0, exit_ = 0;
    RunClaimed last_claim_;
    Value::Map outputs_;
    std::unordered_map<std::string, ScopeState, Hash, std::equal_to<>> scopes_;
    std::string running_;
    std::set<std::string> unknown_;
    std::map<std::string, TargetState, std::less<>> targets_;
    std::vector<std::string> undo_list_;
    bool undo_began_ = false;
};

}  // namespace drydock::run
