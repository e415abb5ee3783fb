#include "engine/cases/world.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include "engine/error.h"
#include "engine/json/json.h"
#include "engine/os/unique_fd.h"
#include "engine/sqlite/connection.h"
#include "engine/sqlite/statement.h"

namespace drydock::cases {
namespace {

namespace fs = std::filesystem;

void require_within(const World& world, const std::string& path, std::string_view what) {
    if (path.starts_with(world.work() + "/")) return;
    throw Error(ErrorCode::Document,
                std::string(what) + " " + path + " lies outside of the folder of the case",
                "make it a param of the runbook, and give it in the case as a relative path");
}

void write_whole(const std::string& path, std::string_view bytes) {
    std::ofstream file(path, std::ios::binary);
    file << bytes;
    if (!file.flush()) throw_errno(ErrorCode::File, "writing " + path, errno);
}

std::string read_whole(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw_errno(ErrorCode::File, "reading " + path, errno);
    return {std::istreambuf_iterator<char>(file), {}};
}

void run_sql(const std::string& path, const std::string& sql, const std::string& name) {
    sqlite::Connection database(path, {.mode = sqlite::Mode::Create});
    // The folder is thrown away: nothing in it needs to survive a power failure.
    database.exec("pragma synchronous = off");
    try {
        database.exec(sql);
    } catch (const Error& error) {
        throw Error(ErrorCode::Document, "the SQL of connection " + name + ": " + error.message(),
                    error.hint());
    }
}

void make_database(const World& world, const std::string& name, const std::string& path,
                   const Fixture& fixture) {
    require_within(world, path, "the database of connection " + name);
    fs::create_directories(fs::path(path).parent_path());
    const bool is_sql = fixture.kind == Fixture::Kind::File && fixture.text.ends_with(".sql");
    if (fixture.kind == Fixture::Kind::File && !is_sql) {
        fs::copy_file(fixture.text, path);
        fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
        return;
    }
    run_sql(path, is_sql ? read_whole(fixture.text) : fixture.text, name);
}

bool is_ours(std::string_view table) {
    return table.starts_with("drydock_") || table.starts_with("sqlite_");
}

// "table (columns): row" lines of one database; what is wrong with it when it cannot be read.
void describe_database(const std::string& name, const std::string& path,
                       std::vector<std::string>& lines) {
    try {
        sqlite::Connection database(path, {.mode = sqlite::Mode::ReadOnly});
        std::vector<std::string> tables;
        sqlite::Statement schema = database.prepare(
            "select name, sql from sqlite_master where sql is not null order by type, name");
        while (schema.step()) {
            const std::string table(schema.column_text(0));
            if (is_ours(table)) continue;
            const std::string sql(schema.column_text(1));
            lines.push_back(name + ": " + sql);
            if (sql.starts_with("CREATE TABLE")) tables.push_back(table);
        }
        for (const std::string& table : tables) {
            std::string quoted;
            for (const char c : table) quoted += c == '"' ? "\"\"" : std::string(1, c);
            std::vector<std::string> rows;
            sqlite::Statement all = database.prepare("select * from \"" + quoted + "\"");
            while (all.step()) {
                Value::List row;
                for (int column = 0; column < all.column_count(); ++column)
                    row.push_back(all.column(column));
                rows.push_back(name + "." + table + ": " + json::write_typed(row));
            }
            std::ranges::sort(rows);
            lines.insert(lines.end(), rows.begin(), rows.end());
        }
    } catch (const Error& error) {
        lines.push_back(name + ": cannot be read: " + error.message());
    }
}

}  // namespace

World::World() {
    make_folder(work());
    make_folder(state());
}

void World::clear() {
    for (const std::string& folder : {work(), state()}) {
        fs::remove_all(folder);
        make_folder(folder);
    }
    if (redis_) redis_->restart();
    if (postgres_ != nullptr) postgres_->clear();
}

void World::start_redis() {
    redis_ = std::make_unique<PrivateRedis>(state());
}

void World::use_postgres(PrivatePostgres& server) {
    server.start_empty();
    postgres_ = &server;
}

std::string World::redis_socket() const {
    return redis_ ? redis_->socket() : std::string();
}

void furnish(const World& world, const Case& one, const DatabasePaths& databases) {
    for (const auto& [path, fixture] : one.files) {
        const std::string place = world.work() + "/" + path;
        fs::create_directories(fs::path(place).parent_path());
        if (fixture.kind == Fixture::Kind::File)
            fs::copy(fixture.text, place, fs::copy_options::recursive);
        else if (fixture.kind == Fixture::Kind::Text)
            write_whole(place, fixture.text);
        else
            fs::create_directories(place);
    }
    for (const auto& [name, path] : databases) {
        const auto found = one.connections.find(name);
        make_database(world, name, path,
                      found == one.connections.end() ? Fixture() : found->second);
    }
}

std::vector<std::string> describe(const World& world, const DatabasePaths& databases) {
    std::vector<std::string> lines;
    for (const auto& [name, path] : databases) describe_database(name, path, lines);
    if (world.redis() != nullptr) {
        for (std::string& line : describe_redis(world.redis_socket()))
            lines.push_back(std::move(line));
    }
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(world.work())) {
        const std::string name = fs::relative(entry.path(), world.work());
        // SQLite's own, there as long as somebody has the database open and after a crash.
        if (name.ends_with("-wal") || name.ends_with("-shm") || name.ends_with("-journal"))
            continue;
        names.push_back("file " + name);
    }
    std::ranges::sort(names);
    lines.insert(lines.end(), names.begin(), names.end());
    return lines;
}

void note(const World& world, std::string_view file, std::string_view line) {
    const std::string path = world.state() + "/" + std::string(file);
    const os::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    const std::string text = std::string(line) + "\n";
    // One write: a process that is killed leaves the whole line or none.
    if (!fd.valid() ||
        ::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        throw_errno(ErrorCode::File, "writing " + path, errno);
}

std::vector<std::string> notes(const World& world, std::string_view file) {
    std::ifstream stream(world.state() + "/" + std::string(file));
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(std::move(line));
    return lines;
}

}  // namespace drydock::cases
