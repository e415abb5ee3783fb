#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/os/unique_fd.h"

namespace drydock::audit {

// Reads a file line by line, never more than one line (and a block) in memory. Not thread-safe.
class LineReader final {
  public:
    struct Line {
        std::string text;         // without the newline
        std::int64_t offset = 0;  // of its first byte
        bool complete = false;    // a newline ended it
    };
    // Throws Error{File} when `path` cannot be read.
    explicit LineReader(std::string path);

    // nullopt at the end. Throws Error{Integrity} for a line longer than any that we write.
    [[nodiscard]] std::optional<Line> next();

  private:
    [[nodiscard]] bool fill();

    std::string path_;
    os::UniqueFd fd_;
    std::string block_;
    std::size_t at_ = 0;       // in block_
    std::int64_t offset_ = 0;  // of block_[at_] in the file
};

}  // namespace drydock::audit
