#pragma once

#include "engine/cancel.h"
#include "engine/fetch/request.h"

namespace drydock::fetch {

// One request to one server, no redirect followed: its one connection is made for it and closed
// after it, so that nothing is ever sent again behind our back on a connection that had died.
[[nodiscard]] Exchange transfer(const Request& request, CancelToken& cancel);

}  // namespace drydock::fetch
