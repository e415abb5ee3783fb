#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "engine/execute/attempt.h"
#include "engine/execute/requests.h"
#include "engine/execute/run_names.h"
#include "engine/execute/settle.h"
#include "engine/execute/step_history.h"
#include "engine/execute/waits.h"
#include "engine/execute/watcher.h"
#include "engine/plan/plan.h"

namespace drydock::execute {

// How a run left this process.
struct RunFinished {
    run::RunStatus status = run::RunStatus::Succeeded;
    std::string why;    // of suspended
    std::string scope;  // where it stands, when it does not end
    int exit = 0;
};

// Runs the plan of one claimed run: asks what is next, does it, and makes it durable before the
// next thing is done. On the thread that calls run(); the watcher is beside it.
//
//        ┌──────────────────────────────────────────────┐
//        ▼                                              │
//   drain requests → stop asked? → Plan::next → perform ┘
//                        │                │
//                        ▼                ▼
//                 suspended, exit 3   suspended or ended
class Executor final {
  public:
    struct Parts {
        Workshop& shop;
        plan::Plan& plan;
        const RunNames& names;
        journal::Journal& journal;
        Watcher* watcher = nullptr;              // null in tests without threads
        std::atomic<bool>& has_requests;   // set by the watcher's poll
        Roles roles;
        bool detach = false;                     // do not wait in this process
        // When steps that change something may start; nullopt from closes(): no window.
        std::function<std::optional<Timestamp>()> window_opens;  // nullopt: open now
        std::function<std::optional<Timestamp>()> window_closes; // minus the reserve
        StepHistory* history = nullptr;  // with a window
    };
    explicit Executor(Parts parts);

    // Until the run ends or is suspended; the claim is released. Throws Error{Journal} when the
    // journal failed: then nothing is known to be done that is not in it.
    RunFinished run();

    // Answers what is waiting in the journal. Called by run(); also before a claim is released.
    void drain_requests();
    // Appends PhaseBegan(undo).
    void begin_undo(const std::string& why);

  private:
    std::optional<RunFinished> stop_if_asked();
    std::optional<RunFinished> perform(const plan::Move& move);
    std::optional<RunFinished> consider(const plan::Move& move);
    void open_group(const plan::Move& move, const RunNames& names);
    std::optional<RunFinished> start(const plan::Move& move);
    std::optional<RunFinished> check_wait(const plan::Move& move);
    std::optional<RunFinished> await_retry(const plan::Move& move);
    void finish_group(const plan::Move& move);
    void begin_final(run::RunStatus outcome);
    RunFinished suspend(run::SuspendWhy why, const std::string& scope, int exit,
                        std::int64_t due = 0);
    RunFinished end(run::RunStatus outcome);

    struct Prepared {  // what an attempt starts with
        BodyCall call;
        Microseconds timeout{0};
        runbook::Effect effect = runbook::Effect::Unsafe;
        std::optional<plan::RetryPolicy> retry;
        const runbook::Declarations* returns = nullptr;
    };
    [[nodiscard]] Prepared prepare(const plan::Move& move, const RunNames& names) const;
    [[nodiscard]] Value undo_with(const plan::Move& move, const BodyCall& call,
                                  const Evaluation& evaluation) const;
    // Also bounds the attempt's time by the end of the window.
    std::optional<RunFinished> hold_for_window(const plan::Move& move, Prepared& prepared);
    std::optional<RunFinished> take_locks(const plan::Move& move);
    void run_prepared(const plan::Move& move, Prepared prepared, const RunNames& names);
    void finish_attempt(const plan::Move& move, const Prepared& prepared, const AttemptEnd& end,
                        const RunNames& names);
    void finish_stopped(const plan::Move& move, const AttemptEnd& end, StopReason reason,
                        Settler::Case one);
    [[nodiscard]] std::optional<Microseconds> retry_pause(const plan::Move& move,
                                                          const Prepared& prepared,
                                                          ErrorCode code) const;
    void fail_before_start(const plan::Move& move, const Error& error);
    [[nodiscard]] Value::Map evaluate_outputs();
    [[nodiscard]] std::int64_t attempt_of(const std::string& scope) const;
    // Waits in this process until the wall clock says `due`, a stop is asked for or a request
    // comes.
    void wait_until(std::int64_t due, std::optional<Microseconds> at_most);

    Parts parts_;
    Workshop& shop_;
    Settler settler_;
    Waits waits_;
    bool locked_ = false;  // this process has made sure of the locks
};

}  // namespace drydock::execute
