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

bool is_empty(const std::string& folder) {
    std::error_code ignored;
    return !fs::exists(folder, ignored) || fs::is_empty(folder, ignored);
}

migrate::Folder folder_of(Assembly& assembly, const Arguments& arguments) {
    migrate::Folder folder;
    folder.path = migrations_folder(assembly, arguments);
    const std::string format = migrations_format(assembly, arguments);
    if (!format.empty()) folder.format = migrate::format_named(format);
    if (is_empty(folder.path)) return folder;
    return read_migrations(assembly, arguments, sql::Dialect::Postgres);
}

constexpr auto kForReaders =
    fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read | fs::perms::others_read;

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
    const migrate::Folder folder = folder_of(assembly, arguments);
    const std::vector<migrate::NewFile> files =
        next_migration(folder, arguments.subjects.front(), Timestamp{assembly.now()});
    Value::List made;
    for (const migrate::NewFile& file : files) {
        const fs::path place = fs::path(folder.path) / file.path;
        make(place, file.text);
        made.emplace_back(place.string());
        if (!assembly.output().json()) assembly.output().line(place.string());
    }
    if (assembly.output().json()) assembly.output().json_line(Value::Map{{"files", made}});
    return 0;
}

}  // namespace drydock::cli
