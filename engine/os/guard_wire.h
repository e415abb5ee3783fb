#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/os/command_host.h"
#include "engine/os/unique_fd.h"

// What the engine and its guard say to each other, over a SOCK_SEQPACKET pair (one message, one
// packet). Both are the same program, so plain structs are sent as they lie in memory.
//
//   engine                                     guard
//     Start + stdin, stdout, stderr, memfd  →
//                                           ←  Started(pid)  or  NotStarted(errno, stage)
//     Terminate, Kill (any number)          →
//                                           ←  Ended(wait status), after the last descendant
//     end of file                           →  kills everything, exits
namespace drydock::os::wire {

enum class Ask : std::uint8_t { Start, Terminate, Kill };

enum class Tell : std::uint8_t { Started, NotStarted, Ended };
enum class Stage : std::uint8_t { None, Directory, Program };  // what failed, for NotStarted
struct Answer {
    Tell kind = Tell::Ended;
    Stage stage = Stage::None;
    std::int32_t number = 0;  // pid, errno or wait status
};

// What the guard needs of a CommandSpec. It goes in an anonymous file, because a packet is too
// small for the largest argument lists.
struct Request {
    std::string program;
    std::string directory;
    std::vector<std::string> argv;
    std::vector<std::string> environment;  // NAME=value
};
[[nodiscard]] UniqueFd to_file(const Request& request);
[[nodiscard]] Request from_file(int fd);

// False when the other side is gone.
[[nodiscard]] bool send_ask(int control, Ask ask, std::span<const int> fds = {});
[[nodiscard]] bool send_answer(int control, const Answer& answer);

struct Asked {
    Ask ask = Ask::Kill;
    std::vector<UniqueFd> fds;
};
// Both wait for a packet; nothing when the other side is gone.
[[nodiscard]] std::optional<Asked> receive_ask(int control);
[[nodiscard]] std::optional<Answer> receive_answer(int control);

}  // namespace drydock::os::wire
