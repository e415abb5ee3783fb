#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/clock.h"
#include "engine/os/unique_fd.h"

namespace drydock::cases {

// A user of the system.
struct SystemUser {
    uid_t user = 0;
    gid_t group = 0;
};

// A program that serves the cases of this process: a child of its own session, without a terminal,
// that ends with the thread that started it. Used on that thread.
class ServerProcess final {
  public:
    struct Start {
        std::vector<std::string> words;  // the first is the path of the program
        std::string log;                 // file for what it prints; empty: nobody reads it
        std::optional<SystemUser> as;    // nullopt: as this process
        int end_signal = 0;              // what ends it at once
    };
    // Throws Error{Command} when there can be no such process. A program that is not there ends
    // with status 127.
    explicit ServerProcess(const Start& start);
    // Ends it, and it is gone when this returns.
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    // Waits that long for its end.
    [[nodiscard]] bool ends_within(Microseconds time) const;
    // Waits for its end; its exit status, -1 when a signal ended it.
    int wait();

  private:
    pid_t pid_ = -1;  // -1: it was waited for
    os::UniqueFd alive_;
    int end_signal_;
};

}  // namespace drydock::cases
