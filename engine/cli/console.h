#pragma once

#include <memory>
#include <optional>

#include "engine/cli/output.h"
#include "engine/cli/run_report.h"
#include "engine/execute/observer.h"
#include "engine/runbook/runbook.h"

namespace drydock::cli {

// What a person, or a program, sees of a run that this process runs. Keeps the report of where the
// run stands when it is suspended or ends, since the state is at hand then. Its callbacks come on
// the executor's thread and never throw.
class RunConsole : public execute::RunObserver {
  public:
    // The report of the last suspension or end; nullopt when there was none.
    [[nodiscard]] const std::optional<RunReport>& report() const noexcept { return report_; }
    void committed(const run::Event& event, const run::RunState& state) final;

  protected:
    // `bundle` outlives it.
    explicit RunConsole(const runbook::Bundle& bundle) : bundle_(bundle) {}
    virtual void show(const run::Event& event, const run::RunState& state) = 0;
    [[nodiscard]] const runbook::Bundle& bundle() const noexcept { return bundle_; }

  private:
    const runbook::Bundle& bundle_;
    std::optional<RunReport> report_;
};

// By what `output` is: a live one on a terminal, JSON lines, plain lines, or a silent one.
[[nodiscard]] std::unique_ptr<RunConsole> make_console(Output& output,
                                                       const runbook::Bundle& bundle);

// The one for a terminal: finished steps as lines, below them one line that moves.
[[nodiscard]] std::unique_ptr<RunConsole> make_live_console(Output& output,
                                                            const runbook::Bundle& bundle);

// A log line is shown when it is at least this grave: warnings, with -v information, with -vv all.
[[nodiscard]] execute::LogLevel shown_from(const Output& output);

}  // namespace drydock::cli
