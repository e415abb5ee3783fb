#pragma once

#include <string>
#include <string_view>

namespace drydock::crypto {

// What PostgreSQL stores for a password (pg_authid.rolpassword), so that it never sees the password
// itself: "SCRAM-SHA-256$4096:SALT$StoredKey:ServerKey", RFC 5803 with the keys of RFC 5802.
// `salt` has 16 random bytes. Error{Document} for a password with anything but printable ASCII: it
// would first have to be brought into one of several forms (RFC 4013), and servers differ in which.
[[nodiscard]] std::string scram_verifier(std::string_view password, std::string_view salt);

}  // namespace drydock::crypto
