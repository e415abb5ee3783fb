// migrate create: the files of the next migration.

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "engine/cli/commands.h"
#include "engine/cli/migrate_place.h"
#include "engine/migrate/creation.h"

namespace drydock::cli {
namespace {

namespace fs = std::filesystem;

migrate::Format format_of(const std::string& name) {
    if (const auto format = migrate::format_from_name(name)) return *format;
    throw Error(ErrorCode::Usage, "`" + name + "` is no format of migrations",
                "golang-migrate, sql-migrate, goose, dbmate, flyway or diesel");
}

bool is_empty(const std::string& folder) {
    std::error_code ignored;
    return !fs::exists(folder, ignored) || fs::is_empty(folder, ignored);
}

migrate::Folder folder_of(Assembly& assembly, const std::string& path, const std::string& format) {
    migrate::Folder folder;
    folder.path = path;
    if (!format.empty()) folder.format = format_of(format);
    if (is_empty(path)) return folder;
    migrate::ReadOptions how;
    if (!format.empty()) how.format = folder.format;
    migrate::ReadResult read = migrate::read_folder(path, how);
    if (read.folder) return std::move(*read.folder);
    assembly.output().diagnostics(read.problems);
    throw Error(ErrorCode::Document, path + " cannot be read, and nothing was made",
                "mend what is listed above");
}

constexpr auto kForReaders = fs::perms::owner_read | fs::perms::owner_write |
                             fs::perms::group_read | fs::perms::others_read;

// Never over a file that is there. It goes into the team's repository: no secret.
void make(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "wx"),
                                                               &std::fclose);
    const bool written = file != nullptr &&
                         std::fwrite(text.data(), 1, text.size(), file.get()) == text.size() &&
                         std::fflush(file.get()) == 0;
    if (!written)
        throw Error(ErrorCode::File, path.string() + ": " + std::strerror(errno),
                    "make room for it, then say it again");
    fs::permissions(path, kForReaders);
}

}  // namespace

int migrate_create_command(Assembly& assembly, const Arguments& arguments) {
    const std::string path = migrations_folder(arguments);
    const migrate::Folder folder = folder_of(assembly, path, arguments.migrations.format);
    const std::vector<migrate::NewFile> files =
        next_migration(folder, arguments.subjects.front(), Timestamp{assembly.now()});
    Value::List made;
    for (const migrate::NewFile& file : files) {
        const fs::path place = fs::path(path) / file.path;
        make(place, file.text);
        made.emplace_back(place.string());
        if (!assembly.output().json()) assembly.output().line(place.string());
    }
    if (assembly.output().json()) assembly.output().json_line(Value::Map{{"files", made}});
    return 0;
}

}  // namespace drydock::cli
