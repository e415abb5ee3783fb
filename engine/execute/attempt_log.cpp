#include "engine/execute/attempt_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

#include "engine/crypto/digest.h"
#include "engine/error.h"
#include "engine/seam.h"

namespace drydock::execute {
namespace {

constexpr std::size_t kBlock = 1 << 16;

// The log is part of the record: when it cannot be written, the journal cannot either.
[[noreturn]] void fail(const std::string& path) {
    throw_errno(ErrorCode::Journal, "writing " + path, errno);
}

void write_all(int fd, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail(path);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

os::UniqueFd open_new(const std::string& path) {
    os::UniqueFd fd(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd.valid()) fail(path);
    return fd;
}

std::string tail_path(const std::string& path, int turn) {
    return path + ".tail" + std::to_string(turn);
}

LogEnd measure(const std::string& path) {
    const os::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd.valid()) return {};
    crypto::Sha256 hash;
    std::array<char, kBlock> block{};
    LogEnd end;
    for (;;) {
        const ssize_t got = ::read(fd.get(), block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        hash.update({block.data(), static_cast<std::size_t>(got)});
        end.bytes += got;
    }
    end.digest = crypto::to_base64(hash.finish());
    return end;
}

}  // namespace

AttemptLog::AttemptLog(std::string folder, std::string_view scope, std::int64_t attempt,
                       std::int64_t limit_bytes)
    : folder_(std::move(folder)),
      path_(folder_ + "/" + file_name(scope, attempt)),
      half_(limit_bytes / 2) {}

AttemptLog::~AttemptLog() = default;

std::string AttemptLog::file_name(std::string_view scope, std::int64_t attempt) {
    std::string name(scope);
    std::ranges::replace(name, '/', '.');
    return name + "." + std::to_string(attempt) + ".log";
}

void AttemptLog::open() {
    if (::mkdir(std::filesystem::path(folder_).parent_path().c_str(), 0700) != 0 && errno != EEXIST)
        fail(folder_);
    if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) fail(folder_);
    head_ = open_new(path_);
}

void AttemptLog::write(std::string_view line) {
    if (!head_.valid()) open();
    std::string bytes(line);
    bytes += '\n';
    total_bytes_ += static_cast<std::int64_t>(bytes.size());
    if (head_bytes_ < half_) {
        write_all(head_.get(), bytes, path_);
        head_bytes_ += static_cast<std::int64_t>(bytes.size());
    } else {
        write_tail(bytes);
    }
}

// Two files of a quarter of the limit each, by turns: at the end the newer one and the one before
// are the last bytes, without ever holding them in memory.
void AttemptLog::write_tail(std::string_view bytes) {
    if (!tail_.valid() || tail_bytes_ >= half_ / 2) {
        tail_turn_ = tail_.valid() ? 1 - tail_turn_ : 0;
        tail_ = open_new(tail_path(path_, tail_turn_));
        tail_bytes_ = 0;
    }
    write_all(tail_.get(), bytes, path_);
    tail_bytes_ += static_cast<std::int64_t>(bytes.size());
}

void AttemptLog::append_file(const std::string& path) {
    const os::UniqueFd from(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!from.valid()) return;
    std::array<char, kBlock> block{};
    for (;;) {
        const ssize_t got = ::read(from.get(), block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail(path);
        if (got == 0) break;
        write_all(head_.get(), {block.data(), static_cast<std::size_t>(got)}, path_);
    }
    ::unlink(path.c_str());
}

LogEnd AttemptLog::close() {
    if (!head_.valid()) return {};
    if (tail_.valid()) {
        std::int64_t kept = 0;
        for (const int turn : {0, 1}) {
            std::error_code missing;
            const auto size = std::filesystem::file_size(tail_path(path_, turn), missing);
            if (!missing) kept += static_cast<std::int64_t>(size);
        }
        write_all(head_.get(),
                  "[" + std::to_string(total_bytes_ - head_bytes_ - kept) + " bytes left out]\n",
                  path_);
        tail_.reset();
        append_file(tail_path(path_, 1 - tail_turn_));
        append_file(tail_path(path_, tail_turn_));
    }
    kill_point("log.before_sync");
    if (protected_by(Protection::LogSync) && ::fdatasync(head_.get()) != 0) fail(path_);
    head_.reset();
    return measure(path_);
}

LogEnd AttemptLog::found(const std::string& folder, std::string_view scope, std::int64_t attempt) {
    return measure(folder + "/" + file_name(scope, attempt));
}

}  // namespace drydock::execute
