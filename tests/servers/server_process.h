#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

// How the tests' servers become processes.
namespace drydock::test {

// A port of the loopback that nobody listens on.
[[nodiscard]] int free_loopback_port();
// Starts `words` as the user `postgres` where this is root, for such servers refuse to be; output
// is appended to the file `output`. It ends with the test program.
[[nodiscard]] pid_t start_server_process(const std::vector<std::string>& words,
                                         const std::string& output);
// `path` belongs to that user then.
void give_to_server_user(const std::string& path);

}  // namespace drydock::test
