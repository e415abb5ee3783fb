#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/crypto/digest.h"
#include "engine/run/event.h"

// The bytes of an event and the chain over them.
//
//   line 1        prev = base64 SHA-256("drydock-run-v1\n" ‖ run)
//   line n        prev = base64 SHA-256(line n-1)
//   line.body          = base64 SHA-256(salt ‖ body bytes)
//
// A line is one JSON object without spaces, its fields in the order: v run seq prev time term actor
// kind [scope attempt] <fields of the kind> [body]. Fields that are empty, zero or false are left
// out (but seq, time and term). What is hashed are the stored bytes, never a re-serialisation.
namespace drydock::run {

inline constexpr std::int64_t kEventVersion = 1;

struct EncodedEvent {
    std::string line;
    std::string salt;                 // 16 bytes when there is a body
    std::optional<std::string> body;  // typed JSON
};

// Fills event.body_digest. `salt` is 16 random bytes, used when there is a body.
[[nodiscard]] EncodedEvent encode(Event& event, std::string_view salt);
// Reads a line, and its body where it is given. Throws Error{Integrity}: not a line, wrong version,
// unknown kind, body that does not match its digest.
[[nodiscard]] Event decode(std::string_view line, std::string_view salt,
                           const std::optional<std::string>& body);

// prev of a run's first line.
[[nodiscard]] std::string chain_start(std::string_view run);
// prev of the line after this one; also the "leaf" that answers to a wait name.
[[nodiscard]] std::string chain_next(std::string_view line);

}  // namespace drydock::run
