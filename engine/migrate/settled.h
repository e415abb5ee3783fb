#pragma once

#include <optional>
#include <string>

#include "engine/migrate/choose.h"
#include "engine/migrate/unfinished.h"

namespace drydock::migrate {

// The version to which a number of steps leads now, so that it is the same when it is asked for
// again after some of them; "base": nothing is left. Other targets as they are. A migration that
// was begun up and took no effect is the first of the steps down; of any other that has not ended
// nobody can count on: Error{Refused}. Else throws as choose() does.
[[nodiscard]] std::string settled(const State& state, const Folder& folder,
                                  const std::string& target, const ChooseOptions& options,
                                  const std::optional<Unfinished>& unfinished);

}  // namespace drydock::migrate
