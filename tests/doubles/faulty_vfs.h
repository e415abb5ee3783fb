#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace drydock::testing_doubles {

// A SQLite VFS over the system's that fails the n-th write, sync or truncate with an I/O error or a
// full disk, and counts them. The failed call does nothing, as an error from the kernel would.
// One per process, registered under kName at first use; not thread-safe.
class FaultyVfs {
  public:
    static constexpr const char* kName = "drydock-faulty";
    enum class Fault : std::uint8_t { IoError, DiskFull, FailedSync };

    static void install();
    // From now on: the `n`-th operation (from 1) fails, and, when `sticky`, all after it.
    static void fail_at(std::int64_t n, Fault fault, bool sticky);
    static void never();
    [[nodiscard]] static std::int64_t operations();
};

}  // namespace drydock::testing_doubles
