#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/backup/job.h"
#include "engine/os/unique_fd.h"

namespace drydock::backup {

// Plain reading and writing of files whose paths were checked before: backups in the making and
// copies, never a database that this process has open (closing it would drop SQLite's locks).
// Errors are Error{File} with the path.
class PlainReader final {
  public:
    explicit PlainReader(const std::string& path);
    // Up to `limit_bytes`; fewer only at the end of the file.
    [[nodiscard]] std::string read(std::size_t limit_bytes);
    [[nodiscard]] std::int64_t size_bytes() const { return size_bytes_; }

  private:
    std::string path_;
    os::UniqueFd fd_;
    std::int64_t size_bytes_ = 0;
};

class PlainWriter final {
  public:
    // Makes the file anew, for our user only.
    explicit PlainWriter(const std::string& path);
    void write(std::string_view bytes);
    // On the disk when it returns.
    void finish();

  private:
    std::string path_;
    os::UniqueFd fd_;
};

inline constexpr std::size_t kPieceBytes = 1 << 20;

// Copies bytes; the copy is on the disk when it returns. Asks to stop between pieces.
void copy_bytes(Job& job, const std::string& from, const std::string& to);
// Makes the names in the folder of `path` durable.
void sync_folder_of(const std::string& path);

}  // namespace drydock::backup
