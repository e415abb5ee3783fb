#pragma once

#include <cstddef>
#include <string>

namespace drydock::config {

// The bytes of a file that holds secrets. Owner and mode are looked at on the open file, so that it
// cannot be exchanged in between. Throws Error{Document}, with the path and never with a byte of
// the content, when it is missing, no regular file, larger than `limit_bytes`, of another owner
// than us or root, or when other users may read it or its group may change it.
[[nodiscard]] std::string read_private_file(const std::string& path, std::size_t limit_bytes);

}  // namespace drydock::config
