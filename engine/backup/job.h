#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/files/confined.h"
#include "engine/value.h"

namespace drydock::backup {

// What the work of this room is done with: the files that the step may touch, and how to stop and
// tell. Lives as long as one call; used on the attempt's thread.
struct Job {
    files::Confined& files;
    std::string run;                   // id, for the manifest; may be empty
    std::function<void()> check_stop;  // throws to stop; called between pieces of long work
    // The same as a question, for SQLite to ask within a statement: must not throw. A statement
    // that it stopped ends in Error{Interrupted}.
    std::function<bool()> must_stop;
    std::function<void(std::int64_t done, std::int64_t total, std::string_view text)> progress;
    // What an operator should know but no result says; one line.
    std::function<void(std::string_view text)> warn;
};

}  // namespace drydock::backup
