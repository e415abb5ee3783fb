#include "engine/cases/observer.h"

#include <algorithm>

#include "engine/cases/hand.h"
#include "engine/execute/run_names.h"
#include "engine/run/ids.h"

namespace drydock::cases {

void CaseObserver::committed(const run::Event& event, const run::RunState& state) {
    const auto* finished = std::get_if<run::StepFinished>(&event.payload);
    const auto* settled = std::get_if<run::StepSettled>(&event.payload);
    if (finished == nullptr && settled == nullptr) return;
    const run::ScopeParts parts = run::split_scope(event.scope);
    const run::ScopeState* scope = state.find(event.scope);
    const bool done = parts.index == 0 && parts.phase != "undo" && scope != nullptr &&
                      scope->status == run::StepStatus::Succeeded;
    if (done) run_after(parts.step, state);
}

void CaseObserver::catch_up(const run::RunState& state) {
    for (const auto& [step, script] : parts_.scene.one.after) {
        const run::ScopeState* scope = state.find(run::make_scope("do", step));
        if (scope != nullptr && scope->status == run::StepStatus::Succeeded) run_after(step, state);
    }
}

void CaseObserver::run_after(const std::string& step, const run::RunState& state) {
    const auto& scripts = parts_.scene.one.after;
    const auto found = std::ranges::find(scripts, step, [](const auto& one) { return one.first; });
    if (found == scripts.end()) return;
    const World& world = parts_.scene.world;
    const std::vector<std::string> done = notes(world, kAfterFile);
    if (std::ranges::find(done, step) != done.end()) return;

    const KillWatching::Pause unseen;
    const Value params = execute::recorded_params(state);
    const Value about = Value::Map{{"id", state.run()}};
    const execute::RunNames names({.bundle = parts_.scene.suite.bundle,
                                   .state = state,
                                   .params = params,
                                   .run = about,
                                   .secret = [](std::string_view) { return std::nullopt; }});
    Hand hand({.names = names,
               .world = world,
               .databases = parts_.scene.setting.databases,
               .redis = parts_.scene.setting.redis,
               .postgres = parts_.scene.setting.postgres,
               .clock = parts_.clock,
               .bound = runbook::Effect::Unsafe,
               .name = "after/" + step});
    try {
        (void)parts_.runner.run(
            {.lua = &found->second, .step = "after " + step, .file = parts_.scene.suite.path},
            hand);
        hand.finish();
    } catch (const Error& error) {
        note(world, kTroubleFile, "after " + step + ": " + error.message());
    } catch (const execute::Stopped&) {
        note(world, kTroubleFile, "after " + step + ": did not end within its time");
    }
    note(world, kAfterFile, step);
}

void CaseObserver::log_line(std::string_view scope, execute::LogLevel, std::string_view text) {
    note(parts_.scene.world, kOutputFile, std::string(scope) + ": " + std::string(text));
}

void CaseObserver::progress(std::string_view scope, std::int64_t, std::int64_t,
                            std::string_view text) {
    note(parts_.scene.world, kOutputFile, std::string(scope) + ": " + std::string(text));
}

}  // namespace drydock::cases
