#include "engine/backup/sqlite_backup.h"

#include <chrono>
#include <filesystem>
#include <thread>

#include "engine/backup/copy.h"
#include "engine/backup/plain_file.h"
#include "engine/backup/sealed_file.h"
#include "engine/error.h"
#include "engine/sql/open.h"
#include "engine/sqlite/backup.h"

namespace drydock::backup {
namespace {

constexpr int kPagesPerStep = 1024;
// A source in rollback mode lets its writers in between two steps.
constexpr std::chrono::milliseconds kRest{2};
// A source that is written more often than a copy takes would make it start over for ever.
constexpr int kPatience = 5;

std::string text_of(sqlite::Connection& connection, std::string_view query) {
    sqlite::Statement statement = connection.prepare(query);
    return statement.step() ? std::string(statement.column_text(0)) : std::string();
}

// True: what we read is one moment, however long it takes, and nobody waits for us.
bool hold_snapshot(sqlite::Connection& source) {
    if (text_of(source, "pragma journal_mode") != "wal") return false;
    source.exec("begin; select count(*) from sqlite_schema");
    return true;
}

void copy_pages(Job& job, sqlite::Connection& source, sqlite::Connection& copy) {
    const bool snapshot = hold_snapshot(source);
    sqlite::OnlineBackup backup(source, copy);
    int restarts = 0;
    std::int64_t left = -1;
    job.check_stop();
    while (backup.step(restarts < kPatience ? kPagesPerStep : -1)) {
        if (left >= 0 && backup.pages_left() >= left) ++restarts;
        left = backup.pages_left();
        job.progress(backup.pages_total() - left, backup.pages_total(), "pages copied");
        job.check_stop();
        if (!snapshot) std::this_thread::sleep_for(kRest);
    }
}

void copy_to_new_file(Job& job, const std::string& source, const std::string& part,
                      Microseconds busy_timeout) {
    // An empty file for our user only; SQLite would make one by the umask. Also what an attempt
    // before this one left is emptied.
    job.files.write(part, "");
    sqlite::Connection from(source, {.mode = sqlite::Mode::ReadOnly, .busy_timeout = busy_timeout});
    sqlite::Connection to(part, {});
    try {
        copy_pages(job, from, to);
        // One file that can be opened where nothing may be written beside it. Who puts it back
        // gives it the mode of the file that it replaces.
        to.exec("pragma journal_mode = delete");
    } catch (const Error& error) {
        if (error.code() == ErrorCode::Busy) throw sql::locked_error(source, error.code_text());
        throw;
    }
}

Manifest describe(Job& job, const BackupRequest& request, const std::string& part) {
    Examined examined = examine(job, part);
    if (!examined.problems.empty()) {
        throw Error(ErrorCode::Check, "the copy is not whole: " + examined.problems.front(),
                    "the database itself is damaged: check it with sqlite.check; older backups are "
                    "untouched");
    }
    Manifest manifest;
    manifest.source = canonical_source(request.source);
    manifest.identity = sql::sqlite_identity(request.source).text;
    manifest.taken_at = request.at;
    manifest.run = job.run;
    manifest.rows = std::move(examined.rows);
    sqlite::Connection copy(part, {.mode = sqlite::Mode::ReadOnly});
    manifest.version = text_of(copy, "select sqlite_version()");
    manifest.verified_at = request.at;
    return manifest;
}

// A copy that is proven, or nothing: what could not be proven is no backup, and nobody else would
// remove it.
Manifest proven_copy(Job& job, const BackupRequest& request, const std::string& part) {
    try {
        copy_to_new_file(job, request.source, part, request.busy_timeout);
        return describe(job, request, part);
    } catch (const Error&) {
        job.files.remove(part);
        throw;
    }
}

// Gives the proven copy its final form and name; returns that name.
std::string store(Job& job, const BackupRequest& request, const std::string& part,
                  const std::string& name) {
    const std::string base = request.folder + "/" + name;
    std::string last = part;
    std::string stored = name;
    if (request.compress) {
        stored += ".gz";
        const std::string compressed = request.seal_with ? part + ".gz" : base + ".gz";
        job.files.compress(last, compressed);
        job.files.remove(last);
        last = compressed;
    }
    if (request.seal_with) {
        stored += ".sealed";
        const std::string sealed = part + ".sealed";
        seal_file(job, *request.seal_with, last, sealed);
        job.files.remove(last);
        last = sealed;
    }
    const std::string path = request.folder + "/" + stored;
    if (last != path) job.files.move(last, path);
    return stored;
}

}  // namespace

Found take_backup(Job& job, const BackupRequest& request) {
    job.files.mkdir(request.folder);
    const std::string name = backup_name(canonical_source(request.source), request.at);
    const std::string part = request.folder + "/" + name + ".part";
    Manifest manifest = proven_copy(job, request, part);
    manifest.database_bytes = job.files.stat(part).size.bytes;
    manifest.database_sha256 = job.files.sha256(part);
    manifest.compressed = request.compress;
    manifest.sealed = request.seal_with.has_value();
    manifest.file = store(job, request, part, name);
    const std::string path = request.folder + "/" + manifest.file;
    manifest.bytes = job.files.stat(path).size.bytes;
    manifest.sha256 = job.files.sha256(path);
    // Last: what has a manifest is whole.
    write_manifest(job, request.folder, manifest);
    return {.manifest = std::move(manifest), .path = path, .present = true};
}

void copy_database(Job& job, const std::string& source, const std::string& to,
                   Microseconds busy_timeout) {
    const std::string part = to + ".part";
    copy_to_new_file(job, source, part, busy_timeout);
    job.files.move(part, to);
}

}  // namespace drydock::backup
