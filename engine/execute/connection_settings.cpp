#include "engine/execute/connection_settings.h"

#include <array>

namespace drydock::execute {

std::optional<Secret> secret_setting(const ConnectionSettings& settings, std::string_view key) {
    const auto found = settings.find(key);
    if (found == settings.end() || found->second.is_null()) return std::nullopt;
    if (const auto* secret = found->second.find<Secret>()) return *secret;
    return Secret(std::string(key), to_text(found->second));
}

Microseconds connect_part(const ConnectionSettings& settings, std::string_view key,
                          Microseconds otherwise) {
    const auto connect = settings.find("connect");
    const Value* found = connect == settings.end() ? nullptr : connect->second.member(key);
    const auto* given = found == nullptr ? nullptr : found->find<Duration>();
    return given == nullptr ? otherwise : given->length;
}

sql::PostgresSettings postgres_settings(const ConnectionSettings& settings) {
    sql::PostgresSettings made;
    made.server = secret_setting(settings, "postgres");
    made.port = setting_or(settings, "port", made.port);
    made.database = secret_setting(settings, "database");
    made.user = secret_setting(settings, "user");
    made.password = secret_setting(settings, "password");
    made.role = secret_setting(settings, "role");
    if (const auto tls = secret_setting(settings, "tls")) made.tls = tls->reveal();
    made.ca = setting_or(settings, "ca", made.ca);
    made.read_only = setting_or(settings, "read_only", false);
    made.receipts_schema = setting_or(settings, "receipts", made.receipts_schema);
    made.lock_timeout = setting_or(settings, "lock_timeout", Duration{made.lock_timeout}).length;
    made.statement_timeout =
        setting_or(settings, "statement_timeout", Duration{made.statement_timeout}).length;
    return made;
}

sql::PostgresNames private_names(const ConnectionSettings& settings, const PrivateServer& server) {
    sql::PostgresNames names = sql::names_of(postgres_settings(settings));
    if (names.user.empty()) names.user = server.superuser;
    if (names.database.empty()) names.database = names.user;
    return names;
}

ConnectionSettings led_to_private(const ConnectionSettings& settings, const PrivateServer& server) {
    constexpr std::array kKept{"role",        "read_only",    "receipts",
                               "min_version", "lock_timeout", "statement_timeout"};
    const sql::PostgresNames names = private_names(settings, server);
    ConnectionSettings led{{"postgres", server.socket_folder},
                           {"port", server.port},
                           {"database", names.database},
                           {"user", names.user},
                           {"tls", "disable"}};
    for (const char* key : kKept) {
        const auto found = settings.find(key);
        if (found != settings.end()) led.insert(*found);
    }
    return led;
}

}  // namespace drydock::execute
