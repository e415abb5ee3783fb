#pragma once

#include <optional>
#include <string_view>

#include "engine/execute/targets.h"
#include "engine/secret.h"
#include "engine/sql/open.h"

// Reading single settings of a connection, for whoever opens one.
namespace drydock::execute {

template <class T>
T setting_or(const ConnectionSettings& settings, std::string_view key, T otherwise) {
    const auto found = settings.find(key);
    if (found == settings.end()) return otherwise;
    const auto* held = found->second.find<T>();
    return held == nullptr ? otherwise : *held;
}

// Any text of a connection may come from a secret, and then stays one.
[[nodiscard]] std::optional<Secret> secret_setting(const ConnectionSettings& settings,
                                                   std::string_view key);
// `connect: {every, for}`.
[[nodiscard]] Microseconds connect_part(const ConnectionSettings& settings, std::string_view key,
                                        Microseconds otherwise);

[[nodiscard]] sql::PostgresSettings postgres_settings(const ConnectionSettings& settings);

// Where a runbook is tried out, every PostgreSQL connection leads to the server made for that,
// whatever it says of host, password and TLS.
struct PrivateServer {
    std::string socket_folder;  // empty: there is none
    std::int64_t port = 0;
    std::string superuser;
};
// The database, user and role that such a connection has there. Without a user it is the superuser,
// without a database that of the user's name.
[[nodiscard]] sql::PostgresNames private_names(const ConnectionSettings& settings,
                                               const PrivateServer& server);
// The settings that lead there; what they allow and how long they wait stays.
[[nodiscard]] ConnectionSettings led_to_private(const ConnectionSettings& settings,
                                                const PrivateServer& server);

}  // namespace drydock::execute
