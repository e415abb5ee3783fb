#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/execute/attempt_log.h"
#include "engine/execute/names.h"
#include "engine/execute/observer.h"
#include "engine/execute/run_writer.h"
#include "engine/execute/step_context.h"
#include "engine/execute/step_runner.h"
#include "engine/execute/targets.h"
#include "engine/fetch/exchange.h"
#include "engine/os/command_host.h"
#include "engine/runbook/convert.h"

namespace drydock::config {
class Redactor;
}

namespace drydock::execute {

// In the place of the machine's programs and of servers, where a runbook is tried out: the guard,
// the effect and the log stay what they are. Empty: the real ones. Asked on the attempt's thread.
struct StandIns {
    // The path that stands for program `name`, as os::allowed_program, which it replaces.
    std::function<std::string(const std::string& name, const std::vector<std::string>& allowed)>
        find;
    // Changes what is about to be started.
    std::function<void(os::CommandSpec& spec)> stage;
    fetch::Ask ask;
};

// Everything around a run that its attempts share. The executor owns it; all references outlive it.
struct Workshop {
    const runbook::Bundle& bundle;
    run::RunState& state;
    RunWriter& writer;
    Targets& targets;
    StepRunner& runner;
    Clock& clock;
    os::Random& random;
    CancelToken& cancel;
    RunObserver& observer;
    files::Confined& files;
    os::CommandHost& commands;
    const StandIns& stand_ins;
    const config::Redactor& redactor;
    std::vector<std::string> allowed_programs;  // as the runbook lists them, evaluated
    std::vector<std::pair<std::string, std::string>> base_environment;  // of commands
    std::string log_folder;  // of this run
    runbook::Folders folders;
    Value& run_value;  // what expressions see as `run`
    // The most that each step may change, found when the runbook was read.
    std::map<std::string, runbook::Effect, std::less<>> effects;
    // Locks beyond those of the targets.
    std::vector<std::string> extra_locks;
    // Somebody asks to end the run at its next safe point; set by the watcher.
    const std::atomic<bool>& cancel_asked;
    bool rehearsal = false;  // as Engine says
};

// The StepContext of one attempt: the policy of writes, effects and bounds in one place.
class AttemptContext final : public StepContext {
  public:
    struct About {
        std::string scope;
        std::int64_t attempt = 1;
        runbook::Effect bound = runbook::Effect::Unsafe;
        Microseconds deadline{0};      // boot clock
        bool reading_commands = false; // a probe: commands count as reads
        const runbook::Action* action = nullptr;  // whose `needs` it may start as well
        bool journaled = true;  // false: before a run's scope began (checklist items, probes)
    };
    AttemptContext(Workshop& shop, About about, const Names& names);
    ~AttemptContext() override;

    // The body has returned: commits the step transaction with the output in its receipt.
    void finish(const Value& output);
    [[nodiscard]] bool commit_in_doubt() const { return commit_in_doubt_; }
    // What the sessions committed, for StepFinished.
    [[nodiscard]] Value::List receipts() const { return receipts_; }
    // Ends the effect that covers file changes, and the log.
    LogEnd close(bool failed);
    // The journal failed in the middle of the script: throws that error again, whatever the script
    // did.
    void rethrow_fatal() const;

    [[nodiscard]] const Names& names() const override { return names_; }
    [[nodiscard]] runbook::Effect bound() const override { return about_.bound; }
    void check_stop() override;
    [[nodiscard]] Microseconds deadline() const override { return about_.deadline; }
    [[nodiscard]] Clock& clock() override { return shop_.clock; }
    sql::StepSession& sql(std::string_view connection) override;
    redis::StepSession& redis(std::string_view connection) override;
    [[nodiscard]] bool is_redis(std::string_view connection) const override;
    [[nodiscard]] std::vector<std::string> connection_names() const override;
    [[nodiscard]] std::string sqlite_path(std::string_view connection) const override;
    [[nodiscard]] std::string address(std::string_view connection) const override;
    void close_connection(std::string_view connection) override;
    void target_replaced(std::string_view connection) override;
    [[nodiscard]] std::optional<Value> recorded(std::string_view key) const override;
    [[nodiscard]] Value all_recorded() const override;
    void begin_once(std::string_view key) override;
    void record(std::string_view key, const Value& value) override;
    [[nodiscard]] Value recordable(const Value& value) const override;
    std::int64_t begin_effect(std::string_view primitive, std::string_view subject,
                              const Value& arguments) override;
    void end_effect(std::int64_t effect, std::string_view result, std::int64_t code) override;
    void allow_read(std::string_view primitive) override;
    void begin_file_change(std::string_view primitive, std::string_view path) override;
    [[nodiscard]] files::Confined& files() override { return shop_.files; }
    CommandAnswer command(const CommandRequest& request) override;
    HttpAnswer http(const HttpRequest& request) override;
    [[nodiscard]] std::string source_text(std::string_view path) const override;
    [[nodiscard]] Files source_files(std::string_view folder) const override;
    [[nodiscard]] Value render(std::string_view template_text, std::string_view name) override;
    void log(LogLevel level, std::string_view text) override;
    void progress(std::int64_t done, std::int64_t total, std::string_view text) override;
    [[nodiscard]] std::string random_bytes(std::size_t count) override;

  private:
    [[nodiscard]] const run::ScopeState* state() const;
    [[nodiscard]] sql::SessionHooks hooks();
    [[nodiscard]] redis::SessionHooks redis_hooks();
    // A journal that fails while a target is bound is fatal, not an error of the script.
    [[noreturn]] void rethrow_from_binding(const Error& error);
    void stop_between_batches() const;
    void note_receipt(std::string_view connection, std::string_view key, std::int64_t rows);
    void allow_write(const sql::StepSession* asking, std::string_view what);
    // Raises in a transaction closure and while bare writes are uncommitted.
    void require_settled_writes(std::string_view what) const;
    void require_bound(runbook::Effect needed, std::string_view what) const;
    // Appends and commits; a failure is fatal to the process, not an error of the script.
    void append(run::Payload payload, Value::Map body);
    [[nodiscard]] os::CommandSpec command_spec(
        const CommandRequest& request, const std::string& program,
        const std::vector<std::pair<std::string, std::string>>& login) const;
    // How a program logs in to a connection; opens that, so that it is the database of this run.
    [[nodiscard]] sql::ProgramLogin login_to(std::string_view connection);
    [[nodiscard]] os::CommandEnd run_command(const os::CommandSpec& spec);
    [[nodiscard]] std::string allowed_program(const std::string& name) const;
    // One request, within what is left of the attempt's time.
    [[nodiscard]] fetch::Exchange exchange_once(fetch::Request request);
    [[nodiscard]] fetch::Exchange exchange_with_patience(const HttpRequest& request);
    void end_file_change(bool failed);

    Workshop& shop_;
    About about_;
    const Names& names_;
    AttemptLog log_;
    std::map<std::string, std::unique_ptr<sql::StepSession>, std::less<>> sessions_;
    std::map<std::string, std::unique_ptr<redis::StepSession>, std::less<>> redis_sessions_;
    Value::List receipts_;
    std::int64_t effects_ = 0;       // begun so far
    std::int64_t file_effect_ = 0;   // the open one that covers file changes, or 0
    std::map<std::string, std::int64_t, std::less<>> once_since_;  // key → effects_ when it began
    bool commit_in_doubt_ = false;
    std::exception_ptr fatal_;
    Microseconds last_progress_{0};
};

}  // namespace drydock::execute
