#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <sstream>

#include "engine/os/proc_folder.h"
#include "engine/os/process.h"

namespace drydock::os {
namespace {

bool has_open(int pid, const struct stat& file) {
    const std::string folder = "/proc/" + std::to_string(pid) + "/fd";
    for (const int fd : numbers_in(folder)) {
        struct stat open {};
        if (::stat((folder + "/" + std::to_string(fd)).c_str(), &open) != 0) continue;
        if (open.st_dev == file.st_dev && open.st_ino == file.st_ino) return true;
    }
    return false;
}

// The pid of a line of /proc/locks such as
//   "1: POSIX  ADVISORY  WRITE 4711 fe:00:131083 1073741826 1073742335"
// when it is a lock on `file`, else 0. Waiting ones have "->" behind the number; locks of open file
// descriptions have pid -1.
int locker(const std::string& line, const struct stat& file) {
    std::istringstream fields(line);
    std::string number;
    std::string kind;
    std::string advisory;
    std::string access;
    std::string place;
    int pid = 0;
    if (!(fields >> number >> kind) || kind == "->") return 0;
    if (!(fields >> advisory >> access >> pid >> place) || pid <= 0) return 0;
    unsigned device_major = 0;
    unsigned device_minor = 0;
    unsigned long long inode = 0;
    char colon = 0;
    std::istringstream parts(place);
    if (!(parts >> std::hex >> device_major >> colon >> device_minor >> colon >> std::dec >>
          inode)) {
        return 0;
    }
    const bool same = makedev(device_major, device_minor) == file.st_dev && inode == file.st_ino;
    return same ? pid : 0;
}

Holder describe(int pid) {
    const std::string folder = "/proc/" + std::to_string(pid);
    Holder holder{.pid = pid, .command = {}, .user = {}};
    std::ifstream name(folder + "/comm");
    std::getline(name, holder.command);
    struct stat found {};
    if (::stat(folder.c_str(), &found) == 0) holder.user = user_name(found.st_uid);
    return holder;
}

}  // namespace

std::vector<Holder> processes_holding(const std::string& path) {
    struct stat file {};
    if (::stat(path.c_str(), &file) != 0) return {};
    std::set<int> pids;
    for (const int pid : all_processes()) {
        if (has_open(pid, file)) pids.insert(pid);
    }
    std::ifstream locks("/proc/locks");
    for (std::string line; std::getline(locks, line);) {
        if (const int pid = locker(line, file); pid > 0) pids.insert(pid);
    }
    pids.erase(::getpid());
    std::vector<Holder> holders;
    for (const int pid : pids) holders.push_back(describe(pid));
    return holders;
}

}  // namespace drydock::os
