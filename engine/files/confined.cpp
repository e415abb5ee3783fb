#include "engine/files/confined.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

#include "engine/crypto/digest.h"
#include "engine/error.h"
#include "engine/files/beneath.h"
#include "engine/files/codec.h"
#include "engine/files/glob.h"
#include "engine/files/transfer.h"
#include "engine/os/atomic_file.h"
#include "engine/os/random.h"
#include "engine/seam.h"

namespace drydock::files {
namespace {

constexpr int kPrivate = 0600;

struct stat stat_of(int fd, const std::string& path) {
    struct stat found {};
    if (::fstat(fd, &found) != 0) throw_errno(ErrorCode::File, path, errno);
    return found;
}

std::string kind_of(mode_t mode) {
    if (S_ISREG(mode)) return "file";
    if (S_ISDIR(mode)) return "folder";
    return S_ISLNK(mode) ? "link" : "other";
}

[[noreturn]] void not_regular(const std::string& path, mode_t mode) {
    throw Error(ErrorCode::File, path + " is not a regular file",
                S_ISDIR(mode) ? "it is a folder" : "devices, pipes and sockets are left alone");
}

// A descriptor for reading of the very file that `fd` (O_PATH) holds, whatever its name means now.
os::UniqueFd reopen(int fd, const std::string& path) {
    os::UniqueFd opened(
        ::open(("/proc/self/fd/" + std::to_string(fd)).c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened.valid()) refuse(path, errno);
    return opened;
}

// The name that the kernel has for an open file: no links left in it.
std::string path_of(int fd, const std::string& path) {
    std::array<char, PATH_MAX> real{};
    const ssize_t size =
        ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), real.data(), real.size());
    if (size < 0) refuse(path, errno);
    return {real.data(), static_cast<std::size_t>(size)};
}

void sync_folder(const Beneath::Place& place) {
    if (::fsync(place.folder.get()) != 0) {
        throw_errno(ErrorCode::File, "syncing the folder of " + place.path, errno);
    }
}

}  // namespace

struct Confined::Impl {
    Beneath beneath;
    const OpenDatabases& databases;
    std::function<void(std::int64_t, std::int64_t)> poll;

    void refuse_database(const std::string& path, const struct stat& found) const {
        const std::string label = databases.in_use(found.st_dev, found.st_ino);
        if (label.empty()) return;
        throw Error(
            ErrorCode::Permission, path + " is a database in use by " + label,
            "reading it as a file would drop the locks on it: use connections.NAME:backup(path)");
    }

    struct Source {
        std::string path;
        os::UniqueFd fd;
        struct stat about {};
    };
    // Looked at before it is opened: a pipe would block, a database would lose its locks.
    Source source(std::string_view path) {
        Source out{.path = beneath.absolute(path), .fd = {}};
        const os::UniqueFd held = beneath.open(path, O_PATH);
        out.about = stat_of(held.get(), out.path);
        if (!S_ISREG(out.about.st_mode)) not_regular(out.path, out.about.st_mode);
        refuse_database(out.path, out.about);
        out.fd = reopen(held.get(), out.path);
        return out;
    }

    // What is at a place now, the link itself if it is one; nothing when nothing is.
    std::optional<struct stat> look_at(const Beneath::Place& place) const {
        struct stat found {};
        if (::fstatat(place.folder.get(), place.name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT) return std::nullopt;
            refuse(place.path, errno);
        }
        refuse_database(place.path, found);
        return found;
    }

    // Where a file may be put: nothing there yet, a file or a link.
    Beneath::Place target(std::string_view path) {
        Beneath::Place place = beneath.place(path);
        const auto found = look_at(place);
        if (found && !S_ISREG(found->st_mode) && !S_ISLNK(found->st_mode)) {
            not_regular(place.path, found->st_mode);
        }
        return place;
    }

    void transform(Codec& codec, std::string_view from, std::string_view to) {
        const Source in = source(from);
        const Beneath::Place place = target(to);
        os::AtomicFile out(place.folder.get(), place.name, kPrivate);
        const Codec::Sink sink = [&out](std::string_view piece) { out.write(piece); };
        try {
            each_block(in.fd.get(), in.path, poll,
                       [&](std::string_view block) { codec.feed(block, sink); });
            codec.finish(sink);
        } catch (const Error& error) {
            throw error.in(in.path);
        }
        out.commit();
    }
};

Confined::Confined(std::vector<std::string> allowed, std::string working_folder,
                   const OpenDatabases& databases)
    : impl_(new Impl{Beneath(std::move(allowed), std::move(working_folder)), databases, {}}) {}

Confined::~Confined() = default;

std::string Confined::read(std::string_view path, std::size_t limit_bytes) {
    const Impl::Source in = impl_->source(path);
    std::string out;
    out.reserve(static_cast<std::size_t>(in.about.st_size));
    each_block(in.fd.get(), in.path, impl_->poll, [&](std::string_view block) {
        if (out.size() + block.size() > limit_bytes) {
            throw Error(ErrorCode::File,
                        in.path + " is larger than the " +
                            to_text(Size{static_cast<std::int64_t>(limit_bytes)}) +
                            " that are read",
                        "large files are copied and compressed, not read");
        }
        out += block;
    });
    return out;
}

void Confined::write(std::string_view path, std::string_view bytes, int mode) {
    const Beneath::Place place = impl_->target(path);
    os::AtomicFile out(place.folder.get(), place.name, mode);
    out.write(bytes);
    out.commit();
}

void Confined::write_pieces(std::string_view path, const std::function<void(const Pieces&)>& fill,
                            int mode) {
    const Beneath::Place place = impl_->target(path);
    os::AtomicFile out(place.folder.get(), place.name, mode);
    fill([&](std::string_view piece) { out.write(piece); });
    out.commit();
}

void Confined::copy(std::string_view from, std::string_view to) {
    const Impl::Source in = impl_->source(from);
    const Beneath::Place place = impl_->target(to);
    os::AtomicFile out(place.folder.get(), place.name, static_cast<int>(in.about.st_mode & 0777U));
    each_block(in.fd.get(), in.path, impl_->poll,
               [&](std::string_view block) { out.write(block); });
    out.commit();
}

void Confined::move(std::string_view from, std::string_view to) {
    const Beneath::Place source = impl_->beneath.place(from);
    const auto found = impl_->look_at(source);
    if (!found) refuse(source.path, ENOENT);
    const Beneath::Place target = impl_->beneath.place(to);
    (void)impl_->look_at(target);
    // What the new name promises must be there after a power failure too.
    if (S_ISREG(found->st_mode)) {
        const Impl::Source file = impl_->source(from);
        if (::fsync(file.fd.get()) != 0) {
            throw_errno(ErrorCode::File, "syncing " + file.path, errno);
        }
    }
    kill_point("file.before_rename");
    if (::renameat(source.folder.get(), source.name.c_str(), target.folder.get(),
                   target.name.c_str()) != 0) {
        if (errno != EXDEV || !S_ISREG(found->st_mode)) {
            throw_errno(ErrorCode::File, "moving " + source.path + " to " + target.path, errno);
        }
        copy(from, to);  // to another file system
        (void)remove(from);
        return;
    }
    kill_point("file.after_rename");
    sync_folder(target);
    sync_folder(source);
}

bool Confined::remove(std::string_view path) {
    const Beneath::Place place = impl_->beneath.place(path);
    const auto found = impl_->look_at(place);
    if (!found) return false;
    const bool is_folder = S_ISDIR(found->st_mode);
    if (!is_folder && !S_ISREG(found->st_mode) && !S_ISLNK(found->st_mode)) {
        not_regular(place.path, found->st_mode);
    }
    if (::unlinkat(place.folder.get(), place.name.c_str(), is_folder ? AT_REMOVEDIR : 0) != 0) {
        refuse(place.path, errno);
    }
    sync_folder(place);
    return true;
}

void Confined::mkdir(std::string_view path) { impl_->beneath.make_folders(path); }

std::vector<std::string> Confined::list(std::string_view folder) {
    return names_in(impl_->beneath.open(folder, O_RDONLY | O_DIRECTORY),
                    impl_->beneath.absolute(folder));
}

std::vector<std::string> Confined::glob(std::string_view pattern) {
    return files::glob(impl_->beneath, pattern);
}

Stat Confined::stat(std::string_view path) {
    const std::string where = impl_->beneath.absolute(path);
    const struct stat found = stat_of(impl_->beneath.open(path, O_PATH | O_NOFOLLOW).get(), where);
    return {.path = where,
            .kind = kind_of(found.st_mode),
            .size = Size{found.st_size},
            .modified = Timestamp{found.st_mtim.tv_sec * 1'000'000 + found.st_mtim.tv_nsec / 1000},
            .mode = static_cast<std::int64_t>(found.st_mode & 07777U)};
}

bool Confined::exists(std::string_view path) {
    return impl_->beneath.find(path, O_PATH | O_NOFOLLOW).has_value();
}

std::string Confined::sha256(std::string_view path) {
    const Impl::Source in = impl_->source(path);
    crypto::Sha256 digest;
    each_block(in.fd.get(), in.path, impl_->poll,
               [&](std::string_view block) { digest.update(block); });
    return crypto::to_hex(digest.finish());
}

void Confined::compress(std::string_view from, std::string_view to) {
    impl_->transform(*make_compressor(format_of(to)), from, to);
}

void Confined::decompress(std::string_view from, std::string_view to) {
    impl_->transform(*make_decompressor(format_of(from)), from, to);
}

Confined::Room Confined::room(std::string_view path) {
    const std::string where = impl_->beneath.absolute(path);
    struct statvfs found {};
    if (::fstatvfs(impl_->beneath.open(path, O_PATH).get(), &found) != 0) refuse(where, errno);
    const auto bytes = [&found](fsblkcnt_t blocks) {
        return Size{static_cast<std::int64_t>(blocks * found.f_frsize)};
    };
    return {.free = bytes(found.f_bavail), .total = bytes(found.f_blocks)};
}

std::string Confined::temp(std::string_view folder, std::string_view prefix) {
    const std::string where = impl_->beneath.absolute(folder);
    if (prefix.find_first_of(std::string_view("/\0", 2)) != std::string_view::npos) {
        throw Error(ErrorCode::File, "the prefix of a temporary file holds a slash");
    }
    const os::UniqueFd opened = impl_->beneath.open(folder, O_RDONLY | O_DIRECTORY);
    while (true) {
        const std::string name =
            std::string(prefix) + crypto::to_hex(os::system_random().bytes(6));
        const os::UniqueFd file(::openat(opened.get(), name.c_str(),
                                         O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, kPrivate));
        if (file.valid()) return (where == "/" ? "" : where) + "/" + name;
        if (errno != EEXIST) refuse(where + "/" + name, errno);
    }
}

std::string Confined::checked_path(std::string_view path, bool must_exist) {
    const std::string where = impl_->beneath.absolute(path);
    if (const auto held = impl_->beneath.find(path, O_PATH)) {
        const struct stat found = stat_of(held->get(), where);
        if (!S_ISREG(found.st_mode)) not_regular(where, found.st_mode);
        impl_->refuse_database(where, found);
        return path_of(held->get(), where);
    }
    if (must_exist) refuse(where, ENOENT);
    // A link that leads nowhere yet: who creates "through" it lands where it says.
    const Beneath::Place place = impl_->beneath.place(path);
    if (impl_->look_at(place)) refuse(where, ELOOP);
    const std::string folder = path_of(place.folder.get(), where);
    return (folder == "/" ? "" : folder) + "/" + place.name;
}

void Confined::set_poll(std::function<void(std::int64_t done, std::int64_t total)> poll) {
    impl_->poll = std::move(poll);
}

}  // namespace drydock::files
