#include "engine/migrate/reading.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <tuple>

#include "engine/check.h"
#include "engine/error.h"
#include "engine/json/json.h"
#include "engine/json/utf8.h"
#include "engine/os/unique_fd.h"

namespace drydock::migrate {
namespace {

namespace fs = std::filesystem;

// A caret under a line of a megabyte helps nobody.
constexpr std::size_t kLongestLine = 400;
// A folder of garbage could make us write for minutes; nobody reads beyond that.
constexpr std::size_t kMostDiagnostics = 1000;

// The bytes of a regular file; more than `limit` when it has more. Throws Error{File}.
std::string bytes_of(const std::string& path, std::size_t limit) {
    // O_NONBLOCK: a FIFO in its place must not hold us up before we see that it is one.
    const os::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat found {};
    if (!file.valid() || ::fstat(file.get(), &found) != 0)
        throw_errno(ErrorCode::File, "reading it", errno);
    if (!S_ISREG(found.st_mode))
        throw Error(ErrorCode::File, "it is no regular file", "a migration is a file with SQL");
    std::string bytes;
    const auto expected = static_cast<std::size_t>(std::max<off_t>(found.st_size, 0));
    bytes.resize(std::min(expected, limit) + 1);
    std::size_t size = 0;
    while (size <= limit) {
        if (size == bytes.size()) bytes.resize(std::min(bytes.size() * 2, limit + 1));
        const ssize_t count = ::read(file.get(), bytes.data() + size, bytes.size() - size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw_errno(ErrorCode::File, "reading it", errno);
        if (count == 0) break;
        size += static_cast<std::size_t>(count);
    }
    bytes.resize(size);
    return bytes;
}

std::vector<std::size_t> line_starts_of(std::string_view text) {
    std::vector<std::size_t> starts{0};
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at))
        starts.push_back(++at);
    return starts;
}

// Of the first byte that is none of well-formed UTF-8, or a NUL; the size when there is none.
std::size_t first_bad_byte(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::string_view rest = text.substr(at);
        const std::size_t ascii = json::ascii_prefix(rest);
        if (const std::size_t nul = rest.substr(0, ascii).find('\0'); nul != rest.npos)
            return at + nul;
        at += ascii;
        if (at == text.size()) break;
        const std::size_t length = json::utf8_sequence(text.substr(at));
        if (length == 0) break;
        at += length;
    }
    return at;
}

runbook::Diagnostic at_place(std::string path, const SourceFile& file, std::size_t offset,
                             std::string message, std::string hint) {
    const runbook::Place place = file.place_of(offset);
    const std::string_view line = file.line(place.line);
    const bool shown = line.size() <= kLongestLine && json::is_utf8(line);
    return {.path = std::move(path),
            .place = place,
            .message = std::move(message),
            .hint = std::move(hint),
            .source_line = shown ? std::string(line) : std::string()};
}

}  // namespace

Reading::Reading(std::string path, const ReadOptions& options) : options_(options) {
    folder.path = std::move(path);
    while (folder.path.size() > 1 && folder.path.ends_with('/')) folder.path.pop_back();
    if (options.frozen != nullptr) {
        entries_ = frozen_in("");
        return;
    }
    std::error_code failed;
    const fs::file_status found = fs::status(folder.path, failed);
    if (found.type() == fs::file_type::not_found)
        throw Error(ErrorCode::NotFound, "there is no folder " + folder.path,
                    "name the folder that holds the migrations");
    if (failed) throw_errno(ErrorCode::File, "reading " + folder.path, failed.value());
    if (found.type() != fs::file_type::directory)
        throw Error(ErrorCode::File, folder.path + " is no folder",
                    "name the folder that holds the migrations");
    entries_ = list(folder.path);
}

std::vector<Entry> Reading::list(const std::string& path) const {
    std::vector<Entry> found;
    std::error_code failed;
    fs::directory_iterator at(path, failed);
    for (; !failed && at != fs::directory_iterator(); at.increment(failed)) {
        std::string name = at->path().filename().string();
        if (name.starts_with('.')) continue;
        if (found.size() == options_.most_files) {
            throw Error(ErrorCode::File,
                        path + " has more than " + std::to_string(options_.most_files) + " files",
                        "name the folder that holds the migrations");
        }
        std::error_code ignored;  // a link that leads nowhere is told when it is read
        found.push_back({.name = std::move(name), .is_folder = at->is_directory(ignored)});
    }
    if (failed) throw_errno(ErrorCode::File, "reading " + path, failed.value());
    std::ranges::sort(found, {}, &Entry::name);
    return found;
}

// `prefix` is empty or ends with a slash.
std::vector<Entry> Reading::frozen_in(const std::string& prefix) const {
    std::vector<Entry> found;
    for (const auto& [path, text] : *options_.frozen) {
        if (!path.starts_with(prefix) || path.size() == prefix.size()) continue;
        const std::string rest = path.substr(prefix.size());
        const std::size_t slash = rest.find('/');
        Entry entry{.name = rest.substr(0, slash), .is_folder = slash != std::string::npos};
        // Those of one folder stand together.
        if (entry.name.starts_with('.') || (!found.empty() && found.back().name == entry.name))
            continue;
        found.push_back(std::move(entry));
    }
    std::ranges::sort(found, {}, &Entry::name);
    return found;
}

std::string Reading::bytes(const std::string& name) const {
    if (options_.frozen == nullptr)
        return bytes_of(folder.path + "/" + name, options_.most_file_bytes);
    const auto found = options_.frozen->find(name);
    CHECK(found != options_.frozen->end());
    return found->second;
}

std::vector<Entry> Reading::entries_of(const std::string& name) const {
    if (options_.frozen != nullptr) return frozen_in(name + "/");
    return list(folder.path + "/" + name);
}

std::string Reading::shown(std::string_view name) const {
    return name.empty() ? folder.path : folder.path + "/" + json::to_utf8(name);
}

std::shared_ptr<const SourceFile> Reading::load(const std::string& name) {
    if (const auto known = loaded_.find(name); known != loaded_.end()) return known->second;
    auto file = std::make_shared<SourceFile>();
    file->path = name;
    bool good = true;
    try {
        file->text = bytes(name);
    } catch (const Error& error) {
        problem(name, error.message(),
                error.hint().empty() ? "look at its rights, and at where it leads if it is a link"
                                     : error.hint());
        good = false;
    }
    if (good && file->text.size() > options_.most_file_bytes) {
        problem(name, "it has more than " + std::to_string(options_.most_file_bytes) + " bytes",
                "cut it into several migrations");
        good = false;
    }
    file->line_starts = line_starts_of(file->text);
    good = good && is_text(*file);
    if (good) file->digest = crypto::sha256(file->text);
    return loaded_.emplace(name, good ? std::move(file) : nullptr).first->second;
}

bool Reading::is_text(const SourceFile& file) {
    const std::size_t bad = first_bad_byte(file.text);
    if (bad == file.text.size()) return true;
    const std::string at = " at byte " + std::to_string(bad);
    if (file.text[bad] == '\0') {
        problem(file, bad, "a NUL byte" + at,
                bad < 2 ? "it may be UTF-16: save the file as UTF-8"
                        : "no SQL holds one: take it away");
    } else {
        problem(file, bad, "no UTF-8" + at, "save the file as UTF-8");
    }
    return false;
}

void Reading::problem(const SourceFile& file, std::size_t offset, std::string message,
                      std::string hint) {
    told_.insert(file.path);
    if (problems_.size() >= kMostDiagnostics) return;
    problems_.push_back(
        at_place(shown(file.path), file, offset, std::move(message), std::move(hint)));
}

void Reading::problem(std::string_view name, std::string message, std::string hint) {
    told_.emplace(name);
    if (problems_.size() >= kMostDiagnostics) return;
    problems_.push_back({.path = shown(name),
                         .place = {},
                         .message = std::move(message),
                         .hint = std::move(hint),
                         .source_line = {}});
}

void Reading::note(const SourceFile& file, std::size_t offset, std::string message,
                   std::string hint) {
    if (folder.notes.size() >= kMostDiagnostics) return;
    folder.notes.push_back(
        at_place(shown(file.path), file, offset, std::move(message), std::move(hint)));
}

runbook::Diagnostics Reading::take_problems() {
    std::ranges::stable_sort(problems_, {}, [](const runbook::Diagnostic& problem) {
        return std::tie(problem.path, problem.place.line, problem.place.column);
    });
    return std::exchange(problems_, {});
}

}  // namespace drydock::migrate
