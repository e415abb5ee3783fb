#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/redis/server.h"

// A Redis server's data as a file, asked for as a replica asks for it (SYNC): no access to the
// server's disk is needed, and what comes is one moment's state.
namespace drydock::redis {

struct Snapshot {
    std::int64_t bytes = 0;
    std::string sha256;        // hex
    bool checksummed = false;  // the server's own checksum was there, and right
};

// Streams a snapshot into the file `path`, which appears whole or not at all, readable by its owner
// only. `poll` is called with the bytes so far and may throw to stop. The user needs the rights to
// SYNC and REPLCONF. Errors: Error{Permission}, {Connection, Timeout}; Error{File} for the file;
// Error{Check} when what came is no snapshot or its checksum is wrong.
[[nodiscard]] Snapshot save_snapshot(Server& server, const std::string& path,
                                     const std::function<void(std::int64_t bytes)>& poll);

// The checksum at the end of a snapshot: CRC-64 of Jones, reflected, from `so_far` on (0 at first).
[[nodiscard]] std::uint64_t crc64(std::uint64_t so_far, std::string_view bytes);

}  // namespace drydock::redis
