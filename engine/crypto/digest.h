#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace drydock::crypto {

// A SHA-256 value (FIPS 180-4).
using Digest = std::array<std::uint8_t, 32>;

[[nodiscard]] Digest sha256(std::string_view bytes);

// SHA-256 of what comes in pieces. Not thread-safe.
class Sha256 final {
  public:
    Sha256();
    ~Sha256();
    void update(std::string_view bytes);
    [[nodiscard]] Digest finish();  // once

  private:
    struct State;
    std::unique_ptr<State> state_;
};

[[nodiscard]] Digest hmac_sha256(std::string_view key, std::string_view bytes);  // RFC 2104
// True when equal; the time does not depend on where they differ.
[[nodiscard]] bool equal_constant_time(std::string_view left, std::string_view right);

// What other programs keep and we compare with: they hold against accidents alone.
enum class Legacy : std::uint8_t { Md5, Sha1 };
[[nodiscard]] std::string legacy_hex(Legacy algorithm, std::string_view bytes);

[[nodiscard]] std::string to_hex(std::string_view bytes);
[[nodiscard]] std::string to_hex(const Digest& digest);
// RFC 4648 section 4, with padding.
[[nodiscard]] std::string to_base64(std::string_view bytes);
[[nodiscard]] std::string to_base64(const Digest& digest);
// Throws Error{Document} for anything that is not canonical base64 / hex.
[[nodiscard]] std::string from_base64(std::string_view text);
[[nodiscard]] std::string from_hex(std::string_view text);

}  // namespace drydock::crypto
