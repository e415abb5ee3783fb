#include "engine/os/file_system.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>

#include "engine/error.h"

namespace drydock::os {
namespace {

struct Shared {
    std::uint32_t magic;
    const char* name;
};

// statfs(2) and linux/magic.h; the values without a name there are the kernel's own (fs/*/super.c).
constexpr std::array<Shared, 14> kShared{{{0x6969, "NFS"},
                                          {0xFF534D42, "CIFS"},
                                          {0xFE534D42, "SMB"},
                                          {0x517B, "SMB"},
                                          {0x5346414F, "AFS"},
                                          {0x6B414653, "AFS"},
                                          {0x73757245, "Coda"},
                                          {0x564C, "NCP"},
                                          {0x00C36400, "Ceph"},
                                          {0x01021997, "9p"},
                                          {0x65735546, "FUSE"},
                                          {0x0BD00BD0, "Lustre"},
                                          {0x01161970, "GFS2"},
                                          {0x7461636F, "OCFS2"}}};

}  // namespace

void check_private(const std::string& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0) {
        throw_errno(ErrorCode::File, "looking at " + path, errno);
    }
    if (found.st_uid != ::geteuid()) {
        throw Error(ErrorCode::Refused,
                    path + " belongs to user " + std::to_string(found.st_uid) + ", not to us (" +
                        std::to_string(::geteuid()) + ")",
                    "run drydock as its owner, or chown it");
    }
    const unsigned mode = found.st_mode & 07777U;
    if ((mode & 077U) == 0) return;
    std::array<char, 8> octal{};
    std::snprintf(octal.data(), octal.size(), "%04o", mode);
    throw Error(ErrorCode::Refused, path + " is open to others (mode " + octal.data() + ")",
                std::string("chmod ") + (S_ISDIR(found.st_mode) ? "700 " : "600 ") + path);
}

void check_local(const std::string& path) {
    struct statfs found {};
    if (::statfs(path.c_str(), &found) != 0) {
        throw_errno(ErrorCode::File, "looking at " + path, errno);
    }
    for (const Shared& shared : kShared) {
        if (static_cast<std::uint32_t>(found.f_type) != shared.magic) continue;
        throw Error(ErrorCode::Refused,
                    path + " is on a " + shared.name + " file system, where locks are not reliable",
                    "choose a folder on a local disk");
    }
}

Space space(const std::string& path) {
    struct statvfs found {};
    if (::statvfs(path.c_str(), &found) != 0) {
        throw_errno(ErrorCode::File, "looking at " + path, errno);
    }
    const auto bytes = [&found](fsblkcnt_t blocks) {
        return Size{static_cast<std::int64_t>(blocks * found.f_frsize)};
    };
    return {.free = bytes(found.f_bavail), .total = bytes(found.f_blocks)};
}

}  // namespace drydock::os
