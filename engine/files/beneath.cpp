#include "engine/files/beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <utility>

#include "engine/error.h"
#include "engine/seam.h"

namespace drydock::files {
namespace {

constexpr int kPatience = 1000;

// The kernel answers EAGAIN when it cannot be sure, because somebody renames things at that moment.
int open_beneath(int folder, const std::string& path, int flags, std::uint64_t further = 0) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | further;
    for (int attempt = 0; attempt < kPatience; ++attempt) {
        const auto fd = ::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how);
        if (fd >= 0) return static_cast<int>(fd);
        if (errno != EAGAIN && errno != EINTR) return -errno;
    }
    return -EBUSY;
}

struct Free {
    void operator()(char* text) const { std::free(text); }  // realpath() allocates with malloc
};

std::string real_path(const std::string& path) {
    const std::unique_ptr<char, Free> real(::realpath(path.c_str(), nullptr));
    return real == nullptr ? std::string() : std::string(real.get());
}

std::string parent_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// What follows `folder` in `path`; nothing when it is not in there.
std::optional<std::string> rest_of(const std::string& path, const std::string& folder) {
    if (folder.empty() || !path.starts_with(folder)) return std::nullopt;
    if (path.size() == folder.size()) return std::string();
    if (folder == "/") return path.substr(1);
    if (path[folder.size()] != '/') return std::nullopt;
    return path.substr(folder.size() + 1);
}

}  // namespace

void refuse(const std::string& path, int errno_value) {
    switch (errno_value) {
        case EXDEV:
        case ELOOP:
            throw Error(
                ErrorCode::Permission, path + " leads out of files: through a symbolic link",
                "use the path behind the link, and add its folder to files: of the runbook");
        case EACCES:
        case EPERM: throw_errno(ErrorCode::Permission, path, errno_value);
        default: throw_errno(ErrorCode::File, path, errno_value);
    }
}

Beneath::Beneath(std::vector<std::string> allowed, std::string working_folder)
    : working_folder_(std::move(working_folder)) {
    for (const std::string& path : allowed) {
        entries_.push_back({.path = absolute(path), .real = {}, .is_file = false, .folder = {}});
        look_at(entries_.back());
    }
}

std::string Beneath::absolute(std::string_view path) const {
    const std::filesystem::path given(path);
    std::string normal = (std::filesystem::path(working_folder_) / given).lexically_normal();
    while (normal.size() > 1 && normal.ends_with('/')) normal.pop_back();
    return normal;
}

// Takes hold of an entry as soon as it is there, and anew when the folder held was deleted.
void Beneath::look_at(Entry& entry) const {
    struct stat held {};
    if (entry.folder.valid() && ::fstat(entry.folder.get(), &held) == 0 && held.st_nlink > 0) {
        return;
    }
    entry.real = real_path(entry.path);
    entry.folder.reset();
    if (entry.real.empty()) return;
    struct stat found {};
    if (::stat(entry.real.c_str(), &found) != 0) return;
    entry.is_file = !S_ISDIR(found.st_mode);
    const std::string folder = entry.is_file ? parent_of(entry.real) : entry.real;
    entry.folder.reset(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

Beneath::Found Beneath::locate(const std::string& path) {
    for (Entry& entry : entries_) {
        look_at(entry);
        for (const std::string* prefix : {&entry.path, &entry.real}) {
            const auto rest = rest_of(path, *prefix);
            if (rest && (rest->empty() || !entry.is_file)) return {&entry, *rest};
        }
    }
    throw Error(ErrorCode::Permission, path + " is not beneath files:",
                "add its folder to files: of the runbook, if steps shall touch it");
}

int Beneath::try_open_entry(const Entry& entry, int flags) const {
    if (!entry.folder.valid()) return -ENOENT;
    if (!entry.is_file) return open_beneath(entry.folder.get(), ".", flags);
    return open_beneath(entry.folder.get(), name_of(entry.real), flags, RESOLVE_NO_SYMLINKS);
}

int Beneath::try_open(const std::string& path, int flags) {
    if (path.find('\0') != std::string::npos) return -EINVAL;
    if (!protected_by(Protection::Confinement)) {
        const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
        return fd >= 0 ? fd : -errno;
    }
    const Found found = locate(path);
    if (found.rest.empty()) return try_open_entry(*found.entry, flags);
    if (!found.entry->folder.valid()) return -ENOENT;
    return open_beneath(found.entry->folder.get(), found.rest, flags);
}

os::UniqueFd Beneath::open(std::string_view path, int flags) {
    const std::string where = absolute(path);
    const int fd = try_open(where, flags);
    if (fd < 0) refuse(where, -fd);
    return os::UniqueFd(fd);
}

std::optional<os::UniqueFd> Beneath::find(std::string_view path, int flags) {
    const std::string where = absolute(path);
    const int fd = try_open(where, flags);
    if (fd == -ENOENT || fd == -ENOTDIR) return std::nullopt;
    if (fd < 0) refuse(where, -fd);
    return os::UniqueFd(fd);
}

Beneath::Place Beneath::place(std::string_view path) {
    const std::string where = absolute(path);
    if (where.find('\0') != std::string::npos) refuse(where, EINVAL);
    if (!protected_by(Protection::Confinement)) {
        const int fd = ::open(parent_of(where).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0) refuse(where, errno);
        return {os::UniqueFd(fd), name_of(where), where};
    }
    const Found found = locate(where);
    int fd = -1;
    if (!found.rest.empty()) {
        const auto slash = found.rest.rfind('/');
        const std::string folder = slash == std::string::npos ? "." : found.rest.substr(0, slash);
        fd = found.entry->folder.valid()
                 ? open_beneath(found.entry->folder.get(), folder, O_RDONLY | O_DIRECTORY)
                 : -ENOENT;
    } else if (found.entry->folder.valid() && !found.entry->is_file) {
        throw Error(ErrorCode::Permission, where + " is a folder of files: itself",
                    "steps may change what is in it");
    } else {
        // An entry that is a file, or will become one: the folder around it is named by files: too.
        const std::string& file = found.entry->real.empty() ? where : found.entry->real;
        fd = ::open(parent_of(file).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0) fd = -errno;
        if (fd >= 0) return {os::UniqueFd(fd), name_of(file), where};
    }
    if (fd < 0) refuse(where, -fd);
    return {os::UniqueFd(fd), name_of(where), where};
}

void Beneath::make_folders(std::string_view path) {
    const std::string where = absolute(path);
    const Found found = locate(where);
    // The entry itself may be missing: then its nearest parent that exists stands in its place.
    std::string base = found.entry->path;
    while (!found.entry->folder.valid() && real_path(base).empty()) base = parent_of(base);
    const bool is_held = found.entry->folder.valid();
    const os::UniqueFd opened(is_held ? -1
                                      : ::open(base.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    const int folder = is_held ? found.entry->folder.get() : opened.get();
    if (folder < 0) refuse(base, errno);
    const std::string rest = is_held ? found.rest : rest_of(where, base).value_or(std::string());
    for (std::size_t end = 0; !rest.empty() && end != std::string::npos;) {
        const std::size_t begin = end == 0 ? 0 : end + 1;
        const std::string above = begin == 0 ? "." : rest.substr(0, begin - 1);
        end = rest.find('/', begin);
        const os::UniqueFd parent(open_beneath(folder, above, O_RDONLY | O_DIRECTORY));
        if (!parent.valid()) refuse(where, -parent.get());
        if (::mkdirat(parent.get(), rest.substr(begin, end - begin).c_str(), 0700) == 0) {
            if (::fsync(parent.get()) != 0) refuse(where, errno);
        } else if (errno != EEXIST) {
            refuse(where, errno);
        }
    }
    look_at(*found.entry);
    (void)open(where, O_PATH | O_DIRECTORY);  // what was there already may be no folder
}

}  // namespace drydock::files
