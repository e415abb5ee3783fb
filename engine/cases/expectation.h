#pragma once

#include <string>
#include <vector>

#include "engine/cases/cases.h"
#include "engine/cases/play.h"

namespace drydock::cases {

// One thing that is not as the case says.
struct Failure {
    runbook::Place place;  // in the file of cases
    std::string what;      // "outputs.rows_deleted"
    std::string expected, got;
};

// Everything that is not as `expect` says, and what a case may never do: ask something that no
// answer is listed for, or wait for a person whom nobody plays.
[[nodiscard]] std::vector<Failure> compare(const Case& one, const Outcome& outcome);

// True when `value`, a result of a run, is what is written: quantities by their text, numbers by
// their value, lists and maps item by item.
[[nodiscard]] bool is_value(const runbook::Node& written, const Value& value);

// What differs between an undisturbed run and one that was killed, as failures at `place`.
[[nodiscard]] std::vector<Failure> differences(const Outcome& undisturbed, const Outcome& killed,
                                               runbook::Place place);

}  // namespace drydock::cases
