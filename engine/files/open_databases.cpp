#include <sys/stat.h>

#include <array>
#include <map>
#include <mutex>

#include "engine/files/confined.h"
#include "engine/seam.h"

namespace drydock::files {
namespace {

constexpr std::array<const char*, 4> kFilesOfADatabase{"", "-wal", "-shm", "-journal"};

struct Inode {
    std::uint64_t device = 0;
    std::uint64_t number = 0;
    bool operator==(const Inode&) const = default;
};

// stat, never open: opening and closing is what must not happen.
bool look_at(const std::string& path, Inode& inode) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) return false;
    inode = {found.st_dev, found.st_ino};
    return true;
}

struct Opened {
    std::string label;
    // The file that was opened goes on being locked when another takes its name. Its number cannot
    // be given to another file as long as it is open. (This does not hold for -wal and its kind,
    // which SQLite closes and removes: those are known by name only.)
    Inode first;
};

}  // namespace

struct OpenDatabases::Impl {
    mutable std::mutex mutex;
    std::multimap<std::string, Opened> by_path;
};

OpenDatabases::OpenDatabases() : impl_(std::make_unique<Impl>()) {}
OpenDatabases::~OpenDatabases() = default;

void OpenDatabases::add(const std::string& path, std::string label) {
    Opened opened{.label = std::move(label), .first = {}};
    look_at(path, opened.first);
    const std::lock_guard lock(impl_->mutex);
    impl_->by_path.emplace(path, std::move(opened));
}

void OpenDatabases::remove(const std::string& path) {
    const std::lock_guard lock(impl_->mutex);
    const auto found = impl_->by_path.find(path);
    if (found != impl_->by_path.end()) impl_->by_path.erase(found);
}

std::string OpenDatabases::in_use(std::uint64_t device, std::uint64_t inode) const {
    if (!protected_by(Protection::OpenDatabases)) return {};
    const Inode asked{device, inode};
    const std::lock_guard lock(impl_->mutex);
    for (const auto& [path, opened] : impl_->by_path) {
        if (opened.first == asked) return opened.label;
        for (const char* suffix : kFilesOfADatabase) {
            Inode now;
            if (look_at(path + suffix, now) && now == asked) return opened.label;
        }
    }
    return {};
}

}  // namespace drydock::files
