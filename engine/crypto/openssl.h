#pragma once

#include <new>

namespace drydock::crypto {

// OpenSSL answers a call that makes something, and whose arguments are right, with "no" only for
// want of memory, and does not always say so itself (a digest's context: "initialization error").
// That is the world's failure, not ours. Calls that make nothing stay a CHECK.
inline void made(bool succeeded) {
    if (!succeeded) throw std::bad_alloc();
}

}  // namespace drydock::crypto
