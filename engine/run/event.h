#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/run/status.h"
#include "engine/value.h"

// The events of a run, the only record of what happened. What the engine made (ids, enums,
// integers, digests) stands in the event's line; what came from the user's world (parameters,
// outputs, error texts, keys given by scripts) stands in its one body, so that a body can be erased
// later without breaking the chain of the lines. docs/journal_format.md describes both for other
// readers.
namespace drydock::run {

// Each struct lists the fields of its line; `fields` is the one description that both directions of
// the codec use. Digests are base64. The comment names what the body holds (a map).

struct RunCreated {  // body: params, starter, title, path, working_folder, resolved settings
    static constexpr std::string_view kKind = "RunCreated";
    std::string runbook, environment, plan, bundle, engine, request;
    std::int64_t api = 0;
    template <class V, class Self>
    static void fields(V& visit, Self& self) {
        visit("runbook", self.runbook);
        visit("environment", self.environment);
        visit("plan", self.plan);
        visit("bundle", self.bundle);
        visit("engine", self.engine);
        visit("api", self.api);
        visit("request", self.request);
    }
};

struct RunClaimed {
    static constexpr std::string_view kKind = "RunClaimed";
    ClaimWhy why = ClaimWhy::Start;
    std::string host, boot, engine;
    std::int64_t pid = 0;
    template <class V, class Self>
    static void fields(V& visit, Self& self) {
        visit("why", self.why);
        visit("host", self.host);
        visit("boot", self.boot);
        visit("pid", self.pid);
        visit("engine", self.engine);
    }
};

struct StepInterrupted {
    static constexpr std::string_view kKind = "StepInterrupted";
    std::int64_t uncovered = 0;   // effects that began and no recorded value covers
    std::int64_t progress = 0;    // receipts, their rows and recorded values so far
    std::string log;              // digest of what is found of the attempt's log, or empty
    std::int64_t log_bytes = 0;
    template <class V, class Self>
    static void fields(V& visit, Self& self) {
        visit("uncovered", self.uncovered);
        visit("progress", self.progress);
        visit("log", self.log);
        visit("log_bytes", self.log_bytes);
    }
};

struct TargetBound {  // body: connection, identity
    static constexpr std::string_view kKind = "TargetBound";
    bool replaces = false;
    template <class V, class Self>
    static void fields(V& visit, Self& self) {
        visit("replaces", self.replaces);
    }
};

struct StepStarted {  // body: with; of a foreach: list
    static constexpr std::string_view kKind = "StepStarted";
    std::string effect;
    std::int64_t deadline_ms = 0;  // time that the attempt has
    template <class V, class Self>
    static void fields(V& visit, Self& self) {
        visit("effect", self.effect);
        visit("deadline_ms", self.deadline_ms);
    }
};

struct StepSkipped {  // body of Operator: reason
    static constexpr std::string_view kKind = "StepSkipped";
    SkipWhy why = SkipWhy::When;
    template <class V, class Self>
    static void fields(V& visit, Self& self) {
        visit("why", self.why);
    }
};

struct EffectBegan {  // body: subject, arguments (redacted)
    static constexpr std::string_view kKind = "EffectBegan";
    std::int64_t n = 0;  // counts from 1 within the attempt
    std::string primitive;
    template <class V, class Self>
    static void fields(V& visit, Self& self) {
        visit("n", self.n);
        visit("primitive", self.primitive);
    }
};

struct EffectEnded {
    static constexpr std::string_view kKind = "EffectEnded";
    std::int64_t n = 0;
    EffectResult result = EffectResult::Ok;
    std::int64_t code = 0;
    template <class V, class Self>
    static void fields(V& visit, Self& self) {
        visit("n", self.n);
        visit("result", self.result);
        visit("code", self.code);
    }
};

struct ValueRecorded {  // body: key, value
    static constexpr std::string_view kKind = "ValueRecorded";
    std::vector<std::int64_t> covers;  // effects of this attempt that ran inside
    bool oversize = false;
    template <class V, class Self>
    static void fields(V& visit, Self& self) {
        visit("covers", self.covers);
        visit("oversize", self.oversize);
    }
};

struct
    // body: output | error {kind, code, message, hint}, receipts [{connection, key, rows}]
    StepFinished {
    static constexpr std::string_view kKind = "StepFinished";
    StepOutcome outcome = StepOutcome::Succeeded;
    std::string log;
    std::int64_t log_bytes = 0;
    std::int64_t due = 0;       // of Retry: wall time, microseconds
    std::int64_t delay_us = 0;  // of Retry
    template <class V, class Self>
    static void fields(V& visit, Self& self) {
        visit("outcome", self.outcome);
        visit("log", self.log);
        visit("log_bytes", self.log_bytes);
        visit("due", self.due);
        visit("delay_us", self.delay_us);
    }
};

struct StepSettled {  // body: reason, output
    static constexpr std::string_view kKind = "StepSettled";
    Verdict verdict = Verdict::Applied;
    SettledBy by = SettledBy::Operator;
    std::string request;
    template <class V, class Self>
    static void fields(V& visit, Self& self) {
        visit("verdict", self.verdict);
        visit("by", self.by);
        visit("request", self.request);
    }
};

struct WaitBegan {  // body: prompt, by, items, form, rest (the rendered rest of the plan)
    static constexpr std::string_view kKind = "WaitBegan";
    WaitWhat what = WaitWhat::Approval;
    std::int64_t due = 0;   // wall time in microseconds; 0: none
    std::int64_t need = 0;  // approvals
    template <class V, class Self>
    static void fields(V& visit, Self& self) {
        visit("what", self.what);
        visit("due", self.due);
        visit("need", self.need);
    }
};

struct WaitAnswered {  // body: by, comment, signed items, values of the form
    static constexpr std::string_view kKind = "WaitAnswered";
    std::string leaf;  // digest of the WaitBegan line that is answered
    WaitVerdict verdict = WaitVerdict::Approve;
    std::string request;
    template <class V, class Self>
    static void fields(V& visit, Self& self) {
        visit("leaf", self.leaf);
        visit("verdict", self.verdict);
        visit("request", self.request);
    }
};

struct CancelRequested {  // body: reason
    static constexpr std::string_view kKind = "CancelRequested";
    CancelMode mode = CancelMode::Safe;
    std::string request;
    template <class V, class Self>
    static void fields(V& visit, Self& self) {
        visit("mode", self.mode);
        visit("request", self.request);
    }
};

struct PhaseBegan {  // body of Undo: scopes, in the order in which they are undone
    static constexpr std::string_view kKind = "PhaseBegan";
    Phase phase = Phase::Do;
    std::int64_t episode = 1;  // of Final: how often final was begun
    std::string why;           // "done" "failure" "operator" "cancel" "retry"
    RunStatus outcome = RunStatus::Succeeded;  // what the run will end as, if nothing changes it
    template <class V, class Self>
    static void fields(V& visit, Self& self) {
        visit("phase", self.phase);
        visit("episode", self.episode);
        visit("why", self.why);
        visit("outcome", self.outcome);
    }
};

struct RunSuspended {
    static constexpr std::string_view kKind = "RunSuspended";
    SuspendWhy why = SuspendWhy::Operator;
    std::int64_t due = 0;
    template <class V, class Self>
    static void fields(V& visit, Self& self) {
        visit("why", self.why);
        visit("due", self.due);
    }
};

struct RunEnded {  // body: outputs
    static constexpr std::string_view kKind = "RunEnded";
    RunStatus outcome = RunStatus::Succeeded;
    std::int64_t exit = 0;
    template <class V, class Self>
    static void fields(V& visit, Self& self) {
        visit("outcome", self.outcome);
        visit("exit", self.exit);
    }
};

using Payload =
    std::variant<RunCreated, RunClaimed, StepInterrupted, TargetBound, StepStarted, StepSkipped,
                 EffectBegan, EffectEnded, ValueRecorded, StepFinished, StepSettled, WaitBegan,
                 WaitAnswered, CancelRequested, PhaseBegan, RunSuspended, RunEnded>;

struct Event {
    std::int64_t version = 1;
    std::string run;
    std::int64_t seq = 0;
    std::string prev;       // base64 of the SHA-256 of the line before
    std::int64_t time = 0;  // wall, microseconds; never before the event before
    std::int64_t term = 0;
    std::string actor;      // who caused it: "uid:1000/anna", "engine"
    std::string scope;      // of step events
    std::int64_t attempt = 0;
    Payload payload;
    std::string body_digest;    // base64 of SHA-256(salt ‖ body), or empty
    Value::Map body;            // empty: no body (or an erased one)
    bool body_erased = false;
};

[[nodiscard]] std::string_view kind_of(const Event& event);

}  // namespace drydock::run
