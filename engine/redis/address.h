#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/crypto/tls.h"
#include "engine/secret.h"
#include "engine/value.h"

namespace drydock::redis {

// What a runbook says of a Redis connection. Any text of it may come from a secret.
struct ConnectOptions {
    // A host, the path of a socket, redis://[user:password@]host[:port][/database], the same as
    // rediss:// with TLS, or unix:///path.
    std::optional<Secret> server;
    std::int64_t port = 0;  // 0: the URL's, else 6379
    std::optional<Secret> database, user, password;
    std::string tls;      // disable, require, verify-ca, verify-full; empty: as the URL says
    std::string ca_file;  // PEM; empty: what the system trusts
    Microseconds connect_timeout{10'000'000};
    Microseconds command_timeout{0};  // 0: the step's time alone counts
};

// Where that leads. The password is in `password` only.
struct Address {
    std::string host;    // empty with a socket
    std::string socket;  // path
    std::int64_t port = 6379;
    std::int64_t database = 0;
    std::optional<Secret> user, password;
    std::optional<crypto::TlsClient::Options> tls;
    // "cache.example.com:6379/0", "/run/redis.sock/0": for messages, and the target's name.
    [[nodiscard]] std::string shown() const;
    // The same for every way of writing this machine.
    [[nodiscard]] std::string canonical() const;
};

// Throws Error{Connection} for what is no address; the message shows nothing of a URL.
[[nodiscard]] Address address_of(const ConnectOptions& options);

}  // namespace drydock::redis
