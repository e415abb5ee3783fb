#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/cancel.h"
#include "engine/value.h"

namespace drydock::os {

struct CommandSpec {
    std::string program;                                        // absolute path, already allowed
    std::vector<std::string> argv;  // argv[0] as the program shall see it
    std::string directory;                                      // working folder, absolute
    std::vector<std::pair<std::string, std::string>> environment;  // complete; nothing is inherited
    std::string input;  // all of standard input; empty: /dev/null
    std::optional<Microseconds> boot_deadline;                  // CLOCK_BOOTTIME
    std::size_t keep_output_bytes = 1 << 20;  // kept in memory per stream; more: tail is counted
    Microseconds grace{10'000'000};                             // between SIGTERM and SIGKILL
};

struct CommandEnd {
    enum class How : std::uint8_t { Exited, Signaled, TimedOut, Stopped, NotStarted };
    How how = How::Exited;
    int status = 0;      // exit status, signal number, or errno for NotStarted
    std::string output;  // standard output, at most keep_output_bytes from its beginning
    std::string error;   // standard error, the same
    std::int64_t output_bytes = 0;  // all there were
    std::int64_t error_bytes = 0;
};

// Runs programs for one run under a guard: a second process (`drydock --guard`, own session,
// subreaper) that kills and reaps all descendants when the engine dies or says so, and that keeps
// the descriptors given as `inherit` (the owner lock) open until its last child is dead. The
// guard is started by the first command and serves all commands of the run. Not thread-safe;
// the attempt's thread owns it.
class CommandHost final {
  public:
    // `guard_program`: path of a program that calls guard_main for `--guard` (normally
    // /proc/self/exe).
    CommandHost(std::string guard_program, std::vector<int> inherit);
    ~CommandHost();  // ends the guard, and with it every descendant

    // Runs one command to its end. `on_output` gets pieces of both streams as they come (the bool:
    // from standard error). On cancel.stop_now() or the deadline: SIGTERM to the process group,
    // after `grace` SIGKILL to all descendants. Throws Error only when the guard itself fails.
    CommandEnd run(const CommandSpec& spec, CancelToken& cancel,
                   const std::function<void(bool error, std::string_view piece)>& on_output);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// The body of `drydock --guard FD`; returns its exit status.
int guard_main(int control_fd);

}  // namespace drydock::os
