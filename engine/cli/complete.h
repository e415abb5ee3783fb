#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace drydock::cli {

// The first word of a question of a shell: "complete", then the words typed so far, the last one
// being the one that is completed (it may be empty). Not in the help; the scripts that `drydock
// completion` prints ask it.
inline constexpr std::string_view kCompleteWord = "complete";

// Prints one candidate per line, "WORD<tab>what it is", and ":files" where names of files fit.
// Answers from the table of commands, the shipped runbooks and actions, the settings and the
// journal; starts nothing and makes nothing. Always returns 0: a shell has no place for an error.
int complete(const std::vector<std::string>& words) noexcept;

}  // namespace drydock::cli
