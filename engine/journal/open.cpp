#include "engine/journal/open.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <filesystem>

#include "engine/error.h"
#include "engine/journal/sqlite_journal.h"
#include "engine/journal/sqlite_reader.h"
#include "engine/journal/wording.h"
#include "engine/os/file_system.h"
#include "engine/os/unique_fd.h"

namespace drydock::journal {
namespace {

constexpr std::int64_t kRoomBytes = 64LL << 20;

// Another owner or loose rights: what everyone may change proves nothing.
void check_ours(const std::string& path) {
    try {
        os::check_private(path);
        os::check_local(path);
    } catch (const Error& error) {
        throw Error(ErrorCode::Journal, error.message(), error.hint());
    }
}

void make_folder(const std::filesystem::path& folder) {
    std::error_code failed;
    std::filesystem::create_directories(folder.parent_path(), failed);
    if (failed)
        throw_errno(ErrorCode::Journal, "making " + folder.parent_path().string(), failed.value());
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
        throw_errno(ErrorCode::Journal, "making the journal's folder " + folder.string(), errno);
    }
}

// SQLite would make it readable for everyone.
void make_file(const std::string& path) {
    const os::UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.valid()) throw_errno(ErrorCode::Journal, "making " + path, errno);
}

void check_room(const std::string& folder) {
    const Size free = os::space(folder).free;
    if (free.bytes >= kRoomBytes) return;
    throw Error(ErrorCode::Journal,
                "only " + to_text(free) + " are free in " + folder + ", the journal wants " +
                    to_text(Size{kRoomBytes}),
                "make room there, or put the journal elsewhere with --journal");
}

}  // namespace

std::string path_of(const std::string& place) {
    if (place.starts_with("postgres://") || place.starts_with("postgresql://")) {
        throw Error(ErrorCode::Usage, "this drydock keeps its journal in SQLite files only",
                    "--journal PATH");
    }
    const std::string path = place.starts_with("sqlite:") ? place.substr(7) : place;
    return std::filesystem::absolute(path).lexically_normal();
}

std::unique_ptr<Journal> open(const OpenOptions& options) {
    const std::string path = path_of(options.place);
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    const bool there = std::filesystem::exists(path);
    if (!there) make_folder(folder);
    check_ours(folder);
    if (there) check_ours(path);
    check_room(folder);
    if (!there) make_file(path);
    auto journal = std::make_unique<SqliteJournal>(SqliteJournal::Options{
        .path = path, .uuid = options.uuid, .self = options.self, .now = options.now});
    if (!there && options.on_create) options.on_create(path);
    return journal;
}

std::unique_ptr<JournalReader> open_reader(const std::string& place) {
    const std::string path = path_of(place);
    if (!std::filesystem::exists(path)) {
        throw Error(ErrorCode::NotFound, "there is no journal at " + path,
                    "drydock run makes one; --journal PATH names another");
    }
    check_ours(std::filesystem::path(path).parent_path());
    check_ours(path);
    const std::string folder = std::filesystem::path(path).parent_path();
    struct statvfs medium {};
    if (::statvfs(folder.c_str(), &medium) == 0 && (medium.f_flag & ST_RDONLY) != 0) {
        throw Error(ErrorCode::Journal, "the journal " + path + " is on a read-only medium",
                    "read a copy of its whole folder: cp -a " + folder + " ELSEWHERE");
    }
    return std::make_unique<SqliteReader>(path);
}

}  // namespace drydock::journal
