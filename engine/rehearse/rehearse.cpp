#include "engine/rehearse/rehearse.h"

#include <algorithm>

#include "engine/check.h"
#include "engine/error.h"
#include "engine/journal/load.h"
#include "engine/rehearse/in_place.h"
#include "engine/run/ids.h"
#include "engine/sql/open.h"
#include "engine/sql/receipt.h"

namespace drydock::rehearse {
namespace {

constexpr int kExitWaiting = 3;

// What the receipts in the copies say of a run, by scope.
struct Written {
    std::int64_t rows = 0;
    bool batches = false;
};
using WrittenByScope = std::map<std::string, Written, std::less<>>;

WrittenByScope written_by(const Copies& copies, const std::string& run) {
    WrittenByScope written;
    for (const Copy& copy : copies.made) {
        const auto opened = copy.live != nullptr
                                ? nullptr
                                : sql::open_sqlite({.path = copy.path, .read_only = true});
        sql::Database& database = copy.live != nullptr ? *copy.live : *opened;
        if (copy.live != nullptr) database.set_deadline(std::nullopt);
        for (const sql::Receipt& receipt : sql::receipts_of_run(database, run)) {
            Written& scope = written[receipt.scope];
            scope.rows += receipt.rows;
            scope.batches = scope.batches || receipt.started.has_value();
        }
    }
    return written;
}

std::string text_in(const Value& map, std::string_view key) {
    const Value* found = map.member(key);
    return found == nullptr ? std::string() : to_text(*found);
}

// "do/copy[2]" is of the step "do/copy".
bool belongs(const std::string& scope, const std::string& step) {
    return scope == step || scope.starts_with(step + "[");
}

Rehearsed look_at(const run::RunState& state, const std::string& scope, const std::string& step,
                  const WrittenByScope& written) {
    Rehearsed seen{.step = step, .status = "pending"};
    for (const auto& [of, one] : written) {
        if (!belongs(of, scope)) continue;
        seen.rows += one.rows;
        seen.one_batch = seen.one_batch || one.batches;
    }
    const run::ScopeState* found = state.find(scope);
    if (found == nullptr) return seen;
    seen.status = run::name_of(found->status);
    seen.micros = std::max<std::int64_t>(0, found->finished - found->started);
    seen.error = text_in(found->error, "message");
    seen.hint = text_in(found->error, "hint");
    return seen;
}

Moment moment_of(const Copy& copy) {
    const auto opened = copy.live != nullptr
                            ? nullptr
                            : sql::open_sqlite({.path = copy.path, .read_only = true});
    sql::Database& database = copy.live != nullptr ? *copy.live : *opened;
    // Also when the time of the steps is over.
    if (copy.live != nullptr) database.set_deadline(std::nullopt);
    return {.catalog = schema::look_at(database), .rows = schema::rows_in(database)};
}

// One rehearsal, from the first step to the last undo.
class Rehearsal final {
  public:
    Rehearsal(execute::Engine& engine, const execute::StartOptions& options, const Copies& copies)
        : engine_(engine), copies_(copies), options_(options) {
        CHECK(engine.rehearsal);
        Selection selection =
            select(options.bundle, copies.paths(), copies.missing, engine.inspector);
        options_.bundle = std::move(selection.bundle);
        options_.settings.window.reset();
        options_.require_plan.clear();
        report_.left_out = std::move(selection.steps);
        report_.undo_left_out = std::move(selection.undos);
        for (const Copy& copy : copies.made)
            report_.databases.push_back({.copy = copy, .before = moment_of(copy)});
    }

    Report run() {
        const runbook::Runbook& runbook = options_.bundle.runbook;
        if (runbook.steps.empty() && runbook.finally.empty()) {
            report_.no_undo = "nothing was rehearsed";
            finish();
            return std::move(report_);
        }
        const execute::RunFinished finished =
            execute::start_run(engine_, options_, [this](const std::string& run) { run_ = run; });
        report_.interrupted = finished.exit == kExitWaiting;
        note_steps();
        for (Changes& changes : report_.databases) {
            changes.after = moment_of(changes.copy);
            if (changes.copy.live == nullptr) continue;
            // Nobody waits for a table that only this transaction knows.
            for (const std::string& table : strong_locks(*changes.copy.live)) {
                if (changes.before.rows.contains(table.substr(table.find(" on ") + 4)))
                    changes.locks.push_back(table);
            }
        }
        if (report_.interrupted)
            report_.no_undo = "it was interrupted";
        else
            undo();
        finish();
        return std::move(report_);
    }

  private:
    [[nodiscard]] std::int64_t number() const { return engine_.journal.find(run_, 1).at(0).n; }

    void note_steps() {
        const journal::LoadedRun loaded = journal::load(engine_.journal, number());
        const WrittenByScope written = written_by(copies_, run_);
        for (const runbook::Step& step : options_.bundle.runbook.steps)
            report_.steps.push_back(look_at(loaded.state, "do/" + step.id, step.id, written));
        for (const runbook::Step& step : options_.bundle.runbook.finally) {
            // They run at the end of what succeeds, and after the undo of what does not.
            Rehearsed seen = look_at(loaded.state, "fin1/" + step.id, step.id, written);
            seen.finally = true;
            if (seen.status != "pending") report_.steps.push_back(std::move(seen));
        }
    }

    void undo() {
        const std::int64_t n = number();
        try {
            const execute::RunFinished finished =
                execute::continue_run(engine_, n,
                                      {.intent = plan::ResumeFacts::Intent::Undo,
                                       .reason = "rehearsed",
                                       .bundle = &options_.bundle});
            report_.interrupted = finished.exit == kExitWaiting;
        } catch (const Error& error) {
            if (error.code() != ErrorCode::Refused) throw;
            report_.no_undo = error.message().find("knows how to undo") != std::string::npos
                                  ? "nothing that was done knows how to undo itself"
                                  : error.message();
            return;
        }
        report_.undo_tried = true;
        const journal::LoadedRun loaded = journal::load(engine_.journal, n);
        const WrittenByScope written = written_by(copies_, run_);
        for (const std::string& scope : loaded.state.undo_list()) {
            const std::string step = run::split_scope(scope).step;
            report_.undo.push_back(
                look_at(loaded.state, "undo/" + scope.substr(scope.find('/') + 1), step, written));
        }
    }

    void finish() {
        for (Changes& changes : report_.databases) {
            if (run_.empty()) changes.after = changes.before;
            changes.undone = report_.undo_tried ? moment_of(changes.copy) : changes.after;
        }
    }

    execute::Engine& engine_;
    const Copies& copies_;
    execute::StartOptions options_;
    Report report_;
    std::string run_;
};

bool is_failure(const Rehearsed& one) {
    return one.status == "failed" || one.status == "unknown";
}

}  // namespace

bool Report::failed() const {
    return std::ranges::any_of(steps, is_failure) || std::ranges::any_of(undo, is_failure);
}

Report rehearse(execute::Engine& engine, const execute::StartOptions& options,
                const Copies& copies) {
    return Rehearsal(engine, options, copies).run();
}

}  // namespace drydock::rehearse
