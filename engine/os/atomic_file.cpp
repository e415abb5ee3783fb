#include "engine/os/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "engine/error.h"
#include "engine/os/random.h"
#include "engine/seam.h"

namespace drydock::os {
namespace {

std::string temporary_name(const std::string& name) {
    constexpr std::size_t kLongestName = 255;
    const std::string suffix = ".drydock-" + std::to_string(system_random().number(1'000'000'000));
    return "." + name.substr(0, kLongestName - 1 - suffix.size()) + suffix;
}

}  // namespace

AtomicFile::AtomicFile(int folder, std::string name, int mode)
    : folder_(folder), name_(std::move(name)), temporary_(temporary_name(name_)), mode_(mode) {
    open();
    // The mode is meant as it is given, whatever the umask.
    if (::fchmod(fd_.get(), static_cast<mode_t>(mode_)) != 0) {
        throw_errno(ErrorCode::File, "setting the mode of " + name_, errno);
    }
}

AtomicFile::~AtomicFile() {
    if (has_name_) ::unlinkat(folder_, temporary_.c_str(), 0);
}

void AtomicFile::open() {
    fd_.reset(::openat(folder_, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
    if (fd_.valid()) return;
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) {
        throw_errno(errno == EACCES ? ErrorCode::Permission : ErrorCode::File, "creating " + name_,
                    errno);
    }
    fd_.reset(::openat(folder_, temporary_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
    if (!fd_.valid()) throw_errno(ErrorCode::File, "creating " + name_, errno);
    has_name_ = true;
}

void AtomicFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw_errno(ErrorCode::File, "writing " + name_, errno);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void AtomicFile::commit() {
    if (::fsync(fd_.get()) != 0) throw_errno(ErrorCode::File, "syncing " + name_, errno);
    kill_point("file.before_rename");
    place();
    kill_point("file.after_rename");
    if (::fsync(folder_) != 0) {
        throw_errno(ErrorCode::File, "syncing the folder of " + name_, errno);
    }
}

void AtomicFile::place() {
    if (!has_name_) {
        if (link_as(name_)) return;
        if (!link_as(temporary_)) throw_errno(ErrorCode::File, "creating " + temporary_, EEXIST);
        has_name_ = true;
    }
    rename_from_temporary();
}

void AtomicFile::rename_from_temporary() {
    if (::renameat(folder_, temporary_.c_str(), folder_, name_.c_str()) != 0) {
        throw_errno(ErrorCode::File, "replacing " + name_, errno);
    }
    has_name_ = false;
}

// False when there is something of that name.
bool AtomicFile::link_as(const std::string& name) {
    const std::string open_file = "/proc/self/fd/" + std::to_string(fd_.get());
    if (::linkat(AT_FDCWD, open_file.c_str(), folder_, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
        return true;
    }
    if (errno != EEXIST) throw_errno(ErrorCode::File, "creating " + name, errno);
    return false;
}

void write_file(const std::string& path, std::string_view bytes, int mode) {
    const auto slash = path.rfind('/');
    std::string folder_path = slash == std::string::npos ? "." : path.substr(0, slash);
    if (folder_path.empty()) folder_path = "/";
    const UniqueFd folder(::open(folder_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.valid()) throw_errno(ErrorCode::File, "opening folder " + folder_path, errno);
    AtomicFile file(folder.get(), path.substr(slash == std::string::npos ? 0 : slash + 1), mode);
    file.write(bytes);
    file.commit();
}

}  // namespace drydock::os
