#include "engine/os/private_file.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "engine/error.h"

namespace drydock::os {

PrivateFile::PrivateFile(std::string_view text) : fd_(::memfd_create("drydock", MFD_CLOEXEC)) {
    // Born with all rights, and programs refuse a password that others could read.
    if (!fd_.valid() || ::fchmod(fd_.get(), S_IRUSR | S_IWUSR) != 0)
        throw_errno(ErrorCode::File, "making a private file", errno);
    while (!text.empty()) {
        const ssize_t written = ::write(fd_.get(), text.data(), text.size());
        if (written < 0) throw_errno(ErrorCode::File, "writing a private file", errno);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::string PrivateFile::path() const {
    return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(fd_.get());
}

}  // namespace drydock::os
