#pragma once

#include <string>
#include <string_view>

#include "engine/crypto/keys.h"

namespace drydock::crypto {

// Sealed text, AES-256-GCM (NIST SP 800-38D):
//
//   | nonce, 12 random bytes | ciphertext, as long as the plain text | tag, 16 bytes |
//
// `associated` is not contained but authenticated: what opens must name the same. Random nonces
// allow 2^32 seals under one key before two of them may meet.
inline constexpr std::size_t kSealOverheadBytes = 28;

[[nodiscard]] std::string seal(const Key& key, std::string_view plain, std::string_view associated);

// Throws Error{Integrity} when the text was altered, is cut, or belongs to another key or
// `associated`; nothing of the plain text is given out then.
[[nodiscard]] std::string open(const Key& key, std::string_view sealed,
                               std::string_view associated);

}  // namespace drydock::crypto
