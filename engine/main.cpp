#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>

#include "engine/cli/dispatch.h"
#include "engine/cli/version.h"
#include "engine/error.h"
#include "engine/os/command_host.h"
#include "engine/os/process.h"

namespace {

// `drydock --guard FD` is the second process that looks after a run's commands
// (os/command_host.h): it must be small and early, before anything else is made. `--version` is
// asked by scripts in loops.
int run(int argc, char** argv) {
    if (argc == 3 && std::strcmp(argv[1], "--guard") == 0)
        return drydock::os::guard_main(std::atoi(argv[2]));
    drydock::os::fill_standard_streams();
    ::umask(077);
    if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {
        constexpr std::string_view kVersion = drydock::cli::kVersion;
        const bool said = ::write(STDOUT_FILENO, kVersion.data(), kVersion.size()) >= 0 &&
                          ::write(STDOUT_FILENO, "\n", 1) == 1;
        return said ? 0 : 1;
    }
    return drydock::cli::dispatch({argv + 1, argv + argc});
}

}  // namespace

// What dispatch() cannot say any more: there was not even room for the command line.
int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const drydock::Error& error) {
        std::fprintf(stderr, "drydock: %s\n", error.message().c_str());
        return drydock::exit_status(error.code());
    } catch (const std::bad_alloc&) {
        std::fputs("drydock: there is not enough memory\n", stderr);
        return 1;
    }
}
