#include "engine/cli/dispatch.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>
#include <system_error>

#include "engine/check.h"
#include "engine/cli/assemble.h"
#include "engine/cli/command_line.h"
#include "engine/cli/complete.h"

namespace drydock::cli {
namespace {

constexpr int kExitNoMemory = 1;

int execute(const CommandLine& line) {
    Assembly assembly(line.arguments);
    try {
        if (line.command->needs != Needs::Nothing) (void)assembly.settings();
        if (line.command->needs == Needs::Reader) (void)assembly.reader();
        return line.command->execute(assembly, line.arguments);
    } catch (const Error& error) {
        assembly.output().error(error);
        return exit_status(error.code());
    }
}

int no_memory() {
    std::fputs("drydock: there is not enough memory\n"
               "hint: what is durable is kept: drydock resume last goes on from there\n",
               stderr);
    return kExitNoMemory;
}

// Before the command line is read, whether errors are wanted as JSON can only be guessed.
Output early_output(const std::vector<std::string>& words) {
    return Output({.json = std::ranges::find(words, "--json") != words.end()});
}

}  // namespace

int dispatch(const std::vector<std::string>& words) noexcept {
    try {
        // Asked by shells at each press of a key: no word of it may be refused.
        if (!words.empty() && words.front() == kCompleteWord)
            return complete({words.begin() + 1, words.end()});
        CommandLine line;
        try {
            line = read_command_line(words);
        } catch (const Error& error) {
            early_output(words).error(error);
            return exit_status(error.code());
        }
        if (line.command != nullptr) return execute(line);
        Output({}).text(line.text);
        return 0;
    } catch (const std::bad_alloc&) {
        return no_memory();
    } catch (const std::exception& error) {
        // The standard library's own files say it in their way.
        const auto* system = dynamic_cast<const std::system_error*>(&error);
        if (system != nullptr && system->code() == std::errc::not_enough_memory)
            return no_memory();
        // Nothing of ours is thrown as anything but Error: this is a bug.
        early_output(words).note(std::string("bug: ") + error.what());
        return kExitBug;
    }
}

}  // namespace drydock::cli
