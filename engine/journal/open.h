#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/journal/journal.h"

namespace drydock::journal {

struct OpenOptions {
    std::string place;   // a path, "sqlite:PATH", later "postgres://…"
    std::string uuid;    // 16 random bytes for a journal that is made
    Owner self;          // this process
    std::function<std::int64_t()> now;  // wall clock, microseconds
    std::function<void(const std::string& path)> on_create;  // told when a journal is made
};

// Opens the journal for writing; makes it, with its folder (0700), when there is none. Refuses one
// that others could read or change, one on a network file system, a full disk. Error{Journal}.
[[nodiscard]] std::unique_ptr<Journal> open(const OpenOptions& options);

// Opens for reading. Error{NotFound} when there is none, Error{Journal} for one on a read-only
// medium: without its shared memory SQLite would show it without its newest commits.
[[nodiscard]] std::unique_ptr<JournalReader> open_reader(const std::string& place);

// The file behind a place, absolute: what `connections:` must not name.
[[nodiscard]] std::string path_of(const std::string& place);

}  // namespace drydock::journal
