// The seam of the program `drydock_crash`, steered by the environment:
//   DRYDOCK_KILL_NTH=n      SIGKILL at the n-th kill point that this process passes
//   DRYDOCK_KILL_AT=name#n  SIGKILL at the n-th pass of that one
//   DRYDOCK_KILL_LOG=path   the name of each kill point that is passed, a line each
//   DRYDOCK_WITHOUT=a,b     these protections are left out

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <map>
#include <string>

#include "engine/seam.h"

namespace drydock {
namespace {

constexpr std::array kNames{"write_lock",       "owner_lock",        "receipt",
                            "effect_record",    "once_record",       "guard",
                            "guard_lock",       "open_databases",    "confinement",
                            "transaction_kept", "first_error_stops", "log_sync",
                            "journal_sync",     "ledger_seal",       "signer_memory",
                            "journal_look",     "record_redaction",  "tls_verification",
                            "token_origin"};

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

}  // namespace

void kill_point(std::string_view name) {
    if (const KillWatch watch = kill_watch()) watch(name);
    static const std::string log = variable("DRYDOCK_KILL_LOG");
    static const std::string at = variable("DRYDOCK_KILL_AT");
    static const int nth = std::atoi(variable("DRYDOCK_KILL_NTH").c_str());
    static int passed = 0;
    static std::map<std::string, int, std::less<>> passes;
    ++passed;
    const int times = ++passes[std::string(name)];
    if (!log.empty()) {
        const int fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        const std::string line = std::string(name) + "\n";
        if (fd >= 0 && ::write(fd, line.data(), line.size()) < 0) std::abort();
        ::close(fd);
    }
    if (passed == nth || at == std::string(name) + "#" + std::to_string(times)) ::raise(SIGKILL);
}

bool protected_by(Protection protection) {
    static const std::string without = "," + variable("DRYDOCK_WITHOUT") + ",";
    const std::string name = kNames.at(static_cast<std::size_t>(protection));
    return without.find("," + name + ",") == std::string::npos;
}

}  // namespace drydock
