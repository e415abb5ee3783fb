#pragma once

#include <optional>
#include <string>

#include "engine/os/file_lock.h"

namespace drydock::cases {

// A folder of a name of its own, gone with this object; one that a killed program left is removed
// by whoever makes the next. In memory where the system has room for that (/dev/shm), unless TMPDIR
// says otherwise: a killed process loses nothing that it had written, so nothing needs to reach a
// disk.
class CaseFolder final {
  public:
    // Throws Error{File}.
    CaseFolder();
    ~CaseFolder();
    CaseFolder(const CaseFolder&) = delete;
    CaseFolder& operator=(const CaseFolder&) = delete;

    // The real one: what the engine says of files names it.
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
    std::optional<os::ByteLock> lock_;  // held as long as anybody of this folder lives
};

// Makes a folder for this user alone. Throws Error{File}.
void make_folder(const std::string& path);

}  // namespace drydock::cases
