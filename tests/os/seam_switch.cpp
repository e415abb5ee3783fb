#include "tests/os/seam_switch.h"

#include <csignal>
#include <cstdlib>
#include <mutex>
#include <utility>

namespace drydock {
namespace {

constexpr const char* kVariable = "DRYDOCK_TEST_WITHOUT";
constexpr const char* kKillVariable = "DRYDOCK_TEST_KILL_AT";

// ",3," in the variable: number 3 is left out.
std::string listed(Protection protection) {
    return "," + std::to_string(static_cast<int>(protection)) + ",";
}

std::mutex g_mutex;
std::vector<std::string> g_passed;

}  // namespace

void kill_point(std::string_view name) {
    if (const KillWatch watch = kill_watch()) watch(name);
    if (const char* at = std::getenv(kKillVariable); at != nullptr && name == at) {
        ::raise(SIGKILL);
    }
    const std::lock_guard lock(g_mutex);
    g_passed.emplace_back(name);
}

bool protected_by(Protection protection) {
    const char* without = std::getenv(kVariable);
    if (without == nullptr) return true;
    const std::string list = without;
    return list.find(listed(protection)) == std::string::npos;
}

namespace test {

Without::Without(Protection protection) {
    if (const char* before = std::getenv(kVariable); before != nullptr) before_ = before;
    ::setenv(kVariable, (before_ + listed(protection)).c_str(), 1);
}

Without::~Without() {
    if (before_.empty()) {
        ::unsetenv(kVariable);
    } else {
        ::setenv(kVariable, before_.c_str(), 1);
    }
}

KillAt::KillAt(const std::string& name) { ::setenv(kKillVariable, name.c_str(), 1); }

KillAt::~KillAt() { ::unsetenv(kKillVariable); }

std::vector<std::string> take_kill_points() {
    const std::lock_guard lock(g_mutex);
    return std::exchange(g_passed, {});
}

}  // namespace test
}  // namespace drydock
