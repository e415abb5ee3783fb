#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/migrate/state.h"
#include "engine/migrate/tool_history.h"

// Which migrations are to be run, and which way, so that a database gets where it is wanted. Pure;
// whatever speaks against it is told before anything is done.
namespace drydock::migrate {

struct Head {};
struct Steps {
    std::int64_t count = 0;  // up; below zero: down
};
struct ToVersion {
    std::string version;  // as in a file name, or its number
};
struct Nothing {};  // everything is taken back
using Target = std::variant<Head, Steps, ToVersion, Nothing>;

// "head", "+2", "-1", "base", or a version. Throws Error{Usage}.
[[nodiscard]] Target target_from(std::string_view text);

struct ChooseOptions {
    bool out_of_order = false;  // apply those too that are older than what is applied
};

// The passages in their order; none when the database is there already. Throws Error{Refused} for
// what a person must look at first (an edited file, a file that is gone, a program in between, one
// out of order, no way down), Error{NotFound} for a version or a number of steps that is not there.
// `state` and `folder` outlive what comes back.
[[nodiscard]] std::vector<Passage> choose(const State& state, const Folder& folder,
                                          const Target& target, const ChooseOptions& options);

}  // namespace drydock::migrate
