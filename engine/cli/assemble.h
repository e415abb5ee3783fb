#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/cases/setting.h"
#include "engine/cli/arguments.h"
#include "engine/cli/output.h"
#include "engine/config/env_file.h"
#include "engine/config/settings.h"
#include "engine/execute/launch.h"
#include "engine/journal/journal.h"
#include "engine/runbook/module_library.h"
#include "engine/runbook/script_inspector.h"

namespace drydock::cli {

// The composition root: makes what a command asks for when it is first asked for, in the right
// order, and keeps it until the command is over. The only place that knows which clock, journal and
// Lua runner there are. Used on the main thread.
class Assembly final {
  public:
    explicit Assembly(const Arguments& arguments);
    ~Assembly();
    Assembly(const Assembly&) = delete;
    Assembly& operator=(const Assembly&) = delete;

    [[nodiscard]] Output& output();
    // drydock.yaml; the empty settings when there is none. Throws Error{Document} after it has
    // printed what is wrong, Error{Usage} for a --config that is not there.
    [[nodiscard]] const config::Settings& settings();
    // Null when no environment was asked for.
    [[nodiscard]] const config::Environment* environment();
    // From now on this environment counts: the one that a run was started with.
    void use_environment(const std::string& name);
    // The process's, then env_file of the environment, then --env-file: the later ones win.
    [[nodiscard]] const config::Variables& variables();

    [[nodiscard]] runbook::ScriptInspector& inspector();
    [[nodiscard]] const runbook::ModuleLibrary& modules();
    [[nodiscard]] runbook::SqlProblem sql_problem() const;
    [[nodiscard]] execute::StepRunner& runner();
    // What cases are played with.
    [[nodiscard]] cases::Machinery cases_machinery();

    [[nodiscard]] std::string journal_place();
    // Throws Error{NotFound} when there is no journal.
    [[nodiscard]] journal::JournalReader& reader();
    [[nodiscard]] bool has_journal();
    // For writing; one that is not there is made, and that is announced. Error{Integrity} for one
    // that is damaged, before anything is written.
    [[nodiscard]] journal::Journal& journal();

    // "uid:1000/anna".
    [[nodiscard]] const std::string& actor();
    [[nodiscard]] std::int64_t now() const;
    // A new 26 character id.
    [[nodiscard]] std::string new_id();

    // Where the signals of a person are read from now on, for work that is no run.
    [[nodiscard]] int signal_fd();

    // What runs need. From here on SIGINT, SIGTERM and SIGHUP are ours. `observer` outlives the
    // engine.
    [[nodiscard]] execute::Engine& engine(execute::RunObserver& observer);
    // The same with another journal than the one of the settings; the caller says where it is.
    [[nodiscard]] execute::Engine& private_engine(journal::Journal& journal,
                                                  execute::RunObserver& observer);
    // The same without a journal and without signals: for looking only.
    [[nodiscard]] execute::Engine& looking_engine(execute::RunObserver& observer);

  private:
    struct Parts;

    void look_at_journal();
    void make_engine(journal::Journal& journal, execute::RunObserver& observer);

    const Arguments& arguments_;
    std::unique_ptr<Parts> parts_;
};

}  // namespace drydock::cli
