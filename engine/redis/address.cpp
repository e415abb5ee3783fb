#include "engine/redis/address.h"

#include <charconv>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "engine/error.h"

namespace drydock::redis {
namespace {

[[noreturn]] void no_address(const std::string& why) {
    throw Error(ErrorCode::Connection, why,
                "write redis: HOST, redis: /path/of/the.sock or "
                "redis: redis://user:password@host:port/database");
}

std::int64_t number(std::string_view digits, const std::string& what, std::int64_t largest) {
    std::int64_t parsed = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), parsed);
    if (error != std::errc() || end != digits.data() + digits.size() || parsed < 0 ||
        parsed > largest)
        no_address("the " + what + " is no number between 0 and " + std::to_string(largest));
    return parsed;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// RFC 3986: %2F and the like.
std::string decoded(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            plain += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0) no_address("the URL of the connection has a % that is no code");
        plain += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return plain;
}

bool take(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

void read_login(std::string_view login, Address& address) {
    const std::size_t colon = login.find(':');
    const std::string user = decoded(login.substr(0, colon));
    if (!user.empty()) address.user = Secret("user", user);
    if (colon != std::string_view::npos)
        address.password = Secret("password", decoded(login.substr(colon + 1)));
}

void read_host(std::string_view place, Address& address) {
    std::string_view port;
    if (place.starts_with('[')) {  // an IPv6 address
        const std::size_t end = place.find(']');
        if (end == std::string_view::npos) no_address("the URL of the connection has no host");
        port = place.substr(end + 1);
        address.host = place.substr(1, end - 1);
    } else {
        const std::size_t colon = place.find(':');
        if (colon != std::string_view::npos) port = place.substr(colon);
        address.host = decoded(place.substr(0, colon));
    }
    if (take(port, ":")) address.port = number(port, "port", 65535);
}

// True when the URL wants TLS.
bool read_url(std::string_view url, Address& address) {
    if (take(url, "unix://")) {
        address.socket = decoded(url);
        return false;
    }
    const bool tls = take(url, "rediss://");
    if (!tls && !take(url, "redis://"))
        no_address("the URL of the connection does not begin with redis://, rediss:// or unix://");
    if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) {
        read_login(url.substr(0, at), address);
        url.remove_prefix(at + 1);
    }
    const std::size_t slash = url.find('/');
    read_host(url.substr(0, slash), address);
    if (slash != std::string_view::npos && slash + 1 < url.size())
        address.database = number(url.substr(slash + 1), "database of the URL", 1 << 20);
    return tls;
}

void read_tls(const ConnectOptions& options, bool url_wants_it, Address& address) {
    std::string mode = options.tls;
    if (mode.empty()) mode = url_wants_it ? "verify-full" : "disable";
    if (mode == "disable") return;
    crypto::TlsClient::Options tls{.host = address.host, .ca_file = options.ca_file};
    if (mode == "require")
        tls.verify = crypto::TlsVerify::Nothing;
    else if (mode == "verify-ca")
        tls.verify = crypto::TlsVerify::Chain;
    else if (mode != "verify-full") {
        throw Error(ErrorCode::Connection, "tls: of a redis connection has no such value",
                    "disable, require, verify-ca or verify-full");
    }
    if (!address.socket.empty()) no_address("a socket in the file system has no TLS");
    address.tls = std::move(tls);
}

}  // namespace

std::string Address::shown() const {
    const bool v6 = host.find(':') != std::string::npos;
    const std::string place =
        socket.empty() ? (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port) : socket;
    return place + "/" + std::to_string(database);
}

std::string Address::canonical() const {
    Address same = *this;
    if (host == "127.0.0.1" || host == "::1") same.host = "localhost";
    if (!socket.empty()) {
        const std::unique_ptr<char, decltype(&std::free)> real(::realpath(socket.c_str(), nullptr),
                                                               &std::free);
        if (real != nullptr) same.socket = real.get();
    }
    return same.shown();
}

Address address_of(const ConnectOptions& options) {
    Address address;
    const std::string server = options.server ? options.server->reveal() : "localhost";
    bool url_wants_tls = false;
    if (server.find("://") != std::string::npos)
        url_wants_tls = read_url(server, address);
    else if (server.starts_with('/'))
        address.socket = server;
    else
        address.host = server;
    if (address.host.empty() && address.socket.empty()) address.host = "localhost";
    if (address.host.find('\0') != std::string::npos ||
        address.socket.find('\0') != std::string::npos)
        no_address("the host of the connection holds a zero byte");
    if (options.port < 0 || options.port > 65535)
        no_address("the port is no number between 0 and 65535");
    if (options.port > 0) address.port = options.port;
    if (options.database)
        address.database = number(options.database->reveal(), "database", 1 << 20);
    if (options.user) address.user = options.user;
    if (options.password) address.password = options.password;
    read_tls(options, url_wants_tls, address);
    return address;
}

}  // namespace drydock::redis
