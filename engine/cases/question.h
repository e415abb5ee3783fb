#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/cases/cases.h"
#include "engine/cases/world.h"
#include "engine/execute/attempt_context.h"

namespace drydock::cases {

// A question that a step put to the world: a program's arguments, or method and address.
struct Asked {
    std::vector<std::string> command;
    std::string method, url;
    bool answered = true;  // false: no answer was listed
};

// `*` in a word of the pattern stands for any text, `**` as the last word for any further ones. A
// program is meant by its name or its path.
[[nodiscard]] bool fits(const Question& pattern, const std::vector<std::string>& command);
[[nodiscard]] bool fits(const Question& pattern, const Asked& asked);
[[nodiscard]] bool fits(std::string_view pattern, std::string_view text);
// "make test", "GET http://x": for people.
[[nodiscard]] std::string shown(const Question& question);
[[nodiscard]] std::string shown(const Asked& asked);

// The servers of a case (server.h), and its programs: each start is noted in the world, and
// answered by a real process under the run's guard that prints and exits as listed. `systemctl`
// acts on the services of the case. `one` and `world` must outlive it.
[[nodiscard]] execute::StandIns stand_ins(const Case& one, const World& world);
// The services as the case finds them.
void begin_services(const Case& one, const World& world);

void note_asked(const World& world, const Asked& asked);
// Everything that was asked so far, in order.
[[nodiscard]] std::vector<Asked> asked_in(const World& world);

}  // namespace drydock::cases
