#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/cases/world.h"

namespace drydock::cases {

// The ways in which a text may stand in something that was kept or sent: as it is, in hex, percent
// encoded, escaped as in JSON, and in base64 and base64url at each of the three alignments. Made
// without the redaction of the engine, which this is to catch out.
[[nodiscard]] std::vector<std::string> disguises(std::string_view text);

// Where `text` stands in anything that a run keeps or shows: the journal's file, its events as an
// export would have them, the logs, what was printed, what programs were started with. "" when it
// is nowhere.
[[nodiscard]] std::string place_of(std::string_view text, const World& world);

}  // namespace drydock::cases
