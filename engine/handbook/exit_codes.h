#pragma once

#include <span>
#include <string_view>

namespace drydock::handbook {

// What the exit status of the program says; docs/operating.md and the manual page have the same.
struct ExitCode {
    int code = 0;
    std::string_view meaning, next;
};
[[nodiscard]] std::span<const ExitCode> exit_codes();

}  // namespace drydock::handbook
