#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/os/unique_fd.h"
#include "engine/value.h"

// The two kinds of lock between processes of one machine. Both belong to the open file description,
// so that they neither vanish when some other descriptor of the file is closed (as POSIX locks do)
// nor outlive the last process that has them. All descriptors are O_CLOEXEC. A lock file that was
// removed or replaced after we opened it would give two holders, so after locking the inode is
// compared with the path's, and the new file is tried.
namespace drydock::os {

enum class LockMode : std::uint8_t { Shared, Exclusive };

// A whole-file lock (flock). Who holds it exclusively has its pid in the file, for messages. Not
// thread-safe: each user has its own FileLock.
class FileLock final {
  public:
    // Opens or creates the file at `path`, mode 0600.
    explicit FileLock(std::string path);

    // Waits at most `limit`; false when somebody else still holds it. Blocks in the kernel, which
    // keeps the order of those that wait: polling starves the one that sleeps longest. The limit is
    // kept by a thread that interrupts the wait with SIGURG (a no-op handler is installed then).
    [[nodiscard]] bool acquire(LockMode mode, Microseconds limit);
    // Unlocks explicitly: a descriptor that was inherited by accident would keep the lock else.
    void release();
    [[nodiscard]] bool held() const noexcept { return held_; }
    // The process that last locked it exclusively; nothing when the file does not say.
    [[nodiscard]] std::optional<int> holder_pid() const;

  private:
    [[nodiscard]] bool lock(LockMode mode, Microseconds until);
    void open();
    void write_pid();

    std::string path_;
    UniqueFd fd_;
    bool held_ = false;
};

// An exclusive lock on one byte of a file (an open file description lock, fcntl F_OFD_SETLK).
// A child that inherits fd() holds it too: it is free when the last of them has closed it. So it
// is never unlocked, only closed.
class ByteLock final {
  public:
    // Locks byte `byte` of the file at `path` (created with mode 0600); nothing when it is held.
    [[nodiscard]] static std::optional<ByteLock> try_acquire(const std::string& path,
                                                             std::int64_t byte);
    // True when anybody holds it, this process included. The kernel does not tell who.
    [[nodiscard]] static bool is_held(const std::string& path, std::int64_t byte);

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  private:
    explicit ByteLock(UniqueFd fd) : fd_(std::move(fd)) {}

    UniqueFd fd_;
};

}  // namespace drydock::os
