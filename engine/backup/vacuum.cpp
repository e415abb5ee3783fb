#include "engine/backup/vacuum.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "engine/backup/manifest.h"
#include "engine/error.h"
#include "engine/os/file_system.h"
#include "engine/os/process.h"

namespace drydock::backup {
namespace {

bool usable(const char* folder) {
    struct stat found {};
    return folder != nullptr && ::stat(folder, &found) == 0 && S_ISDIR(found.st_mode) &&
           ::access(folder, W_OK | X_OK) == 0;
}

// In SQLite's own order (https://www.sqlite.org/tempfiles.html, section 5).
std::string temporary_folder() {
    for (const char* const variable : {"SQLITE_TMPDIR", "TMPDIR"}) {
        if (const char* folder = std::getenv(variable); usable(folder)) return folder;
    }
    for (const char* const folder : {"/var/tmp", "/usr/tmp", "/tmp"}) {
        if (usable(folder)) return folder;
    }
    return ".";
}

bool share_a_file_system(const std::string& left, const std::string& right) {
    struct stat one {};
    struct stat other {};
    return ::stat(left.c_str(), &one) == 0 && ::stat(right.c_str(), &other) == 0 &&
           one.st_dev == other.st_dev;
}

void check_room(const std::string& folder, std::int64_t needed) {
    const std::int64_t free = os::space(folder).free.bytes;
    if (free >= needed) return;
    throw Error(ErrorCode::File,
                "too little room to vacuum: it needs " + std::to_string(needed) + " bytes in " +
                    folder + ", " + std::to_string(free) + " are free",
                "make room there" +
                    std::string(folder == "." ? "" : ", or name another folder in SQLITE_TMPDIR") +
                    "; nothing was begun",
                "SQLITE_FULL");
}

}  // namespace

VacuumNeed vacuum_need(const std::string& database, std::int64_t page_count,
                       std::int64_t free_pages, std::int64_t page_bytes) {
    return {.copy_bytes = (page_count - free_pages) * page_bytes,
            .temporary_folder = temporary_folder(),
            .database_folder =
                std::filesystem::path(canonical_source(database)).parent_path().string()};
}

void check_vacuum_room(const VacuumNeed& need) {
    if (share_a_file_system(need.temporary_folder, need.database_folder)) {
        check_room(need.database_folder, 2 * need.copy_bytes);
        return;
    }
    check_room(need.database_folder, need.copy_bytes);
    check_room(need.temporary_folder, need.copy_bytes);
}

bool may_checkpoint(const std::string& database) {
    return os::processes_holding(canonical_source(database)).empty();
}

}  // namespace drydock::backup
