#pragma once

#include <string>

#include "engine/migrate/deed.h"

namespace drydock::migrate {

// What a statement does, in words for people: "alter table users: add column nickname". For one
// whose deed is Other, its first words as they are written.
[[nodiscard]] std::string words_of(const Deed& deed, Tokens tokens);

}  // namespace drydock::migrate
