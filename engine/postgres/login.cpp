#include "engine/postgres/login.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "engine/check.h"

namespace drydock::postgres {
namespace {

// A program that cannot reach the server should say so as soon as we would.
constexpr const char* kConnectSeconds = "10";

// Keywords that are not passed on: the password goes in a file; the next two are said below as the
// session found them; the encoding is a matter of ours, a dump is written in the database's.
constexpr std::array<std::string_view, 7> kNotPassed{
    "password", "host", "port", "passfile", "service", "client_encoding", "connect_timeout"};

std::string text_of(const char* text) {
    return text == nullptr ? std::string() : text;
}

// `:` and `\` part the fields of a password file.
std::string field(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (c == ':' || c == '\\') escaped += '\\';
        escaped += c;
    }
    return escaped;
}

std::string password_file(const pg_conn& connection, const std::string& host) {
    const std::string password = text_of(PQpass(&connection));
    if (password.empty()) return {};
    const std::string rest = ":" + text_of(PQport(&connection)) +
                             ":*:" + field(text_of(PQuser(&connection))) + ":" + field(password) +
                             "\n";
    std::string lines = field(host) + rest;
    // libpq calls the server's usual socket folder so when it looks into the file.
    if (host.starts_with('/')) lines += "localhost" + rest;
    return lines;
}

}  // namespace

Login login_of(pg_conn& connection) {
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfo(&connection), &PQconninfoFree);
    CHECK(options != nullptr);  // only without memory
    // Of several hosts, the one that answered.
    const std::string host = text_of(PQhost(&connection));
    Login login;
    login.environment = {{"PGHOST", host},
                         {"PGPORT", text_of(PQport(&connection))},
                         {"PGCONNECT_TIMEOUT", kConnectSeconds}};
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        const std::string value = text_of(option->val);
        if (value.empty() || option->envvar == nullptr) continue;
        if (std::ranges::find(kNotPassed, option->keyword) != kNotPassed.end()) continue;
        login.environment.emplace_back(option->envvar, value);
    }
    login.password_file = password_file(connection, host);
    return login;
}

}  // namespace drydock::postgres
