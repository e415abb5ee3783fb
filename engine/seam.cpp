#include "engine/seam.h"

namespace drydock {

void kill_point(std::string_view /*name*/) {}

bool protected_by(Protection /*protection*/) { return true; }

}  // namespace drydock
