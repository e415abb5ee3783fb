#pragma once

#include <functional>

#include "engine/cancel.h"
#include "engine/fetch/request.h"

// The HTTP client, over libcurl; with its neighbours the only includer of curl. What it never does,
// whatever the environment says: skip the verification of a certificate, take a proxy, a password
// or a cookie that nobody gave it, send a request twice.
namespace drydock::fetch {

// One request to one server, no redirect followed: what stands in for the network where a runbook
// is tried out.
using Ask = std::function<Exchange(const Request& request)>;

// Asks and waits for the whole answer, on this thread. Comes back within moments of
// cancel.stop_now(). Throws Error{Lua} for a request that check() refuses, and nothing else: what
// the network does is in the result.
//
// A GET or HEAD without body follows up to `redirects`. To another scheme, host or port go neither
// secret headers nor Authorization and Cookie; from https to http nothing goes.
//
// `ask`: instead of the network.
[[nodiscard]] Exchange exchange(const Request& request, CancelToken& cancel, const Ask& ask = {});

}  // namespace drydock::fetch
