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

// An option as it is written: for completion and the manual.
struct OptionShape {
    std::vector<std::string> names;  // "-p", "--param"
    std::string value;               // "NAME=VALUE"; empty: it takes none
    std::string help;
};
[[nodiscard]] std::vector<OptionShape> options_of(const Command& command);
// Those that every command takes.
[[nodiscard]] std::vector<OptionShape> common_options();

// Reads the words after the program's name. Throws Error{Usage}.
[[nodiscard]] CommandLine read_command_line(const std::vector<std::string>& words);

}  // namespace drydock::cli
