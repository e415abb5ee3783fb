#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::os {

// The absolute path of `program`, which is one itself or a name looked for in the system's folders
// (a fixed PATH: what runs must not depend on who starts us). It must be in `allowed`, whose
// entries are paths or names. Throws Error{Permission} when it is not, Error{Command} when it is
// not there, or no regular file that we may execute.
[[nodiscard]] std::string allowed_program(std::string_view program,
                                          const std::vector<std::string>& allowed);

// The fixed PATH, which is also what programs get.
inline constexpr std::string_view kProgramPath =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// When process `pid` began, in clock ticks since boot (/proc/PID/stat, field 22): together with
// the pid and boot_id() it names one process for ever. Nothing when there is no such process.
[[nodiscard]] std::optional<std::uint64_t> start_of_process(int pid);

// Its parent; nothing when there is no such process.
[[nodiscard]] std::optional<int> parent_of_process(int pid);
// All processes that /proc shows, in no order.
[[nodiscard]] std::vector<int> all_processes();

// The kernel's name of this boot, a UUID; changes with every start of the machine.
[[nodiscard]] std::string boot_id();
[[nodiscard]] std::string host_name();
// The name of user `uid`, or its number when it has none.
[[nodiscard]] std::string user_name(unsigned uid);

// Opens /dev/null in place of a standard stream that we were started without: else the next file
// that is opened would become it. Called first in main.
void fill_standard_streams();

struct Holder {
    int pid = 0;
    std::string command;  // as in /proc/PID/comm
    std::string user;
};
// Other processes that have the file at `path` open or locked, by pid. As much as /proc shows us:
// of other users' processes only those with locks. For messages, not for decisions.
[[nodiscard]] std::vector<Holder> processes_holding(const std::string& path);

}  // namespace drydock::os
