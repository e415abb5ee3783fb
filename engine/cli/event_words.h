#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/cli/output.h"
#include "engine/run/event.h"
#include "engine/run/run_state.h"
#include "engine/runbook/runbook.h"

namespace drydock::cli {

// What one event says to a person who watches: a step that came to an end, a wait, a phase. Most
// events say nothing.
struct EventWords {
    std::string mark;     // "✓"
    Style style = Style::Plain;
    std::string position; // " 3/14", or empty
    std::string what;     // the step's title
    std::string step;     // its scope in words
    std::string status;   // "succeeded", "retry", "waiting"
    std::int64_t took = -1;  // microseconds; -1: says nothing
    std::string detail;   // a short result, an error
};
[[nodiscard]] std::optional<EventWords> words_of(const run::Event& event,
                                                 const run::RunState& state,
                                                 const runbook::Bundle& bundle);

// The event with everything in it, for --json.
[[nodiscard]] Value::Map to_map(const run::Event& event);

}  // namespace drydock::cli
