#include "engine/postgres/connect.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "engine/check.h"

namespace drydock::postgres {
namespace {

constexpr const char* kSystemCertificates = "/etc/ssl/certs/ca-certificates.crt";

bool is_url(std::string_view server) {
    return server.starts_with("postgres://") || server.starts_with("postgresql://");
}

// Keywords and values for libpq; the values live as long as this.
class Keywords final {
  public:
    void add(const char* keyword, const std::string& value) {
        if (!value.empty()) all_.emplace_back(keyword, value);
    }
    void add(const char* keyword, const std::optional<Secret>& value) {
        if (value) add(keyword, value->reveal());
    }
    [[nodiscard]] pg_conn* start() const {
        std::vector<const char*> names, values;
        for (const auto& [name, value] : all_) {
            names.push_back(name);
            values.push_back(value.c_str());
        }
        names.push_back(nullptr);
        values.push_back(nullptr);
        // 1: a URL given as `dbname` is taken apart; what stands after it wins.
        return PQconnectStartParams(names.data(), values.data(), 1);
    }

  private:
    std::vector<std::pair<const char*, std::string>> all_;
};

struct Cause {
    std::string_view
        says;  // a part of the message, in English: the session's language is not set yet
    ErrorCode code;
    std::string_view hint;
};
// While connecting libpq hands over only text.
constexpr std::array kCauses{
    Cause{"password authentication failed", ErrorCode::Permission,
          "look at user and password of the connection"},
    Cause{"no password supplied", ErrorCode::Permission,
          "give the connection a password: from secrets:, or in ~/.pgpass"},
    Cause{"no pg_hba.conf entry", ErrorCode::Permission,
          "the server's pg_hba.conf does not let this user in from here"},
    Cause{"authentication failed", ErrorCode::Permission,
          "the server's pg_hba.conf wants another way to log in"},
    Cause{"does not match host name", ErrorCode::Connection,
          "name the host as its certificate does, or say tls: verify-ca"},
    Cause{"certificate", ErrorCode::Connection,
          "look at ca: of the connection, and whether the host's name is that of the certificate"},
    Cause{"does not support SSL", ErrorCode::Connection,
          "the server offers no TLS: enable it there, or say tls: disable"},
    Cause{"SSL", ErrorCode::Connection, "look at tls: of the connection and at the server's ssl"},
    Cause{"role \"", ErrorCode::Permission, "look at user of the connection"},
    Cause{"database \"", ErrorCode::Connection, "look at database of the connection"},
    Cause{"too many clients", ErrorCode::Connection,
          "the server has no free connection; try again later"},
    Cause{"starting up", ErrorCode::Connection, "the server is starting; try again in a moment"},
};

std::string without(std::string text, const std::optional<Secret>& secret) {
    if (!secret || secret->reveal().empty()) return text;
    for (std::size_t at = text.find(secret->reveal()); at != std::string::npos;
         at = text.find(secret->reveal(), at))
        text.replace(at, secret->reveal().size(), secret->shown());
    return text;
}

// libpq ends its messages with a newline and puts several lines one below the other.
std::string on_one_line(std::string_view text) {
    std::string line;
    for (const char c : text) {
        const bool blank = c == '\n' || c == '\t';
        if (blank && (line.empty() || line.back() == ' ')) continue;
        line += blank ? ' ' : c;
    }
    while (line.ends_with(' ')) line.pop_back();
    return line;
}

// libpq alone would look for ~/.postgresql/root.crt only.
std::string trusted(const ConnectOptions& options) {
    if (!options.ca.empty()) return options.ca;
    const bool verifies = options.tls.starts_with("verify-");
    const bool own = std::getenv("PGSSLROOTCERT") != nullptr;
    return verifies && !own && ::access(kSystemCertificates, R_OK) == 0 ? kSystemCertificates : "";
}

}  // namespace

pg_conn* start_connecting(const ConnectOptions& options) {
    Keywords keywords;
    keywords.add("client_encoding", std::string("UTF8"));
    const bool url = options.server && is_url(options.server->reveal());
    keywords.add(url ? "dbname" : "host", options.server);
    if (options.port > 0) keywords.add("port", std::to_string(options.port));
    keywords.add("dbname", options.database);
    keywords.add("user", options.user);
    keywords.add("password", options.password);
    keywords.add("sslmode", options.tls);
    keywords.add("sslrootcert", trusted(options));
    keywords.add("application_name", options.application_name);
    pg_conn* made = keywords.start();
    CHECK(made != nullptr);  // only without memory
    return made;
}

std::string place_of(const pg_conn& connection) {
    const auto text = [](const char* part) { return std::string(part == nullptr ? "" : part); };
    const std::string host = text(PQhost(&connection));
    std::string place = text(PQdb(&connection)) + " on " + host;
    // The port of a socket in the file system is a part of its name only.
    if (!host.starts_with('/')) place += ":" + text(PQport(&connection));
    return place;
}

bool is_on_this_machine(const pg_conn& connection) {
    const char* host = PQhost(&connection);
    const char* address = PQhostaddr(&connection);
    const std::string_view at(address == nullptr ? "" : address);
    return (host != nullptr && *host == '/') || at.starts_with("127.") || at == "::1";
}

std::map<std::string, std::string> words_of_url(const std::string& server) {
    std::map<std::string, std::string> words;
    if (!is_url(server)) return words;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(server.c_str(), nullptr), &PQconninfoFree);
    if (!options)
        throw Error(ErrorCode::Connection, "the URL of the connection cannot be read",
                    "write it as postgres://user@host:port/database");
    for (const PQconninfoOption* one = options.get(); one->keyword != nullptr; ++one) {
        if (one->val != nullptr) words.emplace(one->keyword, one->val);
    }
    return words;
}

std::string address_of(const ConnectOptions& options) {
    std::string host, port, database;
    const auto take = [](std::string& place, const char* text) {
        if (text != nullptr && *text != '\0') place = text;
    };
    const auto take_all = [&](const PQconninfoOption* known) {
        for (; known != nullptr && known->keyword != nullptr; ++known) {
            const std::string_view keyword = known->keyword;
            if (keyword == "host") take(host, known->val);
            if (keyword == "port") take(port, known->val);
            if (keyword == "dbname") take(database, known->val);
        }
    };
    using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;
    take_all(Options(PQconndefaults(), &PQconninfoFree).get());
    if (options.server && is_url(options.server->reveal())) {
        const Options parsed(PQconninfoParse(options.server->reveal().c_str(), nullptr),
                             &PQconninfoFree);
        if (parsed == nullptr) {
            throw Error(ErrorCode::Connection, "the connection's URL is none of PostgreSQL's",
                        "postgres://USER@HOST:PORT/DATABASE");
        }
        take_all(parsed.get());
    } else if (options.server) {
        take(host, options.server->reveal().c_str());
    }
    if (options.port > 0) port = std::to_string(options.port);
    if (options.database) database = options.database->reveal();
    return "postgres://" + host + ":" + port + "/" + database;
}

Error connect_error(const pg_conn& connection, const ConnectOptions& options) {
    std::string text = on_one_line(PQerrorMessage(&connection));
    text = without(std::move(text), options.password);
    if (options.server && is_url(options.server->reveal()))
        text = without(std::move(text), options.server);
    for (const Cause& cause : kCauses) {
        if (text.find(cause.says) != std::string::npos)
            return {cause.code, std::move(text), std::string(cause.hint)};
    }
    return {ErrorCode::Connection, std::move(text),
            "look at host and port of the connection, and whether the server runs"};
}

}  // namespace drydock::postgres
