#include "engine/cases/case_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "engine/error.h"

namespace drydock::cases {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "drydock-case-";
constexpr std::string_view kLock = "lock";

std::string parent_folder() {
    constexpr const char* kMemory = "/dev/shm";
    constexpr std::uintmax_t kRoom = std::uintmax_t{256} << 20;
    std::error_code error;
    if (std::getenv("TMPDIR") == nullptr && ::access(kMemory, W_OK | X_OK) == 0) {
        const fs::space_info space = fs::space(kMemory, error);
        if (!error && space.available >= kRoom) return kMemory;
    }
    return fs::canonical(fs::temp_directory_path());
}

// Folders of ours whose every process is dead.
void remove_abandoned(const std::string& parent) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(parent, ignored)) {
        const std::string lock = entry.path() / kLock;
        struct stat found {};
        const bool ours = entry.path().filename().string().starts_with(kPrefix) &&
                          ::lstat(lock.c_str(), &found) == 0 && S_ISREG(found.st_mode) &&
                          found.st_uid == ::geteuid();
        if (ours && os::ByteLock::try_acquire(lock, 0)) fs::remove_all(entry.path(), ignored);
    }
}

}  // namespace

CaseFolder::CaseFolder() {
    const std::string parent = parent_folder();
    remove_abandoned(parent);
    std::string pattern = parent + "/" + std::string(kPrefix) + "XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr)
        throw_errno(ErrorCode::File, "making a folder for a case", errno);
    path_ = pattern;
    // It gets its name only when it is locked: who finds it unlocked may remove it.
    lock_ = os::ByteLock::try_acquire(path_ + "/lock.new", 0);
    fs::rename(path_ + "/lock.new", path_ + "/" + std::string(kLock));
}

CaseFolder::~CaseFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

void make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0) throw_errno(ErrorCode::File, "making " + path, errno);
}

}  // namespace drydock::cases
