#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/os/unique_fd.h"

namespace drydock::files {

// Resolves paths beneath the allowed entries and nowhere else. Dots are taken out of a path by text
// first; what is left goes to the kernel together with a descriptor of the entry's folder
// (openat2, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS), which refuses to leave it whatever the links
// on the way say and however they are swapped meanwhile. The descriptor is taken once, so that an
// entry swapped for a link later leads nowhere else either.
class Beneath final {
  public:
    Beneath(std::vector<std::string> allowed, std::string working_folder);

    // Absolute, without "." and "..".
    [[nodiscard]] std::string absolute(std::string_view path) const;

    // Opens `path`. Throws Error{File} or Error{Permission}.
    [[nodiscard]] os::UniqueFd open(std::string_view path, int flags);
    // The same; nothing when there is no such file.
    [[nodiscard]] std::optional<os::UniqueFd> find(std::string_view path, int flags);

    // The folder of a file that is to be made, replaced or removed, and the file's name in it.
    struct Place {
        os::UniqueFd folder;  // readable: it can be synced
        std::string name;
        std::string path;
    };
    [[nodiscard]] Place place(std::string_view path);

    // Makes the folder `path`, and those above it as far as they are missing, with mode 0700.
    void make_folders(std::string_view path);

  private:
    struct Entry {
        std::string path;     // absolute, as it was given
        std::string real;     // what it was when it was first there; "" until then
        bool is_file = false;
        os::UniqueFd folder;  // O_PATH: itself, or of a file the folder around it
    };
    struct Found {
        Entry* entry = nullptr;
        std::string rest;  // relative to the entry; "" for itself
    };

    [[nodiscard]] Found locate(const std::string& path);
    void look_at(Entry& entry) const;
    // A descriptor or -errno.
    [[nodiscard]] int try_open(const std::string& path, int flags);
    [[nodiscard]] int try_open_entry(const Entry& entry, int flags) const;

    std::vector<Entry> entries_;
    std::string working_folder_;
};

// "<path>: <why>" with the code that suits `errno_value`.
[[noreturn]] void refuse(const std::string& path, int errno_value);

}  // namespace drydock::files
