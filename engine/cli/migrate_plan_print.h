#pragma once

#include <vector>

#include "engine/cli/output.h"
#include "engine/migrate/surroundings.h"

namespace drydock::cli {

// A plan of migrations with what it was held against.
struct ShownPlan {
    migrate::Plan plan;
    migrate::Surroundings surroundings;
    std::vector<migrate::Blocker> blockers;
};

void print(Output& output, const ShownPlan& shown);
// {digest, migrations: […], blockers: […]}
[[nodiscard]] Value::Map to_map(const ShownPlan& shown);

}  // namespace drydock::cli
