#pragma once

#include <cstddef>
#include <string_view>

namespace drydock::json {

// The length of the well-formed UTF-8 sequence at the beginning of `text` (RFC 3629: shortest form,
// no surrogates, at most U+10FFFF); 0 when there is none. `text` is not empty.
[[nodiscard]] std::size_t utf8_sequence(std::string_view text) noexcept;

// How many bytes at the beginning of `text` are ASCII. Looks at eight at a time, because nearly
// everything that the journal holds is.
[[nodiscard]] std::size_t ascii_prefix(std::string_view text) noexcept;

inline constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

}  // namespace drydock::json
