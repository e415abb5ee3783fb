#pragma once

#include <string>

#include "engine/value.h"

namespace drydock::os {

// Throws Error{Refused} unless the file or folder at `path` is ours alone: our user owns it and
// nobody else has any right (0700 or 0600, or less).
void check_private(const std::string& path);

// Throws Error{Refused} when `path` lies on a file system where locks or memory maps are shared
// between machines, or only pretended (NFS, SMB, AFS, Ceph, FUSE and their kind).
void check_local(const std::string& path);

struct Space {
    Size free;   // for an unprivileged user
    Size total;
};
// Of the file system that holds `path`. Throws Error{File}.
[[nodiscard]] Space space(const std::string& path);

}  // namespace drydock::os
