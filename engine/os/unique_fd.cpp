#include "engine/os/unique_fd.h"

#include <unistd.h>

namespace drydock::os {

void UniqueFd::reset(int fd) noexcept {
    // close() is not repeated on EINTR: on Linux the descriptor is gone either way.
    if (fd_ >= 0 && fd_ != fd) ::close(fd_);
    fd_ = fd;
}

}  // namespace drydock::os
