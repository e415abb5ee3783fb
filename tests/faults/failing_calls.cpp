// Preloaded into a program (LD_PRELOAD): counts its system calls on files, and lets one fail.
//
//   DRYDOCK_FAULT=kind    eio, enospc, eintr, emfile, enomem (mmap) or short: which calls count,
//                         and how one fails; memory: malloc and its like answer with nothing
//   DRYDOCK_FAULT_NTH=n   the n-th of them fails; 0: none
//   DRYDOCK_FAULT_STAYS=1 and every later one too, as on a disk that is full or gone
//   DRYDOCK_FAULT_NOTE=p  the name of the call that failed is written to p, or at the end the count
//
// Only the program itself is meant, so its children do not inherit any of it. C library functions
// are called by their addresses, and nothing is allocated here.

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

namespace {

enum Group : unsigned {
    kOpen = 1,
    kRead = 2,
    kWrite = 4,
    kSync = 8,
    kRename = 16,
    kTruncate = 32,
    kClose = 64,
    kMake = 128,
    kRemove = 256,
    kMap = 512,
    kMemory = 1024
};

struct Kind {
    const char* name;
    int error;
    unsigned groups;
};
const Kind kKinds[] = {
    {"eio", EIO, kOpen | kRead | kWrite | kSync | kRename | kTruncate | kClose | kMake | kRemove},
    {"enospc", ENOSPC, kOpen | kWrite | kSync | kRename | kTruncate | kMake},
    {"eintr", EINTR, kOpen | kRead | kWrite},
    {"emfile", EMFILE, kOpen},
    {"enomem", ENOMEM, kMap},
    {"short", 0, kWrite},
    {"memory", ENOMEM, kMemory},
};

const Kind* g_kind = nullptr;
long g_nth = 0;
bool g_stays = false;
char g_note[4096];
std::atomic<long> g_count{0};
std::atomic<bool> g_noted{false};
std::atomic<bool> g_in_main{false};  // what is made before main() is no part of a run
int (*g_main)(int, char**, char**) = nullptr;

void note(const char* text) {
    if (g_note[0] == 0 || g_noted.exchange(true)) return;
    const long fd =
        syscall(SYS_openat, AT_FDCWD, g_note, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return;
    (void)!syscall(SYS_write, fd, text, strlen(text));
    syscall(SYS_close, fd);
}

const char* variable(const char* name) {
    const char* value = getenv(name);
    return value == nullptr ? "" : value;
}

__attribute__((constructor)) void begin() {
    for (const Kind& kind : kKinds)
        if (strcmp(variable("DRYDOCK_FAULT"), kind.name) == 0) g_kind = &kind;
    g_nth = atol(variable("DRYDOCK_FAULT_NTH"));
    g_stays = *variable("DRYDOCK_FAULT_STAYS") != 0;
    strncpy(g_note, variable("DRYDOCK_FAULT_NOTE"), sizeof g_note - 1);
    for (const char* name : {"LD_PRELOAD", "DRYDOCK_FAULT", "DRYDOCK_FAULT_NTH",
                             "DRYDOCK_FAULT_STAYS", "DRYDOCK_FAULT_NOTE"}) {
        unsetenv(name);
    }
}

int counted_main(int argc, char** argv, char** environment) {
    g_in_main = true;
    const int result = g_main(argc, argv, environment);
    g_in_main = false;
    char text[32];
    snprintf(text, sizeof text, "%ld", g_count.load());
    note(text);
    return result;
}

// True when this call is the one to fail; errno is set.
bool fails(Group group, const char* name) {
    if (!g_in_main || g_kind == nullptr || (g_kind->groups & group) == 0) return false;
    const long n = ++g_count;
    if (g_nth == 0 || n < g_nth || (n > g_nth && !g_stays)) return false;
    note(name);
    errno = g_kind->error;
    return true;
}

// Neither a pipe nor an eventfd has a disk behind it.
bool fails_on(int fd, Group group, const char* name) {
    struct stat found;
    if (fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) return false;
    return fails(group, name);
}

bool is_short() {
    return g_kind != nullptr && g_kind->error == 0;
}

// glibc's own allocator, under the names that it keeps for those who replace it.
extern "C" void* __libc_malloc(size_t);
extern "C" void* __libc_calloc(size_t, size_t);
extern "C" void* __libc_realloc(void*, size_t);
extern "C" void* __libc_memalign(size_t, size_t);

template <class Function>
Function next(const char* name) {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

#define NEXT(function) static const auto real = next<decltype(&function)>(#function)

extern "C" {

int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv, void (*init)(),
                      void (*fini)(), void (*rtld_fini)(), void* stack_end);

#define OPEN(function, ...)                     \
    mode_t mode = 0;                            \
    if ((flags & (O_CREAT | O_TMPFILE)) != 0) { \
        va_list rest;                           \
        va_start(rest, flags);                  \
        mode = va_arg(rest, mode_t);            \
        va_end(rest);                           \
    }                                           \
    NEXT(function);                             \
    if (fails(kOpen, "open")) return -1;        \
    return real(__VA_ARGS__, flags, mode)

int open(const char* path, int flags, ...) {
    OPEN(open, path);
}
int open64(const char* path, int flags, ...) {
    OPEN(open64, path);
}
int openat(int folder, const char* path, int flags, ...) {
    OPEN(openat, folder, path);
}
int openat64(int folder, const char* path, int flags, ...) {
    OPEN(openat64, folder, path);
}

ssize_t read(int fd, void* bytes, size_t size) {
    NEXT(read);
    return fails_on(fd, kRead, "read") ? -1 : real(fd, bytes, size);
}
ssize_t __read_chk(int fd, void* bytes, size_t size, size_t) {
    return read(fd, bytes, size);
}
ssize_t pread(int fd, void* bytes, size_t size, off_t at) {
    NEXT(pread);
    return fails_on(fd, kRead, "pread") ? -1 : real(fd, bytes, size, at);
}
ssize_t pread64(int fd, void* bytes, size_t size, off64_t at) {
    return pread(fd, bytes, size, at);
}
ssize_t write(int fd, const void* bytes, size_t size) {
    NEXT(write);
    if (!fails_on(fd, kWrite, "write")) return real(fd, bytes, size);
    return is_short() && size > 1 ? real(fd, bytes, size / 2)
           : is_short()           ? real(fd, bytes, size)
                                  : -1;
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
    NEXT(pwrite);
    if (!fails_on(fd, kWrite, "pwrite")) return real(fd, bytes, size, at);
    return is_short() && size > 1 ? real(fd, bytes, size / 2, at)
           : is_short()           ? real(fd, bytes, size, at)
                                  : -1;
}
// "fdatasync of journal.db-wal". Two that may fail without harm are named otherwise:
// "checkpoint of …", of a database with a log beside it: what is committed was synced in the log,
// and when moving it fails it stays there; "SQLite's look at …", of a folder: SQLite goes on when
// that fails (unixSync), and the files that it makes for us are synced by us, with fsync, after it.
const char* sync_of(const char* call, int fd) {
    static thread_local char label[512];
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t size = readlink(link, path, sizeof path - 8);
    if (size <= 0) return call;
    path[size] = 0;
    const char* slash = strrchr(path, '/');
    char name[256];
    snprintf(name, sizeof name, "%.200s", slash == nullptr ? path : slash + 1);
    strcpy(path + size, "-wal");
    const bool checkpoint = access(path, F_OK) == 0;
    struct stat what {};
    const bool of_sqlite = strcmp(call, "fdatasync") == 0 && fstat(fd, &what) == 0 &&
                           S_ISDIR(what.st_mode);
    if (checkpoint) call = "checkpoint";
    if (of_sqlite) call = "SQLite's look";
    snprintf(label, sizeof label, "%s of %s", call, name);
    return label;
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
    return pwrite(fd, bytes, size, at);
}
int fsync(int fd) {
    NEXT(fsync);
    return fails(kSync, sync_of("fsync", fd)) ? -1 : real(fd);
}
int fdatasync(int fd) {
    NEXT(fdatasync);
    return fails(kSync, sync_of("fdatasync", fd)) ? -1 : real(fd);
}
int rename(const char* from, const char* to) {
    NEXT(rename);
    return fails(kRename, "rename") ? -1 : real(from, to);
}
int renameat(int from_folder, const char* from, int to_folder, const char* to) {
    NEXT(renameat);
    return fails(kRename, "rename") ? -1 : real(from_folder, from, to_folder, to);
}
int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
    NEXT(renameat2);
    return fails(kRename, "rename") ? -1 : real(from_folder, from, to_folder, to, flags);
}
int ftruncate(int fd, off_t size) {
    NEXT(ftruncate);
    return fails(kTruncate, "ftruncate") ? -1 : real(fd, size);
}
int ftruncate64(int fd, off64_t size) {
    return ftruncate(fd, size);
}
// A close that fails has closed all the same.
int close(int fd) {
    NEXT(close);
    const bool failed = fails(kClose, "close");
    const int result = real(fd);
    if (!failed) return result;
    errno = g_kind->error;
    return -1;
}
int mkdir(const char* path, mode_t mode) {
    NEXT(mkdir);
    return fails(kMake, "mkdir") ? -1 : real(path, mode);
}
int mkdirat(int folder, const char* path, mode_t mode) {
    NEXT(mkdirat);
    return fails(kMake, "mkdir") ? -1 : real(folder, path, mode);
}
int unlink(const char* path) {
    NEXT(unlink);
    return fails(kRemove, "unlink") ? -1 : real(path);
}
int unlinkat(int folder, const char* path, int flags) {
    NEXT(unlinkat);
    return fails(kRemove, "unlink") ? -1 : real(folder, path, flags);
}
void* mmap64(void* at, size_t size, int protection, int flags, int fd, off64_t offset) {
    NEXT(mmap64);
    if (fd >= 0 && fails(kMap, "mmap")) return MAP_FAILED;
    return real(at, size, protection, flags, fd, offset);
}
void* mmap(void* at, size_t size, int protection, int flags, int fd, off_t offset) {
    return mmap64(at, size, protection, flags, fd, offset);
}

void* malloc(size_t size) {
    return fails(kMemory, "malloc") ? nullptr : __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
    return fails(kMemory, "calloc") ? nullptr : __libc_calloc(count, size);
}
void* realloc(void* block, size_t size) {
    return fails(kMemory, "realloc") ? nullptr : __libc_realloc(block, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
    return fails(kMemory, "aligned_alloc") ? nullptr : __libc_memalign(alignment, size);
}
int posix_memalign(void** block, size_t alignment, size_t size) {
    if (fails(kMemory, "posix_memalign")) return ENOMEM;
    *block = __libc_memalign(alignment, size);
    return *block == nullptr ? ENOMEM : 0;
}
int __libc_start_main(int (*main)(int, char**, char**), int argc, char** argv, void (*init)(),
                      void (*fini)(), void (*rtld_fini)(), void* stack_end) {
    NEXT(__libc_start_main);
    g_main = main;
    return real(counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}

}  // extern "C"
