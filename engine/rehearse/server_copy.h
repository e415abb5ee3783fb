#pragma once

#include <string>

#include "engine/cancel.h"
#include "engine/rehearse/scratch.h"

namespace drydock::rehearse {

struct ServerCopy {
    std::int64_t bytes = 0;  // of the copy, as the server counts them
    Microseconds took{0};
};

// Copies the database of `original` as it is at one moment into `scratch`, by pg_dump into a file
// in `folder` and pg_restore; the original is only read. Owners and privileges are not copied.
// `guard_program` is that of CommandHost. Throws Error{Command} with what the programs say, also
// where the server is newer than they are.
[[nodiscard]] ServerCopy copy_database(const sql::PostgresSettings& original,
                                       const Scratch& scratch, const std::string& folder,
                                       const std::string& guard_program, Clock& clock,
                                       CancelToken& cancel);

}  // namespace drydock::rehearse
