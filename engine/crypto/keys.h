#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/secret.h"

namespace drydock::crypto {

// A key of 256 bits. Neither printable nor comparable; the bytes are wiped when it goes.
class Key final {
  public:
    static constexpr std::size_t kSizeBytes = 32;

    // `bytes` are exactly kSizeBytes; throws Error{Document} for another number.
    explicit Key(std::string_view bytes);
    ~Key();
    Key(const Key&) = default;
    Key& operator=(const Key&) = default;

    [[nodiscard]] const std::array<std::uint8_t, kSizeBytes>& bytes() const noexcept {
        return bytes_;
    }

  private:
    std::array<std::uint8_t, kSizeBytes> bytes_{};
};

struct HkdfInput {
    std::string_view material;  // what is secret
    std::string_view salt;      // may be empty
    std::string_view info;      // what the result is for
};

// HKDF-SHA256 (RFC 5869), `size_bytes` at most 8160. Throws Error{Lua} for more, or none.
[[nodiscard]] std::string hkdf_sha256(const HkdfInput& input, std::size_t size_bytes);

// The key for one `purpose` ("drydock backup") out of a secret, normally the content of a key file.
// Two purposes give unrelated keys. Throws Error{Document} for a secret under 16 bytes.
[[nodiscard]] Key key_from_secret(const Secret& secret, std::string_view purpose);

}  // namespace drydock::crypto
