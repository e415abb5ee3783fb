#include "engine/backup/plain_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "engine/error.h"

namespace drydock::backup {

PlainReader::PlainReader(const std::string& path)
    : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) {
    struct stat found {};
    if (!fd_.valid() || ::fstat(fd_.get(), &found) != 0) {
        throw_errno(ErrorCode::File, "reading " + path, errno);
    }
    size_bytes_ = found.st_size;
}

std::string PlainReader::read(std::size_t limit_bytes) {
    std::string bytes(limit_bytes, '\0');
    std::size_t filled = 0;
    while (filled < limit_bytes) {
        const ssize_t got = ::read(fd_.get(), bytes.data() + filled, limit_bytes - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw_errno(ErrorCode::File, "reading " + path_, errno);
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
    return bytes;
}

PlainWriter::PlainWriter(const std::string& path)
    : path_(path),
      fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)) {
    if (!fd_.valid()) throw_errno(ErrorCode::File, "writing " + path, errno);
}

void PlainWriter::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::write(fd_.get(), bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) throw_errno(ErrorCode::File, "writing " + path_, errno);
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
}

void PlainWriter::finish() {
    if (::fsync(fd_.get()) != 0) throw_errno(ErrorCode::File, "writing " + path_, errno);
    fd_.reset();
}

void copy_bytes(Job& job, const std::string& from, const std::string& to) {
    PlainReader reader(from);
    PlainWriter writer(to);
    std::int64_t done = 0;
    for (std::string piece = reader.read(kPieceBytes); !piece.empty();
         piece = reader.read(kPieceBytes)) {
        writer.write(piece);
        done += static_cast<std::int64_t>(piece.size());
        job.progress(done, reader.size_bytes(), "bytes copied");
        job.check_stop();
    }
    writer.finish();
}

void sync_folder_of(const std::string& path) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    const os::UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid() || ::fsync(fd.get()) != 0)
        throw_errno(ErrorCode::File, "syncing " + folder, errno);
}

}  // namespace drydock::backup
