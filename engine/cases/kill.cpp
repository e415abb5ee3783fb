#include "engine/cases/kill.h"

#include <utility>

namespace drydock::cases {
namespace {

// Of how many kills it is told what differs; the others are counted.
constexpr std::size_t kTold = 3;

}  // namespace

Kills kill_everywhere(const Scene& scene, World& world, const Outcome& undisturbed,
                      std::int64_t points, const std::function<void(const Outcome&)>& seen) {
    Kills kills{.points = points};
    std::size_t bad = 0;
    for (std::int64_t n = 1; n <= points; ++n) {
        world.clear();
        scene.shared.skipped_us = 0;
        scene.shared.passes = 0;
        scene.shared.kill_at = n;
        const Outcome outcome = play(scene);
        scene.shared.kill_at = 0;
        if (!outcome.killed_at.empty()) ++kills.killed;
        kills.lives += outcome.lives;
        seen(outcome);
        std::vector<Failure> found = compare(scene.one, outcome);
        for (Failure& one : differences(undisturbed, outcome, scene.one.place))
            found.push_back(std::move(one));
        if (found.empty()) continue;
        if (++bad > kTold) continue;
        for (Failure& one : found) {
            one.what += ", killed at " + outcome.killed_at + " (" + std::to_string(n) + " of " +
                        std::to_string(points) + ")";
            kills.failures.push_back(std::move(one));
        }
    }
    if (bad > kTold)
        kills.failures.push_back(
            {scene.one.place, "kill: everywhere", "every kill is survived",
             std::to_string(bad) + " of " + std::to_string(points) + " kills end otherwise"});
    return kills;
}

}  // namespace drydock::cases
