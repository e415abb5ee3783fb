#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.h"
#include "engine/value.h"

// What is asked of an HTTP server, and what it answers. Plain values; nothing here touches the
// network.
namespace drydock::fetch {

inline constexpr std::size_t kUsualBytes = std::size_t{8} << 20;
inline constexpr std::size_t kMostBytes = std::size_t{64} << 20;
inline constexpr int kMostRedirects = 10;

struct Header {
    std::string name, value;
    // Goes to the server that was named and to no other, whatever it redirects to.
    bool secret = false;
};

struct Request {
    std::string method = "GET";  // GET HEAD OPTIONS POST PUT PATCH DELETE
    std::string url;             // http or https, without user and password
    std::vector<Header> headers;
    std::optional<std::string> body;
    std::string ca;  // certificates (PEM) to trust instead of the machine's; empty: the machine's
    std::string proxy;  // "http://host:port"; empty: none, whatever the environment says
    Microseconds connect_timeout{10'000'000};  // until the server has taken the connection
    Microseconds timeout{30'000'000};          // until the last byte of the answer
    int redirects = 5;                         // of a GET or HEAD; all others are never redirected
    std::size_t max_bytes = kUsualBytes;       // of the answer's body
};

// True when a request of this method changes nothing: GET, HEAD, OPTIONS.
[[nodiscard]] bool only_reads(std::string_view method);
// Throws Error{Lua} for what may not be sent: another method or scheme, a password in the address,
// a line break in a header, a header that belongs to the protocol.
void check(const Request& request);
// "POST https://host/path", without the query: for messages.
[[nodiscard]] std::string shown(const Request& request);

struct Answer {
    int status = 0;
    std::map<std::string, std::string, std::less<>> headers;  // lower-case; repeated ones with ", "
    std::string body;                                         // as it came, never decompressed
    Microseconds took{0};  // from the first to the last byte, with connecting and redirects
};

// How asking went: an answer, or why there is none.
struct Exchange {
    enum class End : std::uint8_t { Answered, Failed, TimedOut, Stopped };
    End end = End::Failed;
    std::optional<Answer> answer;  // Answered
    std::optional<Error> error;    // Failed, TimedOut
    // The request may have reached the server: what it asked for may have happened.
    bool sent = false;
    // Another try may do better (Failed, TimedOut).
    bool passing = false;
};

}  // namespace drydock::fetch
