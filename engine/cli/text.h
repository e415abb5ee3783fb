#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/value.h"

// How numbers, times and columns look on a screen of 80 columns. Pure.
namespace drydock::cli {

// "02:41" of today, "Sat 02:41" within six days, else "2026-11-21 02:41"; local time.
[[nodiscard]] std::string moment(std::int64_t micros, std::int64_t now_micros);
// "0.3 s", "41 s", "6 min 5 s", "2 h 10 min", "3 d 4 h".
[[nodiscard]] std::string span(std::int64_t micros);
// "1,234,567".
[[nodiscard]] std::string grouped(std::int64_t number);
// "512 B", "4 KiB", "1.2 MiB": as exact as three digits are.
[[nodiscard]] std::string amount(std::int64_t bytes);

// Columns that `text` takes (code points; control characters count nothing).
[[nodiscard]] std::size_t columns(std::string_view text);
// At most `width` columns, "…" at the end when something was cut; line breaks become blanks.
[[nodiscard]] std::string fitted(std::string_view text, std::size_t width);
// Filled up with blanks.
[[nodiscard]] std::string padded(std::string_view text, std::size_t width);

// The lines of a text, without their line breaks.
[[nodiscard]] std::vector<std::string> lines_in(std::string_view text);
// `lead` and then the items, as many on a line as fit; further lines begin below the first item.
[[nodiscard]] std::vector<std::string> laid_out(const std::string& lead,
                                                const std::vector<std::string>& items,
                                                std::string_view between, std::size_t width);
// The same with the words of a text of sentences.
[[nodiscard]] std::vector<std::string> wrapped(const std::string& lead, std::string_view text,
                                               std::size_t width);

// Scalars of a map as "rows=3 bytes=12", for people.
[[nodiscard]] std::string in_short(const Value& value, std::size_t width);

// Rows with a heading, each column as wide as its widest cell; the column `flexible` gives way when
// the whole is wider than `width`.
struct Table {
    std::vector<std::string> head;
    std::vector<std::vector<std::string>> rows;
    std::size_t flexible = 0;
};
[[nodiscard]] std::vector<std::string> lines_of(const Table& table, std::size_t width);

}  // namespace drydock::cli
