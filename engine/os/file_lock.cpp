#include "engine/os/file_lock.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#include "engine/check.h"
#include "engine/clock.h"
#include "engine/error.h"

namespace drydock::os {
namespace {

UniqueFd open_lock_file(const std::string& path, int further_flags) {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | further_flags, 0600));
    if (!fd.valid() && !(errno == ENOENT && (further_flags & O_CREAT) == 0)) {
        throw_errno(ErrorCode::File, "opening " + path, errno);
    }
    return fd;
}

// False when `path` now names another file than the open one, or none.
bool still_at_its_path(int fd, const std::string& path) {
    struct stat opened {};
    struct stat named {};
    if (::fstat(fd, &opened) != 0) throw_errno(ErrorCode::File, "looking at " + path, errno);
    if (::stat(path.c_str(), &named) != 0) {
        if (errno == ENOENT) return false;
        throw_errno(ErrorCode::File, "looking at " + path, errno);
    }
    return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

// Ends the calling thread's blocking system call when the time is over. The signal may come just
// before that call begins and be lost, so it is repeated until this object goes.
class Interrupter {
  public:
    explicit Interrupter(Microseconds wait) : thread_([this, wait, caller = pthread_self()] {
        std::unique_lock lock(mutex_);
        if (done_.wait_for(lock, wait, [this] { return over_; })) return;
        do {
            pthread_kill(caller, SIGURG);
        } while (!done_.wait_for(lock, std::chrono::milliseconds(1), [this] { return over_; }));
    }) {}
    ~Interrupter() {
        {
            const std::lock_guard lock(mutex_);
            over_ = true;
        }
        done_.notify_one();
    }
    Interrupter(const Interrupter&) = delete;
    Interrupter& operator=(const Interrupter&) = delete;

    // An ignored signal interrupts nothing: there must be a handler, and it must not restart.
    static void install_handler() {
        static const bool installed = [] {
            struct sigaction action {};
            action.sa_handler = [](int) {};
            return ::sigaction(SIGURG, &action, nullptr) == 0;
        }();
        CHECK(installed);
    }

  private:
    std::mutex mutex_;
    std::condition_variable done_;
    bool over_ = false;
    std::jthread thread_;  // last: it uses what stands above
};

int operation(LockMode mode) { return mode == LockMode::Shared ? LOCK_SH : LOCK_EX; }

struct flock one_byte(std::int64_t byte, short type) {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    lock.l_start = byte;
    lock.l_len = 1;
    return lock;
}

}  // namespace

FileLock::FileLock(std::string path) : path_(std::move(path)) { open(); }

void FileLock::open() { fd_ = open_lock_file(path_, O_CREAT); }

bool FileLock::acquire(LockMode mode, Microseconds limit) {
    CHECK(!held_);
    const Microseconds until = system_clock().boot() + limit;
    while (lock(mode, until)) {
        if (still_at_its_path(fd_.get(), path_)) {
            held_ = true;
            if (mode == LockMode::Exclusive) write_pid();
            return true;
        }
        open();  // closing the replaced file unlocks it
    }
    return false;
}

bool FileLock::lock(LockMode mode, Microseconds until) {
    if (::flock(fd_.get(), operation(mode) | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK) throw_errno(ErrorCode::File, "locking " + path_, errno);
    const Microseconds wait = until - system_clock().boot();
    if (wait <= Microseconds::zero()) return false;

    Interrupter::install_handler();
    const Interrupter interrupter(wait);
    while (::flock(fd_.get(), operation(mode)) != 0) {
        if (errno != EINTR) throw_errno(ErrorCode::File, "locking " + path_, errno);
        if (system_clock().boot() >= until) return false;
    }
    return true;
}

void FileLock::release() {
    CHECK(held_);
    held_ = false;
    if (::flock(fd_.get(), LOCK_UN) != 0) throw_errno(ErrorCode::File, "unlocking " + path_, errno);
}

void FileLock::write_pid() {
    // Reading is much cheaper than dirtying a page, and mostly it was we who held it last.
    const int pid = ::getpid();
    if (holder_pid() == pid) return;
    const std::string text = std::to_string(pid) + "\n";
    if (::ftruncate(fd_.get(), 0) != 0) return;
    // For messages only; a full disk must not keep anybody from locking.
    [[maybe_unused]] const ssize_t written = ::pwrite(fd_.get(), text.data(), text.size(), 0);
}

std::optional<int> FileLock::holder_pid() const {
    std::array<char, 16> text{};
    const ssize_t size = ::pread(fd_.get(), text.data(), text.size(), 0);
    if (size <= 0) return std::nullopt;
    int pid = 0;
    const auto result = std::from_chars(text.data(), text.data() + size, pid);
    return result.ec == std::errc() && pid > 0 ? std::optional(pid) : std::nullopt;
}

std::optional<ByteLock> ByteLock::try_acquire(const std::string& path, std::int64_t byte) {
    while (true) {
        UniqueFd fd = open_lock_file(path, O_CREAT);
        struct flock lock = one_byte(byte, F_WRLCK);
        if (::fcntl(fd.get(), F_OFD_SETLK, &lock) != 0) {
            if (errno == EAGAIN || errno == EACCES) return std::nullopt;
            throw_errno(ErrorCode::File, "locking " + path, errno);
        }
        if (still_at_its_path(fd.get(), path)) return ByteLock(std::move(fd));
    }
}

bool ByteLock::is_held(const std::string& path, std::int64_t byte) {
    const UniqueFd fd = open_lock_file(path, 0);
    if (!fd.valid()) return false;
    struct flock lock = one_byte(byte, F_WRLCK);
    if (::fcntl(fd.get(), F_OFD_GETLK, &lock) != 0) {
        throw_errno(ErrorCode::File, "asking for the lock on " + path, errno);
    }
    return lock.l_type != F_UNLCK;
}

}  // namespace drydock::os
