#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "engine/config/redaction.h"
#include "engine/execute/executor.h"
#include "engine/execute/launch.h"

namespace drydock::execute {

// One run in this process: everything that its attempts share, made in the right order and gone in
// the opposite one (commands before sessions before the claim). Made by launch for the length of a
// start or a resume.
class Session final {
  public:
    struct Parts {
        Engine& engine;
        const runbook::Bundle& bundle;
        run::RunState& state;
        std::string run;     // id
        std::string head;    // prev of the next line
        Value params;
        RunSettings settings;
        Timestamp started;
        bool detach = false;
    };
    explicit Session(Parts parts);
    ~Session();

    [[nodiscard]] RunWriter& writer() { return writer_; }
    [[nodiscard]] Targets& targets() { return targets_; }
    [[nodiscard]] Workshop& workshop() { return *workshop_; }
    [[nodiscard]] plan::Plan& plan() { return plan_; }
    [[nodiscard]] const RunNames& names() const { return names_; }
    // Everything that a claim needs: the guard, which inherits it, and the watcher's poll.
    void set_claim(std::unique_ptr<journal::Claim> claim);
    [[nodiscard]] Executor& executor() { return *executor_; }
    // Resolves each secret that does not wait for a step. Throws for the first that cannot be.
    void check_secrets();
    // Locks named in the runbook, evaluated.
    [[nodiscard]] std::vector<std::string> extra_locks() const;

  private:
    [[nodiscard]] std::optional<Secret> secret(std::string_view name);
    [[nodiscard]] ConnectionSettings settings_of(const runbook::Connection& connection);
    [[nodiscard]] std::vector<std::string> texts(const std::vector<runbook::Node>& nodes,
                                                 runbook::Type type, std::string_view what) const;
    [[nodiscard]] std::vector<std::string> allowed_files();
    [[nodiscard]] Workshop make_workshop();
    void make_executor();
    void lead_to_private_redis(ConnectionSettings& settings) const;
    void require_place(const std::string& path, std::string_view what) const;
    void poll_requests();

    Parts parts_;
    runbook::Folders folders_;
    Value run_value_;
    config::Redactor redactor_;
    std::map<std::string, std::optional<Secret>, std::less<>> secrets_;
    RunNames names_;
    plan::Plan plan_;
    RunWriter writer_;
    CancelToken cancel_;
    Targets targets_;
    StepHistory history_;
    std::unique_ptr<files::Confined> files_;
    std::unique_ptr<os::CommandHost> commands_;
    std::int64_t claimed_n_ = 0;  // for the watcher's thread: the claim goes when the run ends
    std::atomic<bool> has_requests_{true};  // the first drain looks for itself
    std::atomic<bool> cancel_asked_{false};
    std::unique_ptr<Workshop> workshop_;
    std::unique_ptr<Executor> executor_;
    std::unique_ptr<Watcher> watcher_;  // last: its thread uses the others
};

}  // namespace drydock::execute
