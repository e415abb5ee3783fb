#include "engine/backup/exchange.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "engine/backup/copy.h"
#include "engine/backup/manifest.h"
#include "engine/backup/plain_file.h"
#include "engine/error.h"
#include "engine/os/process.h"
#include "engine/seam.h"
#include "engine/sqlite/connection.h"

namespace drydock::backup {
namespace {

// -shm holds nothing that SQLite does not rebuild; it is evidence all the same.
constexpr std::array<std::string_view, 3> kCompanions{"-wal", "-shm", "-journal"};
// Byte 18 of the header: 2 is WAL (https://www.sqlite.org/fileformat2.html, section 1.3).
constexpr std::size_t kWriteVersionAt = 18;

std::optional<struct stat> look(const std::string& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) == 0) return found;
    if (errno == ENOENT) return std::nullopt;
    throw_errno(ErrorCode::File, "looking at " + path, errno);
}

bool same_file(const std::string& left, const std::string& right) {
    const auto one = look(left);
    const auto other = look(right);
    return one && other && one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

bool open_here(const struct stat& file) {
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", failed)) {
        struct stat open {};
        if (::stat(entry.path().c_str(), &open) == 0 && open.st_dev == file.st_dev &&
            open.st_ino == file.st_ino) {
            return true;
        }
    }
    return false;
}

void refuse_when_open(const std::string& database) {
    const auto found = look(database);
    if (!found)
        throw Error(ErrorCode::File, "there is no database file " + database, "look at the path");
    if (open_here(*found)) {
        throw Error(ErrorCode::Busy, "this run itself has " + database + " open",
                    "put what uses the connection into another step");
    }
    const auto holders = os::processes_holding(database);
    if (holders.empty()) return;
    throw Error(ErrorCode::Busy,
                database + " is open in " + holders.front().command + " (pid " +
                    std::to_string(holders.front().pid) + ", " + holders.front().user + ")",
                "stop that program first: it would go on using the old file");
}

void link_or_fail(const std::string& from, const std::string& to) {
    if (::link(from.c_str(), to.c_str()) == 0) return;
    if (errno == EEXIST && same_file(from, to)) return;
    throw_errno(ErrorCode::File, "keeping " + from + " as " + to, errno);
}

void rename_or_fail(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0)
        throw_errno(ErrorCode::File, "renaming " + from, errno);
}

void unlink_if_there(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        throw_errno(ErrorCode::File, "removing the name " + path, errno);
}

bool in_wal_mode(const std::string& database) {
    const std::string header = PlainReader(database).read(kWriteVersionAt + 1);
    return header.size() > kWriteVersionAt && header[kWriteVersionAt] == 2;
}

// Both names of the old file and of its log lead to the same bytes until the old names go.
void keep_second_names(const std::string& target, const std::string& kept_as) {
    link_or_fail(target, kept_as);
    for (const std::string_view companion : kCompanions) {
        const std::string file = target + std::string(companion);
        if (look(file)) link_or_fail(file, kept_as + std::string(companion));
    }
    sync_folder_of(target);
}

// Makes the checked copy that will take the place of `target`.
void prepare_incoming(Job& job, const std::string& target, const std::string& from,
                      const std::string& incoming) {
    const PlainCopy source(job, from, from + ".unpacked");
    copy_bytes(job, source.path(), incoming);
    const Examined examined = examine(job, incoming);
    if (!examined.problems.empty()) {
        unlink_if_there(incoming);
        throw Error(ErrorCode::Check, from + " is not whole: " + examined.problems.front(),
                    "choose another copy");
    }
    // SQLite sets the mode in the header; closing leaves no log behind.
    const bool wal = in_wal_mode(target);
    sqlite::Connection(incoming, {})
        .exec(wal ? "pragma journal_mode = wal" : "pragma journal_mode = delete");
    const auto old = look(target);
    const os::UniqueFd fd(::open(incoming.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd.valid() || !old || ::fchmod(fd.get(), old->st_mode & 07777) != 0) {
        throw_errno(ErrorCode::File, "giving " + incoming + " the mode of the old file", errno);
    }
    // Only root may give it to another user; the application's own user needs no gift.
    if (::geteuid() == 0 && ::fchown(fd.get(), old->st_uid, old->st_gid) != 0) {
        throw_errno(ErrorCode::File, "giving " + incoming + " to the owner of the old file", errno);
    }
    if (::fsync(fd.get()) != 0) throw_errno(ErrorCode::File, "syncing " + incoming, errno);
}

}  // namespace

Preserved preserve(Job& job, const std::string& database, const std::string& folder) {
    const std::string source = canonical_source(database);
    refuse_when_open(source);
    job.files.mkdir(folder);
    const std::string name = std::filesystem::path(source).filename().string();
    Preserved preserved{.path = folder + "/" + name, .files = {}};
    const auto copy = [&](const std::string& companion) {
        if (!look(source + companion)) return;
        const std::string to = job.files.checked_path(folder + "/" + name + companion, false);
        copy_bytes(job, source + companion, to + ".part");
        job.files.move(to + ".part", to);
        preserved.files.push_back(to);
    };
    copy("");
    for (const std::string_view companion : kCompanions)
        copy(std::string(companion));
    return preserved;
}

namespace {

// The name comes from a script: it must not lead anywhere but beside the database.
void check_kept_name(const std::string& target, const std::string& kept_as) {
    const std::string beside = target + ".before-";
    if (kept_as.starts_with(beside) && kept_as.find('/', beside.size()) == std::string::npos)
        return;
    throw Error(ErrorCode::Lua, kept_as + " is no name under which an old file is kept",
                "take the one that backup.kept_name gives");
}

}  // namespace

std::string kept_name(const std::string& target, Timestamp at) {
    std::string time = to_text(Timestamp{at.micros - at.micros % 1'000'000});
    std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
    return canonical_source(target) + ".before-" + time;
}

void replace_database(Job& job, const std::string& database, const std::string& from,
                      const std::string& kept_as) {
    const std::string target = canonical_source(database);
    check_kept_name(target, kept_as);
    if (is_replaced(target, kept_as)) return;
    refuse_when_open(target);
    const std::string incoming = target + ".incoming";
    prepare_incoming(job, target, from, incoming);
    keep_second_names(target, kept_as);
    // The new file must never meet the old log: SQLite would replay it into the wrong database.
    for (const std::string_view companion : kCompanions)
        unlink_if_there(target + std::string(companion));
    sync_folder_of(target);
    kill_point("replace.before_rename");
    rename_or_fail(incoming, target);
    sync_folder_of(target);
    kill_point("replace.renamed");
}

bool is_replaced(const std::string& target, const std::string& kept_as) {
    const std::string real = canonical_source(target);
    return look(kept_as) && look(real) && !same_file(real, kept_as);
}

void put_back(Job& job, const std::string& database, const std::string& kept_as) {
    const std::string target = canonical_source(database);
    check_kept_name(target, kept_as);
    job.check_stop();
    if (look(kept_as) && !same_file(target, kept_as)) {
        refuse_when_open(target);
        const std::string undone = kept_as + ".undone";
        if (!look(undone)) keep_second_names(target, undone);
        for (const std::string_view companion : kCompanions)
            unlink_if_there(target + std::string(companion));
        kill_point("put_back.before_rename");
        rename_or_fail(kept_as, target);
        kill_point("put_back.renamed");
    }
    // The database before its log: a new file that met the old log would be overwritten with it.
    // Names that an interrupted replacement or return left come to their end here too.
    if (same_file(target, kept_as)) unlink_if_there(kept_as);
    for (const std::string_view companion : kCompanions) {
        const std::string kept = kept_as + std::string(companion);
        const std::string there = target + std::string(companion);
        if (!look(kept)) continue;
        if (same_file(kept, there)) {
            unlink_if_there(kept);
        } else if (!look(there)) {
            rename_or_fail(kept, there);
        }
    }
    sync_folder_of(target);
}

}  // namespace drydock::backup
