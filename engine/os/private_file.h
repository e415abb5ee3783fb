#pragma once

#include <string>
#include <string_view>

#include "engine/os/unique_fd.h"

namespace drydock::os {

// A text in memory that other programs of this user read by a path, as a file of mode 0600. It
// never gets to a disk and is gone with this object, and with this process however that ends: the
// path names a descriptor of ours in /proc.
class PrivateFile final {
  public:
    // Throws Error{File}.
    explicit PrivateFile(std::string_view text);

    // Absolute, good in every process of this user as long as this lives.
    [[nodiscard]] std::string path() const;

  private:
    UniqueFd fd_;
};

}  // namespace drydock::os
