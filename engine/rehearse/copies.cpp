#include "engine/rehearse/copies.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "engine/backup/sqlite_backup.h"
#include "engine/error.h"
#include "engine/inspect/looking.h"
#include "engine/os/file_system.h"
#include "engine/sql/open.h"
#include "engine/sqlite/connection.h"

namespace drydock::rehearse {
namespace {

constexpr Microseconds kPatience{30'000'000};
// A step may write every page anew: once in the copy, once in its log. And the private journal.
constexpr std::int64_t kTimes = 2;
constexpr std::int64_t kJournalBytes = 64 << 20;

std::int64_t size_of(const std::string& path) {
    struct stat found {};
    return ::stat(path.c_str(), &found) == 0 ? found.st_size : 0;
}

// The databases by identity: two connections to one file lead to one copy.
void find_targets(execute::Engine& engine, const execute::StartOptions& options, Copies& copies) {
    std::map<std::string, std::size_t> known;
    for (const auto& [name, target] : execute::sqlite_targets(engine, options)) {
        if (target.path.empty()) {
            copies.missing.emplace(name, target.why);
            continue;
        }
        const std::string identity = sql::sqlite_identity(target.path).text;
        const auto [place, is_new] = known.emplace(identity, copies.made.size());
        if (is_new) {
            copies.made.push_back({.connections = {},
                                   .original = target.path,
                                   .path = {},
                                   .bytes = size_of(target.path) + size_of(target.path + "-wal")});
        }
        copies.made[place->second].connections.push_back(name);
    }
}

void check_room(const Copies& copies, const std::string& folder) {
    std::int64_t needed = kJournalBytes;
    for (const Copy& copy : copies.made) needed += kTimes * copy.bytes;
    const std::int64_t free = os::space(folder).free.bytes;
    if (free >= needed) return;
    throw Error(ErrorCode::File,
                "too little room for a rehearsal: it needs " + std::to_string(needed) +
                    " bytes in " + folder + ", " + std::to_string(free) + " are free",
                "--in FOLDER names another place; nothing was copied", "SQLITE_FULL");
}

void copy_one(execute::Engine& engine, files::Confined& files, Copy& copy) {
    backup::Job job{.files = files,
                    .run = {},
                    .check_stop = [] {},
                    .must_stop = [] { return false; },
                    .progress = [](std::int64_t, std::int64_t, std::string_view) {},
                    .warn = [](std::string_view) {}};
    const inspect::FileFacts facts = inspect::look_at_file(copy.original);
    const Microseconds began = engine.clock.boot();
    try {
        // Also says what is wrong with it in the words of `db check`.
        const std::string mode =
            inspect::Looking(copy.original, kPatience).text("pragma journal_mode");
        backup::copy_database(job, copy.original, copy.path, kPatience);
        // As the original has it: what a commit takes depends on it.
        if (mode == "wal") sqlite::Connection(copy.path, {}).exec("pragma journal_mode = wal");
    } catch (const Error& error) {
        throw inspect::with_evidence(copy.original, facts, error).in("copying " + copy.original);
    }
    copy.micros = (engine.clock.boot() - began).count();
    copy.bytes = size_of(copy.path);
}

}  // namespace

PrivateFolder::PrivateFolder(const std::string& where) {
    std::string name =
        std::filesystem::absolute(where).lexically_normal() / "drydock-rehearsal-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr)
        throw_errno(ErrorCode::File, "making a private folder in " + where, errno);
    path_ = std::filesystem::canonical(name);
}

PrivateFolder::~PrivateFolder() {
    std::error_code failed;
    std::filesystem::remove_all(path_, failed);
}

std::string usual_place() {
    const char* folder = std::getenv("TMPDIR");
    return folder != nullptr && *folder == '/' ? folder : "/var/tmp";
}

std::map<std::string, std::string> Copies::paths() const {
    std::map<std::string, std::string> paths;
    for (const Copy& copy : made) {
        for (const std::string& connection : copy.connections) paths.emplace(connection, copy.path);
    }
    return paths;
}

Copies copy_targets(execute::Engine& engine, const execute::StartOptions& options,
                    const std::string& folder) {
    Copies copies;
    find_targets(engine, options, copies);
    check_room(copies, folder);
    files::Confined files({folder}, folder, engine.open_databases);
    for (std::size_t i = 0; i < copies.made.size(); ++i) {
        copies.made[i].path = folder + "/copy-" + std::to_string(i + 1) + ".db";
        copy_one(engine, files, copies.made[i]);
    }
    return copies;
}

}  // namespace drydock::rehearse
