#pragma once

#include <string_view>
#include <vector>

#include "engine/value.h"

namespace drydock::handbook {

// The kinds of documents that have a schema: "runbook", "cases", "settings".
[[nodiscard]] const std::vector<std::string_view>& schema_kinds();

// The JSON Schema (draft 7, what editors know best) of a kind of document, made from the tables of
// keys that its reader takes. It says less than the reader: which names exist, what an expression
// means and how types fit is for `drydock check`. Throws Error{NotFound} for another kind.
[[nodiscard]] Value schema_of(std::string_view kind);

}  // namespace drydock::handbook
