#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "engine/journal/journal.h"
#include "engine/run/event.h"
#include "engine/run/run_state.h"

namespace drydock::journal {

// A run read back from its events.
struct LoadedRun {
    run::RunState state;
    std::string head;  // prev of the next line
    bool erased = false;  // bodies are gone, so that nobody can go on with it
};

// Folds the events of run `n`, checking the chain as it goes: numbers without gaps, each line
// naming the one before, each body matching its digest. Throws Error{Integrity} with the first bad
// place.
// `visit` (may be empty) sees each event after it was applied.
using EventVisitor = std::function<void(const run::Event& event, const StoredEvent& stored,
                                        const run::RunState& state)>;
[[nodiscard]] LoadedRun load(JournalReader& journal, std::int64_t n,
                             const EventVisitor& visit = {});

}  // namespace drydock::journal
