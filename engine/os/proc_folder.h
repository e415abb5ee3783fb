#pragma once

#include <string>
#include <vector>

namespace drydock::os {

// The names in folder `path` that are numbers, as those of processes and descriptors in /proc are.
// None for a folder that is gone or not ours to read: processes end while they are looked at.
[[nodiscard]] std::vector<int> numbers_in(const std::string& path);

}  // namespace drydock::os
