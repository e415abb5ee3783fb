#pragma once

#include <string>
#include <vector>

#include "engine/cli/arguments.h"
#include "engine/cli/commands.h"

namespace drydock::cli {

struct CommandLine {
    const Command* command = nullptr;  // null: `text` is all there is to do
    Arguments arguments;
    std::string text;                  // help, when it was asked for
};

// Reads the words after the program's name. Throws Error{Usage}.
[[nodiscard]] CommandLine read_command_line(const std::vector<std::string>& words);

}  // namespace drydock::cli
