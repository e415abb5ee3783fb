#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/runbook/runbook.h"
#include "engine/runbook/script_inspector.h"

namespace drydock::rehearse {

struct Unrehearsed {
    std::string step;
    std::string why;  // for people: "a person answers it", "needs steps.newest.path"
};

// What of a runbook can run on copies of its databases: steps that read them or write them in
// transactions. Everything else is left out and said: gates and waits, steps that act outside, that
// look at files, whose connection has no copy, and those that need what a step left out returns.
struct Selection {
    // The runbook without the steps left out. Its connections lead to the copies and nowhere else,
    // it may touch no file and start no program, and it stops at the first failure.
    runbook::Bundle bundle;
    std::vector<Unrehearsed> steps;  // left out, in their order
    std::vector<Unrehearsed> undos;  // of steps that run, and whose undo does not
};

// `copies`: the path of the copy by the connection's name. `missing`: why others have none. Pure.
[[nodiscard]] Selection select(const runbook::Bundle& bundle,
                               const std::map<std::string, std::string>& copies,
                               const std::map<std::string, std::string>& missing,
                               runbook::ScriptInspector& inspector);

}  // namespace drydock::rehearse
