#include "engine/inspect/looking.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include "engine/os/file_system.h"
#include "engine/sql/open.h"
#include "engine/sqlite/errors.h"

namespace drydock::inspect {
namespace {

// https://www.sqlite.org/fileformat2.html, section 1.3
constexpr std::string_view kMagic("SQLite format 3\0", 16);
constexpr std::size_t kHeader = 100;
constexpr std::size_t kPageSizeAt = 16;
constexpr std::size_t kChangesAt = 24;
constexpr std::size_t kPagesAt = 28;
constexpr std::size_t kValidForAt = 92;

std::int64_t size_of(const std::string& path) {
    struct stat found {};
    return ::stat(path.c_str(), &found) == 0 ? found.st_size : 0;
}

std::int64_t big_endian(std::string_view bytes, std::size_t at, std::size_t count) {
    std::int64_t number = 0;
    for (std::size_t i = 0; i < count; ++i)
        number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
    return number;
}

// The number of pages counts only when the last writer kept it up (section 1.3.7).
std::int64_t length_in(std::string_view header) {
    if (big_endian(header, kChangesAt, 4) != big_endian(header, kValidForAt, 4)) return 0;
    std::int64_t page = big_endian(header, kPageSizeAt, 2);
    if (page == 1) page = 65536;
    return page * big_endian(header, kPagesAt, 4);
}

std::string printable(std::string_view bytes) {
    std::string shown;
    for (const char c : bytes.substr(0, kMagic.size())) shown += c >= ' ' && c < '\x7f' ? c : '.';
    return shown;
}

FileFacts facts_of(const std::string& path) {
    (void)sql::sqlite_identity(path);  // says what is wrong when there is no such file
    return look_at_file(path);
}

std::string keep_a_copy(const std::string& path) {
    return "change nothing in it: drydock run sqlite-recovery -p database=" + path +
           " keeps a copy, salvages what reads and compares it with the last backup";
}

Error not_a_database(const std::string& path, const FileFacts& file, const Error& error) {
    if (!file.is_database) {
        return {ErrorCode::Integrity,
                path + " is no SQLite database: its " + std::to_string(file.bytes) +
                    " bytes begin with \"" + file.beginning + "\"",
                "look at the path: it is another kind of file, or an encrypted one",
                error.code_text()};
    }
    return {ErrorCode::Integrity, path + " has a damaged header: " + error.message(),
            keep_a_copy(path), error.code_text()};
}

Error damaged(const std::string& path, const FileFacts& file, const Error& error) {
    std::string message = path + ": " + error.message();
    if (file.header_bytes > file.bytes) {
        message += "; it has " + std::to_string(file.bytes) + " bytes and its header says " +
                   std::to_string(file.header_bytes) + ": the end is missing";
    }
    return {ErrorCode::Integrity, std::move(message), keep_a_copy(path), error.code_text()};
}

Error full(const std::string& path, const Error& error) {
    const std::string folder = std::filesystem::absolute(path).parent_path().string();
    return {ErrorCode::File,
            "no room to write " + path + ": " + std::to_string(os::space(folder).free.bytes) +
                " bytes are free in " + folder,
            "make room there; the transaction was rolled back", error.code_text()};
}

Error cut_off(const std::string& path, const Error& error) {
    return {ErrorCode::Busy,
            "the last transaction of " + path + " was cut in the middle; " + path +
                "-journal holds what takes it back",
            "let its application open it once: SQLite then rolls back by itself; without that "
            "journal the database is damaged",
            error.code_text()};
}

}  // namespace

FileFacts look_at_file(const std::string& path) {
    FileFacts facts{.bytes = size_of(path),
                    .wal_bytes = size_of(path + "-wal"),
                    .journal_bytes = size_of(path + "-journal")};
    std::ifstream file(path, std::ios::binary);
    std::array<char, kHeader> bytes{};
    file.read(bytes.data(), bytes.size());
    const std::string_view header(bytes.data(), static_cast<std::size_t>(file.gcount()));
    facts.beginning = printable(header);
    // An empty file is an empty database to SQLite.
    facts.is_database = header.starts_with(kMagic) || facts.bytes == 0;
    if (header.size() == kHeader && header.starts_with(kMagic))
        facts.header_bytes = length_in(header);
    return facts;
}

Error with_evidence(const std::string& path, const FileFacts& file, const Error& error) {
    if (error.code() == ErrorCode::Busy) return sql::locked_error(path, error.code_text());
    if (error.code_text() == "SQLITE_NOTADB") return not_a_database(path, file, error);
    if (sqlite::is_damage(error)) return damaged(path, file, error);
    if (error.code_text() == "SQLITE_FULL") return full(path, error);
    if (error.code_text() == "SQLITE_READONLY_ROLLBACK") return cut_off(path, error);
    return error;
}

Looking::Looking(std::string path, Microseconds busy_timeout)
    : path_(std::move(path)),
      file_(facts_of(path_)),
      connection_(path_, {.mode = sqlite::Mode::ReadOnly, .busy_timeout = busy_timeout}) {
    try {
        // Reads the header and the whole schema.
        connection_.exec("select count(*) from sqlite_schema");
    } catch (const Error& error) {
        throw with_evidence(path_, file_, error);
    }
}

std::int64_t Looking::number(std::string_view query) {
    sqlite::Statement statement = connection_.prepare(query);
    return statement.step() ? statement.column_int(0) : 0;
}

std::string Looking::text(std::string_view query) {
    sqlite::Statement statement = connection_.prepare(query);
    return statement.step() ? std::string(statement.column_text(0)) : std::string();
}

}  // namespace drydock::inspect
