#include "engine/cases/case_run.h"

#include <algorithm>
#include <utility>

namespace drydock::cases {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

bool has(const Suite& suite, runbook::Connection::Kind kind) {
    return std::ranges::any_of(suite.bundle.runbook.connections,
                               [&](const auto& one) { return one.second.kind == kind; });
}

void play_all(const Suite& suite, const Case& one, const Machinery& machinery, Coverage& coverage,
              CaseResult& result) {
    World world;
    const SharedMemory shared;
    // Whole seconds, as people write times.
    const Timestamp began{system_clock().wall().micros / kSecond * kSecond};
    const auto runner = machinery.make_runner(system_clock());
    const Setting setting = make_setting(suite, one, world, *runner);
    if (has(suite, runbook::Connection::Kind::Redis)) world.start_redis();
    if (has(suite, runbook::Connection::Kind::Postgres)) world.use_postgres(machinery.postgres);
    const Scene scene{.suite = suite,
                      .one = one,
                      .machinery = machinery,
                      .world = world,
                      .setting = setting,
                      .shared = *shared,
                      .began = began};
    const Outcome undisturbed = play(scene);
    coverage.add(undisturbed.events);
    result.failures = compare(one, undisturbed);
    // What is wrong undisturbed is wrong after each kill as well.
    if (!one.kill_everywhere || !result.failures.empty()) return;
    result.kills = kill_everywhere(scene, world, undisturbed, shared->passes,
                                   [&](const Outcome& outcome) { coverage.add(outcome.events); });
    result.failures = std::move(result.kills->failures);
}

}  // namespace

CaseResult run_case(const Suite& suite, const Case& one, const Machinery& machinery,
                    Coverage& coverage) {
    const auto began = std::chrono::steady_clock::now();
    CaseResult result;
    try {
        play_all(suite, one, machinery, coverage, result);
    } catch (const Error& error) {
        result.failures.push_back({one.place, "the case", "can be played", error.message()});
    }
    result.took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - began);
    return result;
}

}  // namespace drydock::cases
