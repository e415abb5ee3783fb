#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "engine/os/unique_fd.h"

namespace drydock::os {

// The engine's hold on its guard: a child process and the control channel to it. Closing the
// channel is what tells the guard to end, so this process must be the only one that has it.
class GuardProcess final {
  public:
    // Starts `program` with {"drydock", "--guard", FD}; the descriptors in `inherit` stay open in
    // it under the same numbers. Throws Error{Command}.
    GuardProcess(const std::string& program, const std::vector<int>& inherit);
    // Closes the channel and waits until the guard and all descendants are gone.
    ~GuardProcess();
    GuardProcess(const GuardProcess&) = delete;
    GuardProcess& operator=(const GuardProcess&) = delete;

    [[nodiscard]] int control() const noexcept { return control_.get(); }
    // The guard has closed the channel by itself, which it never should: kills what it leaves to us
    // and throws Error{Command} that says how it ended.
    [[noreturn]] void died();

  private:
    UniqueFd control_;
    pid_t pid_ = 0;
    std::string program_;
};

}  // namespace drydock::os
