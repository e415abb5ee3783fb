#include "engine/os/process.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <fstream>
#include <new>
#include <sstream>

#include "engine/error.h"
#include "engine/os/proc_folder.h"

namespace drydock::os {
namespace {

// "" or why the file at `path` cannot be run.
std::string why_not_runnable(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) return "there is no such program";
    if (!S_ISREG(found.st_mode)) return "it is not a regular file";
    if (::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) != 0) return "we may not execute it";
    return {};
}

// The path of `program`: its own, or the first in the fixed PATH that runs; "" when none does.
std::string path_of(std::string_view program) {
    if (program.starts_with('/')) return std::string(program);
    std::string_view rest = kProgramPath;
    while (!rest.empty()) {
        const std::string_view folder = rest.substr(0, rest.find(':'));
        std::string path = std::string(folder) + "/" + std::string(program);
        if (why_not_runnable(path).empty()) return path;
        rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
    }
    return {};
}

std::string first_line(const char* path) {
    std::string line;
    std::ifstream file(path);
    std::getline(file, line);
    return line;
}

// Field `wanted`, counted from 1, of /proc/PID/stat (proc(5)).
template <class T>
std::optional<T> stat_field(int pid, int wanted) {
    const std::string text = first_line(("/proc/" + std::to_string(pid) + "/stat").c_str());
    // The name in field 2 may hold anything, also ") 1 2 3": the last bracket ends it.
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    std::istringstream fields(text.substr(name_end + 1));
    std::string skipped;
    for (int field = 3; field < wanted; ++field) fields >> skipped;
    T value{};
    if (!(fields >> value)) return std::nullopt;
    return value;
}

}  // namespace

std::string allowed_program(std::string_view program, const std::vector<std::string>& allowed) {
    const std::string name(program);
    if (name.empty() || (!name.starts_with('/') && name.find('/') != std::string::npos)) {
        throw Error(ErrorCode::Command,
                    "\"" + name + "\" is neither a program's name nor its absolute path",
                    "programs are never looked for in the working folder");
    }
    const std::string path = path_of(program);
    const bool is_allowed =
        std::any_of(allowed.begin(), allowed.end(), [&](const std::string& entry) {
            return entry == name || (!path.empty() && path_of(entry) == path);
        });
    if (!is_allowed) {
        throw Error(ErrorCode::Permission, "the program \"" + name + "\" is not allowed",
                    "add it to commands: of the runbook");
    }
    if (path.empty()) {
        throw Error(ErrorCode::Command, "there is no program \"" + name + "\"",
                    "it is looked for in " + std::string(kProgramPath));
    }
    if (const std::string why = why_not_runnable(path); !why.empty()) {
        throw Error(ErrorCode::Command, "cannot run " + path + ": " + why);
    }
    return path;
}

std::optional<std::uint64_t> start_of_process(int pid) {
    return stat_field<std::uint64_t>(pid, 22);
}

std::optional<int> parent_of_process(int pid) { return stat_field<int>(pid, 4); }

std::vector<int> all_processes() { return numbers_in("/proc"); }

void fill_standard_streams() {
    int fd = 0;
    do {
        fd = ::open("/dev/null", O_RDWR);
        if (fd < 0) throw_errno(ErrorCode::File, "opening /dev/null", errno);
    } while (fd <= STDERR_FILENO);
    ::close(fd);
}

std::string boot_id() {
    std::string id = first_line("/proc/sys/kernel/random/boot_id");
    if (id.empty()) {
        throw Error(ErrorCode::File, "cannot read /proc/sys/kernel/random/boot_id",
                    "is /proc mounted?");
    }
    return id;
}

std::string host_name() {
    std::array<char, HOST_NAME_MAX + 1> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) {
        throw_errno(ErrorCode::File, "asking for the host's name", errno);
    }
    return name.data();
}

std::string user_name(unsigned uid) {
    std::array<char, 4096> buffer{};
    struct passwd entry {};
    struct passwd* found = nullptr;
    const int failed = ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
    if (failed == ENOMEM) throw std::bad_alloc();
    if (failed != 0 || found == nullptr) return std::to_string(uid);
    return found->pw_name;
}

}  // namespace drydock::os
