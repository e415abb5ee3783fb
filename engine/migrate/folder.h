#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "engine/migrate/migration.h"

namespace drydock::migrate {

struct ReadOptions {
    sql::Dialect dialect = sql::Dialect::Postgres;
    std::optional<Format> format;  // settles a folder that could be several
    // What goose's ENVSUB and Flyway's placeholders may be replaced by. Nothing else is: the
    // environment of the process is not looked at.
    std::map<std::string, std::string, std::less<>> variables;
    // The files themselves, by their path from the folder: what was frozen with a run. Without
    // them the disk is read.
    const std::map<std::string, std::string, std::less<>>* frozen = nullptr;
    std::size_t most_files = 100'000;             // of the folder, whatever they are
    std::size_t most_file_bytes = 64 << 20;       // one file
    std::size_t most_statement_bytes = 16 << 20;  // one statement, without its COPY data
};

struct ReadResult {
    std::optional<Folder> folder;   // absent when there are problems
    runbook::Diagnostics problems;  // every one that was found, by file and place
};

// Reads the migrations in the folder at `path`, whose format is told by looking: at the names
// first, then at the annotations within. Reads regular files only (through symbolic links), and no
// further folders but diesel's. Problems name files by `path` and their name. Throws Error{File}
// when the folder cannot be read, Error{NotFound} when there is none.
[[nodiscard]] ReadResult read_folder(const std::string& path, const ReadOptions& options);

}  // namespace drydock::migrate
