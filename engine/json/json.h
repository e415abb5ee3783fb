#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/value.h"

// JSON text and Value. Two dialects: plain (what users read: quantities as text) and typed (what
// the journal and receipts keep: every Value comes back as it was).
namespace drydock::json {

struct ReadLimits {
    std::size_t bytes = 1 << 20;
    int depth = 64;
    // A byte of text may become forty of memory: where a text comes from a script, both count.
    std::size_t values = SIZE_MAX;
};

// Parses one JSON document. Throws Error{Document} with the byte offset. Integers that fit int64
// stay integers; duplicate keys are an error; objects become maps.
[[nodiscard]] Value parse(std::string_view text, const ReadLimits& limits = {});

// Compact, keys sorted, doubles as shortest round trip, UTF-8 checked: bytes that are none are
// written as U+FFFD. Throws Error{Lua} for NaN and infinities. Secrets are written as their
// placeholder; durations, sizes, timestamps as text ("50ms", "1.5GiB", ISO 8601).
[[nodiscard]] std::string write(const Value& value);
// The same over several lines, two spaces per level.
[[nodiscard]] std::string write_pretty(const Value& value);

// The typed dialect. What JSON cannot say is an object with one key that begins with `$`:
// {"$duration": micros} {"$size": bytes} {"$timestamp": micros} {"$bytes": base64}
// {"$secret": name}; a map that happens to look like that is wrapped in {"$map": {…}}.
// A Secret is written by name only and reads back as a Secret without text. Throws Error{Lua} also
// for a key that is not UTF-8 and for what is nested too deep to be read again.
[[nodiscard]] std::string write_typed(const Value& value);
[[nodiscard]] Value parse_typed(std::string_view text,
                                const ReadLimits& limits = {.bytes = 8 << 20, .depth = 80});

// True when `text` is well-formed UTF-8 (RFC 3629).
[[nodiscard]] bool is_utf8(std::string_view text);
// `text` with each malformed byte replaced by U+FFFD.
[[nodiscard]] std::string to_utf8(std::string_view text);

}  // namespace drydock::json
