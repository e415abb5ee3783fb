#include "tests/doubles/faulty_vfs.h"

#include <sqlite3.h>

#include <cstring>

namespace drydock::testing_doubles {
namespace {

struct Plan {
    std::int64_t done = 0, fail_at = 0;
    FaultyVfs::Fault fault = FaultyVfs::Fault::IoError;
    bool sticky = false;
};
Plan plan;

// Our file: SQLite's own follows behind it in the same allocation.
struct File {
    sqlite3_file base;
    sqlite3_file* real;
};

sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real; }

// 0: go on; otherwise the error to give.
int next(bool sync) {
    ++plan.done;
    const bool hit = plan.fail_at > 0 &&
                     (plan.done == plan.fail_at || (plan.sticky && plan.done > plan.fail_at));
    if (!hit) return SQLITE_OK;
    switch (plan.fault) {
        case FaultyVfs::Fault::DiskFull: return SQLITE_FULL;
        case FaultyVfs::Fault::FailedSync: return sync ? SQLITE_IOERR_FSYNC : SQLITE_OK;
        case FaultyVfs::Fault::IoError: break;
    }
    return sync ? SQLITE_IOERR_FSYNC : SQLITE_IOERR_WRITE;
}

int close(sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); }
int read(sqlite3_file* f, void* p, int n, sqlite3_int64 o) {
    return real(f)->pMethods->xRead(real(f), p, n, o);
}
int write(sqlite3_file* f, const void* p, int n, sqlite3_int64 o) {
    const int error = next(false);
    return error != SQLITE_OK ? error : real(f)->pMethods->xWrite(real(f), p, n, o);
}
int truncate(sqlite3_file* f, sqlite3_int64 n) {
    const int error = next(false);
    return error != SQLITE_OK ? error : real(f)->pMethods->xTruncate(real(f), n);
}
int sync(sqlite3_file* f, int flags) {
    const int error = next(true);
    return error != SQLITE_OK ? error : real(f)->pMethods->xSync(real(f), flags);
}
int size(sqlite3_file* f, sqlite3_int64* n) { return real(f)->pMethods->xFileSize(real(f), n); }
int lock(sqlite3_file* f, int l) { return real(f)->pMethods->xLock(real(f), l); }
int unlock(sqlite3_file* f, int l) { return real(f)->pMethods->xUnlock(real(f), l); }
int reserved(sqlite3_file* f, int* out) {
    return real(f)->pMethods->xCheckReservedLock(real(f), out);
}
int control(sqlite3_file* f, int op, void* arg) {
    return real(f)->pMethods->xFileControl(real(f), op, arg);
}
int sector(sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); }
int character(sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); }
int shm_map(sqlite3_file* f, int r, int n, int e, void volatile** p) {
    return real(f)->pMethods->xShmMap(real(f), r, n, e, p);
}
int shm_lock(sqlite3_file* f, int o, int n, int flags) {
    return real(f)->pMethods->xShmLock(real(f), o, n, flags);
}
void shm_barrier(sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); }
int shm_unmap(sqlite3_file* f, int d) { return real(f)->pMethods->xShmUnmap(real(f), d); }

const sqlite3_io_methods kMethods = {2,           close,     read,      write,   truncate,
                                     sync,        size,      lock,      unlock,  reserved,
                                     control,     sector,    character, shm_map, shm_lock,
                                     shm_barrier, shm_unmap, nullptr,   nullptr};

sqlite3_vfs* system_vfs() { return sqlite3_vfs_find("unix"); }

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
    auto* mine = reinterpret_cast<File*>(file);
    mine->real = reinterpret_cast<sqlite3_file*>(mine + 1);
    mine->base.pMethods = nullptr;
    const int result = system_vfs()->xOpen(system_vfs(), name, mine->real, flags, out);
    if (result == SQLITE_OK) mine->base.pMethods = &kMethods;
    return result;
}

}  // namespace

void FaultyVfs::install() {
    static sqlite3_vfs vfs;
    if (vfs.zName != nullptr) return;
    vfs = *system_vfs();
    vfs.zName = kName;
    vfs.pNext = nullptr;
    vfs.szOsFile += static_cast<int>(sizeof(File));
    vfs.xOpen = open;
    sqlite3_vfs_register(&vfs, 0);
}

void FaultyVfs::fail_at(std::int64_t n, Fault fault, bool sticky) { plan = {0, n, fault, sticky}; }
void FaultyVfs::never() { plan = {}; }
std::int64_t FaultyVfs::operations() { return plan.done; }

}  // namespace drydock::testing_doubles
