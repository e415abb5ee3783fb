#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace drydock::config {

struct SecretCommandLimits {
    std::chrono::milliseconds time{30'000};
    std::size_t bytes = 64 << 10;
};

// Standard output of a program that prints a secret. Started without a shell, with our variables,
// without input; what it writes to standard error is dropped, since it may hold the secret. Throws
// Error{Document} when it cannot be started, does not end in time (it is killed with its group),
// fails, or prints too much. `argv[0]` is looked for in PATH.
[[nodiscard]] std::string run_secret_command(const std::vector<std::string>& argv,
                                             const SecretCommandLimits& limits = {});

}  // namespace drydock::config
