#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "docs/markdown.h"

// Runs what a document shows, and compares what comes out with what the document says.
//
//   ```console                     in one shell, in a folder of its own, the program on its PATH
//   $ drydock runs                 a command; one that goes on ends each line with a backslash
//   run       status               what it prints, both streams as they come
//   …                              any number of lines; within a line any text
//   $ echo $?                      must follow a command that does not end with 0
//   ```
namespace drydock::docs {

struct Command {
    std::string text;
    std::vector<std::string> expected;
    std::size_t line = 0;  // in the document
};

struct Answer {
    std::vector<std::string> lines;
    int status = 0;
};

// The commands of a console block. Throws std::runtime_error when it begins with no command.
[[nodiscard]] std::vector<Command> commands_of(const Block& block);

// All commands of a document, in one shell with `folder` as its working folder and home.
// `program`'s folder comes first on PATH. An answer for each command that was reached.
[[nodiscard]] std::vector<Answer> run_commands(const std::vector<Command>& commands,
                                               const std::filesystem::path& folder,
                                               const std::filesystem::path& program);

// What is wrong with the answer, or nothing.
[[nodiscard]] std::optional<std::string> difference(const std::vector<std::string>& expected,
                                                    const std::vector<std::string>& lines);

}  // namespace drydock::docs
