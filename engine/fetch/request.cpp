#include "engine/fetch/request.h"

#include <algorithm>
#include <array>

#include "engine/fetch/address.h"

namespace drydock::fetch {
namespace {

constexpr std::array<std::string_view, 7> kMethods{"GET",  "HEAD",  "OPTIONS", "POST",
                                                   "PUT",  "PATCH", "DELETE"};
// They say how the bytes of the message are cut, or speak to the next hop: the client's business.
constexpr std::array<std::string_view, 10> kOfTheProtocol{
    "connection", "content-length",      "expect",           "host",    "keep-alive",
    "te",         "trailer",             "proxy-connection", "upgrade", "transfer-encoding"};
constexpr std::size_t kMostHeaders = 100;
constexpr std::size_t kMostHeaderBytes = 64 << 10;

// https://www.rfc-editor.org/rfc/rfc9110#name-tokens
bool is_token(std::string_view text) {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               kMarks.find(c) != std::string_view::npos;
    });
}

std::string lower(std::string_view text) {
    std::string made(text);
    for (char& c : made) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return made;
}

void check_header(const Header& header) {
    if (!is_token(header.name)) {
        throw Error(ErrorCode::Lua, "http: a header has a name that is none",
                    "letters, digits and - only");
    }
    if (std::ranges::find(kOfTheProtocol, lower(header.name)) != kOfTheProtocol.end()) {
        throw Error(ErrorCode::Lua,
                    "http: the header " + header.name + " is not the script's to set",
                    "it follows from url and body");
    }
    const bool plain = std::ranges::all_of(header.value, [](char c) {
        return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    });
    if (!plain) {
        throw Error(ErrorCode::Lua,
                    "http: the header " + header.name +
                        " holds a line break or another control character",
                    "it would be read as a header of its own");
    }
}

}  // namespace

bool only_reads(std::string_view method) {
    return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

void check(const Request& request) {
    if (std::ranges::find(kMethods, request.method) == kMethods.end()) {
        throw Error(ErrorCode::Lua, "http: there is no method `" + request.method + "`",
                    "GET, HEAD, OPTIONS, POST, PUT, PATCH or DELETE");
    }
    (void)Address(request.url);
    if (!request.proxy.empty()) (void)Address(request.proxy);
    if (request.body && request.method == "HEAD")
        throw Error(ErrorCode::Lua, "http: a HEAD request has no body");
    std::size_t bytes = 0;
    for (const Header& header : request.headers) {
        check_header(header);
        bytes += header.name.size() + header.value.size() + 4;
    }
    if (request.headers.size() > kMostHeaders || bytes > kMostHeaderBytes)
        throw Error(ErrorCode::Lua, "http: more than 100 headers, or more than 64 KiB of them");
    if (request.redirects < 0 || request.redirects > kMostRedirects)
        throw Error(ErrorCode::Lua, "http: redirects is a number from 0 to 10");
    if (request.max_bytes < 1 || request.max_bytes > kMostBytes)
        throw Error(ErrorCode::Lua, "http: max_bytes is a size from 1B to 64MiB");
    if (request.timeout <= Microseconds(0) || request.connect_timeout <= Microseconds(0))
        throw Error(ErrorCode::Lua, "http: a timeout is longer than nothing");
}

std::string shown(const Request& request) {
    return request.method + " " + Address(request.url).shown();
}

}  // namespace drydock::fetch
