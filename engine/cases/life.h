#pragma once

#include <optional>
#include <string>

#include "engine/cases/setting.h"
#include "engine/cases/shared.h"
#include "engine/cases/world.h"
#include "engine/error.h"
#include "engine/execute/launch.h"

namespace drydock::cases {

// Everything about a case that stays the same while it is played; all of it outlives its lives.
struct Scene {
    const Suite& suite;
    const Case& one;
    const Machinery& machinery;
    const World& world;
    const Setting& setting;
    Shared& shared;
    Timestamp began;  // what the case's clock says at first
};

// What one process does in a case.
struct Act {
    enum class Kind : std::uint8_t { Furnish, Start, Continue, Look };
    Kind kind = Kind::Start;
    execute::ContinueOptions how = {};  // of Continue
    std::string person = {};            // who does it; empty: the starter
};

struct LifeEnd {
    bool killed = false;              // at the kill point that was chosen
    std::optional<Error> error;       // why it refused or failed
    std::vector<std::string> looked;  // of Look: for each `holds` what is wrong with it, or ""
};

// Lives an act in a process of its own, to its end and to the end of everything that it started:
// forked while this process has no threads. So a case may be killed at any point, as a run of the
// operator's may. Throws Error when there can be no such process.
[[nodiscard]] LifeEnd live(const Scene& scene, const Act& act);

}  // namespace drydock::cases
