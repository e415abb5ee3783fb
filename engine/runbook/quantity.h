#pragma once

#include <optional>
#include <string_view>

#include "engine/value.h"

// The texts that users write for quantities. nullopt: the text is none, or out of range.
namespace drydock::runbook {

// "50ms", "30s", "1h30m", "90d": numbers (whole or with a decimal fraction) with the units us ms s
// m h d w, the larger first, each once. What users write is 0s or 50ms to 365d.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);
// True when `duration` is within what a runbook may ask for.
[[nodiscard]] bool in_range(Duration duration);

// "512KiB", "1.5GiB", "0B": a number and one of B KiB MiB GiB TiB.
[[nodiscard]] std::optional<Size> parse_size(std::string_view text);
[[nodiscard]] bool in_range(Size size);  // 0B to 10GiB

// ISO 8601 with date, time and zone: "2026-11-21T02:00:00Z", "2026-11-21 02:00+01:00", seconds with
// up to six decimals. A time without a zone is none: it would mean another moment on another
// machine.
[[nodiscard]] std::optional<Timestamp> parse_timestamp(std::string_view text);

}  // namespace drydock::runbook
