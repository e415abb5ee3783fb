#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/journal/journal.h"
#include "engine/value.h"

// How a journal is: what an operator asks who does not know what is wrong. Reads only, beside
// whoever writes; one journal at one moment.
namespace drydock::journal {

struct Health {
    std::int64_t schema = 0;  // 0: no schema yet, an empty file
    std::int64_t newest_schema = 0;
    std::string damage;           // what SQLite's quick check found first; empty: nothing
    bool looked_through = false;  // false: the quick check took longer than it may
    std::int64_t runs = 0;
    std::vector<RunRow> open;  // not ended, newest first
    std::vector<LockHolder> locks;
    std::vector<Request> requests;  // that nobody has answered yet, oldest first
    std::int64_t newest_time = 0;   // of any event, wall, microseconds; 0: there is none
};

// Throws as open_reader() does, and Error{Integrity} where a damaged file cannot even be read.
// `limit` is for the quick check alone.
[[nodiscard]] Health examine(const std::string& place, Microseconds limit);

// The version of the store's library, "3.40.1", and whether it has the fault that loses commits
// when two connections write and checkpoint at once. The journal is safe from it: all its writes
// and checkpoints are under one lock.
[[nodiscard]] std::string store_version();
[[nodiscard]] bool store_has_wal_fault(const std::string& version);

}  // namespace drydock::journal
