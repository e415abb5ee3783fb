#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/execute/launch.h"
#include "engine/rehearse/copies.h"
#include "engine/rehearse/selection.h"
#include "engine/schema/catalog.h"

namespace drydock::rehearse {

// How one step went on the copies.
struct Rehearsed {
    std::string step;
    bool finally = false;
    std::string status;  // "succeeded", "skipped", "failed", "pending" (after a failure)
    std::int64_t micros = 0;
    std::int64_t rows = 0;   // changed, by its receipts
    bool one_batch = false;  // of its batches only the first one ran
    std::string error, hint;
};

// A database at one moment.
struct Moment {
    schema::Catalog catalog;
    schema::Rows rows;
};

// One database: what the steps made of it, and what their undo left.
struct Changes {
    Copy copy;
    Moment before, after, undone;
    std::vector<std::string> locks;  // taken by the steps, in place only; as strong_locks()
};

struct Report {
    std::vector<Rehearsed> steps;
    std::vector<Unrehearsed> left_out;
    std::vector<Changes> databases;

    // The undo, of what was done; why there was none.
    bool undo_tried = false;
    std::string no_undo;
    std::vector<Rehearsed> undo;
    std::vector<Unrehearsed> undo_left_out;
    bool interrupted = false;  // a signal stopped it: what is here is what was seen until then

    [[nodiscard]] bool failed() const;
};

// Runs the runbook of `options` on `copies`, with a journal of its own: `engine` must have one in a
// private folder, and `rehearsal` set. Takes what can be done there, then undoes it, and compares.
// The original databases are not opened. Errors of the machinery are thrown; a step that fails is
// in the report.
[[nodiscard]] Report rehearse(execute::Engine& engine, const execute::StartOptions& options,
                              const Copies& copies);

}  // namespace drydock::rehearse
