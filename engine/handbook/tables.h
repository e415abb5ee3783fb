#pragma once

#include <string_view>
#include <vector>

#include "engine/runbook/keys.h"

namespace drydock::handbook {

// The tables of keys of every kind of document, those of runbooks first.
[[nodiscard]] const std::vector<const runbook::KeyTable*>& tables();
// The table of a place: "step", "environment". There is one, or we are wrong.
[[nodiscard]] const runbook::KeyTable& table_of(std::string_view place);
// The words of a list that is separated by blanks.
[[nodiscard]] std::vector<std::string_view> words_in(std::string_view list);

}  // namespace drydock::handbook
