#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace drydock::files {

using Poll = std::function<void(std::int64_t done, std::int64_t total)>;

// Reads the file `fd` (called `path` in errors) to its end and gives it to `use` in blocks of at
// most 1 MiB, with a call of `poll`, if there is one, after each.
void each_block(int fd, const std::string& path, const Poll& poll,
                const std::function<void(std::string_view block)>& use);

}  // namespace drydock::files
