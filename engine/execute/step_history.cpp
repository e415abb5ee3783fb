#include "engine/execute/step_history.h"

#include <algorithm>
#include <utility>

#include "engine/error.h"
#include "engine/run/event_codec.h"

namespace drydock::execute {
namespace {

// Of one run: a foreach over very many items says enough by its first ones.
constexpr std::size_t kEvents = 2'000;

// do/copy[3] and do/copy[7] are the same step.
std::string step_of(std::string_view scope) {
    return std::string(scope.substr(0, scope.find('[')));
}

}  // namespace

StepHistory::StepHistory(journal::JournalReader& journal, std::string runbook, std::string current)
    : journal_(journal), runbook_(std::move(runbook)), current_(std::move(current)) {}

std::optional<Microseconds> StepHistory::p95(std::string_view scope) {
    read();
    const auto found = seconds_.find(step_of(scope));
    if (found == seconds_.end() || found->second.size() < kEnough) return std::nullopt;
    const std::size_t rank = (found->second.size() * 95 + 99) / 100;
    return found->second[rank - 1];
}

void StepHistory::read() {
    if (std::exchange(is_read_, true)) return;
    for (const journal::RunRow& row : journal_.list({.limit = kRuns + 1, .runbook = runbook_})) {
        if (row.run == current_) continue;
        try {
            read_run(row.n);
        } catch (const Error& error) {
            // A damaged record of an old run is audit's business; it only tells us nothing.
            if (error.code() != ErrorCode::Integrity) throw;
        }
    }
    for (auto& [step, seconds] : seconds_) std::ranges::sort(seconds);
}

void StepHistory::read_run(std::int64_t n) {
    std::map<std::string, std::int64_t> started;
    for (const journal::StoredEvent& stored : journal_.events(n, 0, kEvents)) {
        const run::Event event = run::decode(stored.line, stored.salt, stored.body);
        if (std::holds_alternative<run::StepStarted>(event.payload)) {
            started[event.scope] = event.time;
        } else if (const auto* finished = std::get_if<run::StepFinished>(&event.payload)) {
            const auto begun = started.find(event.scope);
            if (begun == started.end() || finished->outcome != run::StepOutcome::Succeeded)
                continue;
            seconds_[step_of(event.scope)].emplace_back(event.time - begun->second);
        }
    }
}

}  // namespace drydock::execute
