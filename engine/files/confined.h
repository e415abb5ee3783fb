#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value.h"

namespace drydock::files {

// The database files that this process must not open by itself: closing any descriptor of one
// drops SQLite's locks on it. Compared by device and inode before an open. Thread-safe.
class OpenDatabases final {
  public:
    OpenDatabases();
    ~OpenDatabases();
    // Protects the file at `path` and its -wal, -shm and -journal, also when they come later or
    // are replaced: the paths are looked at again at each check.
    void add(const std::string& path, std::string label);
    void remove(const std::string& path);
    // The label under which (dev, ino) is in use, or "".
    [[nodiscard]] std::string in_use(std::uint64_t device, std::uint64_t inode) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

struct Stat {
    std::string path;
    std::string kind;  // "file", "folder", "link", "other"
    Size size;
    Timestamp modified;
    std::int64_t mode = 0;
};

// Files as a step may touch them: only beneath the given folders (an entry may also be a single
// file), never through a symbolic link that leads out of them, also when a link is swapped while we
// look (openat2, RESOLVE_BENEATH), never an open database file. Writes are atomic: temporary file,
// sync, rename, sync of the folder. Paths are absolute or relative to `working_folder`. Errors:
// Error{File} or Error{Permission} ("… is not beneath files:" with the hint to add the folder).
// Used on the attempt's thread.
class Confined final {
  public:
    Confined(std::vector<std::string> allowed, std::string working_folder,
             const OpenDatabases& databases);
    ~Confined();

    [[nodiscard]] std::string read(std::string_view path, std::size_t limit_bytes = 64 << 20);
    void write(std::string_view path, std::string_view bytes, int mode = 0600);
    // The same in pieces: `fill` gives them to its sink one after another. When it throws, the file
    // is as it was.
    using Pieces = std::function<void(std::string_view piece)>;
    void write_pieces(std::string_view path, const std::function<void(const Pieces&)>& fill,
                      int mode = 0600);
    void copy(std::string_view from, std::string_view to);  // with the mode's permission bits
    void move(std::string_view from, std::string_view to);  // also folders, and links themselves
    bool remove(std::string_view path);  // a file or an empty folder; false: was not there
    void mkdir(std::string_view path);             // with parents; there already is fine
    [[nodiscard]] std::vector<std::string> list(std::string_view folder);  // names, sorted
    // *, ?, [..] within a name, ** for any depth of folders; absolute paths, sorted.
    [[nodiscard]] std::vector<std::string> glob(std::string_view pattern);
    [[nodiscard]] Stat stat(std::string_view path);
    [[nodiscard]] bool exists(std::string_view path);
    [[nodiscard]] std::string sha256(std::string_view path);               // hex
    // gzip (".gz") or zstd (".zst") by the name of the compressed file. The source stays.
    void compress(std::string_view from, std::string_view to);
    void decompress(std::string_view from, std::string_view to);
    struct Room { Size free; Size total; };
    // Of the file system that holds `path`, for an unprivileged user.
    [[nodiscard]] Room room(std::string_view path);
    // The path of a new, empty file with mode 0600.
    [[nodiscard]] std::string temp(std::string_view folder, std::string_view prefix);
    // The absolute path, after the same checks, for engines that must open it themselves (SQLite).
    [[nodiscard]] std::string checked_path(std::string_view path, bool must_exist);

    // Called between blocks of long work (copy, sha256, compress); may throw to stop.
    void set_poll(std::function<void(std::int64_t done, std::int64_t total)> poll);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace drydock::files
