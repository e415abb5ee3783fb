#pragma once

#include <string>
#include <vector>

namespace drydock::cli {

// Runs the command that `words` (without the program's name) ask for. Returns the exit status of
// the process. What broke is said here: one of the few places that catch Error for good.
int dispatch(const std::vector<std::string>& words) noexcept;

}  // namespace drydock::cli
