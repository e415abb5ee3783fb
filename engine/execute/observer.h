#pragma once

#include <cstdint>
#include <string_view>

#include "engine/execute/step_context.h"
#include "engine/run/event.h"
#include "engine/run/run_state.h"

namespace drydock::execute {

// Watches a run from the side: the console, the daemon, tests. Called on the executor's thread,
// only after the fact is durable (log and progress: as it happens). Must not throw and must not
// block for long: a terminal that went away makes it silent, it does not stop the run.
class RunObserver {
  public:
    virtual ~RunObserver() = default;
    // `event` is committed and already part of `state`.
    virtual void committed(const run::Event& event, const run::RunState& state) = 0;
    virtual void log_line(std::string_view scope, LogLevel level, std::string_view text) = 0;
    virtual void progress(std::string_view scope, std::int64_t done, std::int64_t total,
                          std::string_view text) = 0;
};

}  // namespace drydock::execute
