#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Texts of users in a document that others read: nothing in them may become markup, and nothing
// that cannot be seen may change how the rest is seen. Control characters, and those that turn the
// direction of writing or hide, are shown as ⟨U+202E⟩. What is not UTF-8 becomes U+FFFD. Pure.
namespace drydock::report {

// As text or as the value of a quoted attribute.
[[nodiscard]] std::string html_text(std::string_view text);
// Within a line or a cell of a table; line breaks become blanks.
[[nodiscard]] std::string markdown_text(std::string_view text);

// "2026-11-21 02:41:07", "02:41:07" of the same day as `day`; local time.
[[nodiscard]] std::string moment(std::int64_t micros);
[[nodiscard]] std::string moment(std::int64_t micros, std::int64_t day);
// The zone of moment(): "UTC", "+0100".
[[nodiscard]] std::string zone(std::int64_t micros);
// "0.3 s", "41 s", "6 min 5 s", "2 h 10 min".
[[nodiscard]] std::string span(std::int64_t micros);

}  // namespace drydock::report
