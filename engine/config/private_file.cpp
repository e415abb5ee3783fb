#include "engine/config/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/error.h"
#include "engine/os/unique_fd.h"

namespace drydock::config {
namespace {

void require_private(const std::string& path, const struct stat& found) {
    if (!S_ISREG(found.st_mode))
        throw Error(ErrorCode::Document, path + " is not a regular file", "name a file");
    if ((found.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
        throw Error(ErrorCode::Document, path + " can be read or changed by other users",
                    "chmod 600 " + path);
    }
    if (found.st_uid != ::geteuid() && found.st_uid != 0) {
        throw Error(ErrorCode::Document,
                    path + " belongs to another user (uid " + std::to_string(found.st_uid) + ")",
                    "let it belong to the user that runs drydock, or to root");
    }
}

}  // namespace

std::string read_private_file(const std::string& path, std::size_t limit_bytes) {
    // O_NONBLOCK: a FIFO in its place must not hold us up before we see that it is one.
    const os::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file.valid()) throw_errno(ErrorCode::Document, "reading " + path, errno);
    struct stat found {};
    if (::fstat(file.get(), &found) != 0)
        throw_errno(ErrorCode::Document, "reading " + path, errno);
    require_private(path, found);
    std::string bytes(limit_bytes + 1, '\0');
    std::size_t size = 0;
    while (size < bytes.size()) {
        const ssize_t count = ::read(file.get(), bytes.data() + size, bytes.size() - size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw_errno(ErrorCode::Document, "reading " + path, errno);
        if (count == 0) break;
        size += static_cast<std::size_t>(count);
    }
    if (size > limit_bytes) {
        throw Error(ErrorCode::Document,
                    path + " has more than " + std::to_string(limit_bytes) + " bytes",
                    "name a smaller file");
    }
    bytes.resize(size);
    return bytes;
}

}  // namespace drydock::config
