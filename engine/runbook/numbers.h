#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/value.h"

// Numbers in the texts and values of a runbook. Pure.
namespace drydock::runbook {

// The whole text is one, with or without a sign; nullopt when it is none or out of range.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

// An integer, or a number without a fraction that an integer holds exactly.
[[nodiscard]] std::optional<std::int64_t> whole_number(const Value& value);
[[nodiscard]] std::optional<double> any_number(const Value& value);

// What min and max compare: microseconds, bytes, or the number itself. Values that are compared are
// of one type.
[[nodiscard]] double magnitude(const Value& value);

}  // namespace drydock::runbook
