#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/cli/output.h"
#include "engine/journal/journal.h"
#include "engine/run/run_state.h"
#include "engine/runbook/runbook.h"

namespace drydock::cli {

// Where a run stands, why, and what a person can do about it: what `show` prints, and every command
// that leaves a run behind. Plain values, made from the run's state.
struct RunReport {
    struct GateItem {
        std::int64_t n = 0;
        std::string text, said;     // said: why it does not hold
        std::optional<bool> holds;  // nullopt: a person signs it
    };
    struct Gate {
        std::string prompt, by;
        std::int64_t need = 0;
        std::vector<std::string> approved;  // by whom
        std::vector<GateItem> items;
        std::vector<std::pair<std::string, std::string>> form;  // name, description
    };
    struct Step {
        std::string id, title, status;
        std::int64_t started = 0, finished = 0, attempts = 0;
    };

    std::string run, runbook, environment, starter;
    std::string
        headline;  // STOPPED, WAITING, INTERRUPTED, RUNNING, SUCCEEDED, FAILED, UNDONE, CANCELLED
    std::string status, why;
    std::string at;        // where it stands, in words; empty: nowhere in particular
    std::size_t number = 0, total = 0;
    std::int64_t created = 0, since = 0, due = 0, ended = 0, exit = 0, now = 0;
    std::vector<std::string> in_effect;
    std::vector<std::string> given_up;  // what an undo that was given up has left
    std::string error, hint, place, help, contact;
    std::optional<Gate> gate;
    std::optional<journal::Owner> owner;
    std::vector<std::string> next;  // commands
    Value::Map outputs;
    std::vector<Step> steps;
};

struct ReportInput {
    const run::RunState& state;
    const runbook::Bundle& bundle;
    std::optional<journal::Owner> owner;
    std::int64_t now = 0;  // wall, microseconds
};
[[nodiscard]] RunReport report_on(const ReportInput& input);

// The block of lines for people.
void print(Output& output, const RunReport& report);
// All steps as a table.
void print_steps(Output& output, const RunReport& report);
[[nodiscard]] Value::Map to_map(const RunReport& report);

}  // namespace drydock::cli
