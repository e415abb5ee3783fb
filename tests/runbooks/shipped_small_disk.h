#pragma once

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace drydock::test {

// A file system of a few MiB over an existing folder, seen by this process and its children only,
// gone with it. Needs what root or an unprivileged user namespace may do; mounted() tells.
class SmallDisk final {
  public:
    SmallDisk(std::string folder, int mebibytes) : folder_(std::move(folder)) {
        mounted_ = enter_own_namespace() &&
                   ::mount("tmpfs", folder_.c_str(), "tmpfs", 0,
                           ("mode=700,size=" + std::to_string(mebibytes) + "m").c_str()) == 0;
    }
    ~SmallDisk() {
        if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    [[nodiscard]] bool mounted() const { return mounted_; }
    // Until not a byte is free.
    void fill() const {
        std::ofstream file(folder_ + "/ballast", std::ios::binary);
        const std::string block(4096, 'x');
        while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
        }
    }
    void make_room() const { ::unlink((folder_ + "/ballast").c_str()); }

  private:
    static bool enter_own_namespace() {
        static const bool entered = [] {
            const uid_t user = ::geteuid();
            const gid_t group = ::getegid();
            if (::unshare(user == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
            if (user != 0) {
                std::ofstream("/proc/self/setgroups") << "deny";
                std::ofstream("/proc/self/uid_map") << user << ' ' << user << " 1";
                std::ofstream("/proc/self/gid_map") << group << ' ' << group << " 1";
            }
            return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
        }();
        return entered;
    }

    std::string folder_;
    bool mounted_ = false;
};

}  // namespace drydock::test
