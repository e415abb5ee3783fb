#pragma once

#include <set>
#include <string>

#include "engine/cases/life.h"
#include "engine/execute/observer.h"

namespace drydock::cases {

// Stands beside a run of a case: keeps what it says, and runs the `after` script of a step once the
// step's end is durable, before anything else is done. Used on the executor's thread.
class CaseObserver final : public execute::RunObserver {
  public:
    struct Parts {
        const Scene& scene;
        Clock& clock;
        execute::StepRunner& runner;
    };
    explicit CaseObserver(Parts parts) : parts_(parts) {}

    void committed(const run::Event& event, const run::RunState& state) override;
    void log_line(std::string_view scope, execute::LogLevel level, std::string_view text) override;
    void progress(std::string_view scope, std::int64_t done, std::int64_t total,
                  std::string_view text) override;

    // Runs the scripts of steps that have ended in a life that was killed before it came to them.
    void catch_up(const run::RunState& state);

  private:
    void run_after(const std::string& step, const run::RunState& state);

    Parts parts_;
};

// The files of notes: what a run printed, which `after` scripts have run, and what went wrong with
// them.
inline constexpr std::string_view kOutputFile = "output";
inline constexpr std::string_view kAfterFile = "after";
inline constexpr std::string_view kTroubleFile = "trouble";

}  // namespace drydock::cases
