#include "engine/seam.h"

namespace drydock {

void kill_point(std::string_view name) {
    if (const KillWatch watch = kill_watch()) watch(name);
}

bool protected_by(Protection /*protection*/) { return true; }

}  // namespace drydock
