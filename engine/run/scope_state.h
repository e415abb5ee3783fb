#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/run/event.h"
#include "engine/run/status.h"
#include "engine/value.h"

namespace drydock::run {

// An unsafe effect of the newest attempt.
struct EffectState {
    std::int64_t n = 0;
    std::string primitive;
    bool ended = false;
    EffectResult result = EffectResult::Lost;
    bool covered = false;  // a recorded value stands for it: it is not repeated
    std::string connection, statement;  // of exec_alone

    // Nobody knows whether it happened: it began, and did not end with an answer of its own.
    [[nodiscard]] bool doubtful() const {
        return !covered &&
               (!ended || (result != EffectResult::Ok && result != EffectResult::Error));
    }
};

struct ReceiptRef {
    std::string connection, key;
    std::int64_t rows = 0;
};

struct Answer {
    std::string actor;
    WaitVerdict verdict = WaitVerdict::Approve;
    std::int64_t time = 0;
    Value::Map body;
};

// What a gate or a wait is waiting for.
struct WaitState {
    WaitWhat what = WaitWhat::Approval;
    std::string leaf;  // what an answer must name
    std::int64_t due = 0;
    std::int64_t need = 0;
    Value::Map shown;
    std::vector<Answer> answers;
};

// The items of a foreach.
struct GroupState {
    Value::List list;
};

// Everything known about one scope. Changed by RunState::apply only.
struct ScopeState {
    StepStatus status = StepStatus::Pending;
    bool interrupted = false;       // its attempt was cut by a crash and is not settled yet
    std::int64_t attempt = 0;       // number of the newest attempt
    std::int64_t started_seq = 0;   // of the first StepStarted: the order of undo
    std::int64_t attempt_seq = 0;   // of the newest StepStarted
    std::int64_t started = 0;       // wall time of the first start, microseconds
    std::int64_t finished = 0;
    std::int64_t failures = 0;      // attempts that ended in a retry
    std::int64_t first_failure = 0; // wall time
    std::int64_t due = 0;           // when the scheduled retry starts
    std::int64_t delay_us = 0;
    std::int64_t interruptions = 0;  // in a row without progress
    std::int64_t progress = -1;      // as the last StepInterrupted counted it
    bool began_effect = false;       // in any attempt
    Value output;
    Value error;  // {kind, code, message, hint}
    Value::Map with;
    Value::Map recorded;
    std::vector<std::string> oversize;  // keys whose value was too large to record
    std::vector<EffectState> effects;
    // What all attempts began by exec_alone: connection and statement.
    std::set<std::pair<std::string, std::string>> began_alone;
    std::vector<ReceiptRef> receipts;
    std::unique_ptr<WaitState> wait;
    std::unique_ptr<GroupState> group;

    [[nodiscard]] std::int64_t uncovered() const;
    [[nodiscard]] bool has_doubtful_effect() const;
    // True when it did nothing that could be undone.
    [[nodiscard]] bool did_nothing() const { return !began_effect && receipts.empty(); }

    void apply(const Event& event, std::string_view leaf);
};

}  // namespace drydock::run
