#pragma once

#include <string>
#include <vector>

#include "engine/seam.h"

// The test's own definitions of the seam: protections can be left out, and kill points are noted,
// or kill. The environment hands the choice on to programs that are started.
namespace drydock::test {

// Leaves `protection` out while it lives, beside what others leave out.
class Without final {
  public:
    explicit Without(Protection protection);
    ~Without();
    Without(const Without&) = delete;
    Without& operator=(const Without&) = delete;

  private:
    std::string before_;  // what was left out already
};

// While it lives, a process that passes kill point `name` is killed there.
class KillAt final {
  public:
    explicit KillAt(const std::string& name);
    ~KillAt();
    KillAt(const KillAt&) = delete;
    KillAt& operator=(const KillAt&) = delete;
};

// The kill points passed since the last call, in order.
[[nodiscard]] std::vector<std::string> take_kill_points();

}  // namespace drydock::test
