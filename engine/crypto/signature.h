#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/crypto/keys.h"

// Signatures: Ed25519 (RFC 8032, 5.1), deterministic, over the message itself.
namespace drydock::crypto {

using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

// The public half of a private key (its 32 byte seed).
[[nodiscard]] PublicKey public_key(const Key& seed);
[[nodiscard]] Signature sign(const Key& seed, std::string_view message);
// False for a signature of something else, by another key, or that is none.
[[nodiscard]] bool verify(const PublicKey& key, std::string_view message,
                          const Signature& signature);

}  // namespace drydock::crypto
