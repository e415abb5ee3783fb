#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/execute/connection_settings.h"
#include "engine/execute/executor.h"
#include "engine/execute/observer.h"
#include "engine/execute/requests.h"
#include "engine/execute/step_runner.h"
#include "engine/files/confined.h"
#include "engine/journal/journal.h"
#include "engine/journal/load.h"
#include "engine/plan/resume.h"
#include "engine/runbook/fingerprint.h"
#include "engine/runbook/template.h"
#include "engine/runbook/runbook.h"
#include "engine/runbook/script_inspector.h"

namespace drydock::execute {

// The number of the semantics that a run relies on; a run is resumed by a program that knows its.
inline constexpr std::int64_t kApi = 1;

// What the settings say about a run; recorded with it, so that a resume means the same.
struct RunSettings {
    std::string environment;
    bool production = false;
    Roles roles;
    std::string working_folder;                // absolute
    std::optional<runbook::Window> window;     // after the environment replaced or lifted it
};

// What a process brings to its runs; the composition root fills it and outlives them.
struct Engine {
    Clock& clock;
    os::Random& random;
    journal::Journal& journal;
    StepRunner& runner;
    runbook::ScriptInspector& inspector;
    runbook::SqlProblem sql_problem;
    RunObserver& observer;
    files::OpenDatabases& open_databases;
    // The text behind a secret's source, for a run with these settings; see config::resolve_secret.
    std::function<std::optional<Secret>(
        const std::string& name, const runbook::SecretSource& source,
        const runbook::Evaluator& evaluator, const RunSettings& settings)>
        read_secret;
    // Requests that wait for a run, read on a connection of its own: called on the watcher's
    // thread.
    std::function<std::vector<journal::Request>(std::int64_t n)> waiting_requests;
    std::string journal_path;
    std::string guard_program;  // that understands --guard
    std::string version;
    std::string actor;          // "uid:1000/anna"
    journal::Owner self;
    std::string boot;
    int signal_fd = -1;         // of os::SignalWatch
    StandIns stand_ins = {};    // of a runbook that is tried out
    // Of such a one: databases and `files:` that lie elsewhere are refused. Empty: anywhere.
    std::string confined_to = {};
    // Of such a one: the socket of the server that all its Redis connections lead to. Empty: none.
    std::string private_redis = {};
    // Of such a one: the server that all its PostgreSQL connections lead to.
    PrivateServer private_postgres = {};
    // The run is a rehearsal on copies: nothing unsafe happens whatever a step declares, also in an
    // undo, and of :batches the first one runs.
    bool rehearsal = false;
    // Of a rehearsal: the session that a PostgreSQL connection shares with others.
    std::function<std::unique_ptr<sql::Database>(const std::string& connection)> lend = {};
};

struct StartOptions {
    runbook::Bundle bundle;       // with its sources
    Value params = Value(Value::Map{});
    RunSettings settings;
    std::string require_plan;     // hex digest; empty: any
    bool detach = false;
};

// What would run: no journal entry, nothing changed.
struct Preview {
    std::string digest;  // hex
    std::vector<std::string> targets;
    std::vector<std::string> locks;
    std::vector<std::string> remarks;  // what the targets say that bears on the promises
    std::map<std::string, runbook::Effect, std::less<>> effects;  // by step
};
[[nodiscard]] Preview preview(Engine& engine, const StartOptions& options);

// Where the connections of a runbook lead before any step has run.
struct SqliteTarget {
    std::string path;  // of a file that is there; empty: `why` says why there is none
    std::string why;
};
[[nodiscard]] std::map<std::string, SqliteTarget, std::less<>> sqlite_targets(
    Engine& engine, const StartOptions& options);
// How the PostgreSQL connections are reached whose address needs no step.
[[nodiscard]] std::map<std::string, sql::PostgresSettings> postgres_targets(
    Engine& engine, const StartOptions& options);

// Starts a run and runs it until it ends or is suspended. Error{Refused}: a lock is held, or the
// plan is not the required one: nothing was written. `started` is told the run's id once it is
// durable.
RunFinished start_run(Engine& engine, const StartOptions& options,
                      const std::function<void(const std::string& run)>& started);

struct ContinueOptions {
    plan::ResumeFacts::Intent intent = plan::ResumeFacts::Intent::Resume;
    std::optional<Ask> ask;   // of Settle, Cancel, Answer
    std::string reason;       // of Undo
    bool detach = false;
    // Instead of the frozen one: a rehearsal's, whose connections lead to copies.
    const runbook::Bundle* bundle = nullptr;
};
// Takes up run `n`: resume, settle, undo, cancel, answer (which only records the answer). Refuses
// by the table in plan/resume.h, changing nothing.
RunFinished continue_run(Engine& engine, std::int64_t n, const ContinueOptions& options);

// The bundle that run `n` was started with.
[[nodiscard]] runbook::Bundle frozen_bundle(journal::JournalReader& journal, std::int64_t n,
                                            runbook::ScriptInspector& inspector,
                                            const runbook::SqlProblem& sql_problem);
[[nodiscard]] RunSettings recorded_settings(const run::RunState& state);
[[nodiscard]] Value recorded_params(const run::RunState& state);

}  // namespace drydock::execute
