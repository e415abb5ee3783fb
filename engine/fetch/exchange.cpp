#include "engine/fetch/exchange.h"

#include <algorithm>
#include <utility>

#include "engine/fetch/address.h"
#include "engine/fetch/transfer.h"
#include "engine/seam.h"

namespace drydock::fetch {
namespace {

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool follows(const Request& request) {
    return (request.method == "GET" || request.method == "HEAD") && !request.body &&
           request.redirects > 0;
}

// What proves who asks: another server has no right to it.
bool is_for_the_first_server_only(const Header& header) {
    std::string name = header.name;
    for (char& c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return header.secret || name == "authorization" || name == "cookie" ||
           name == "proxy-authorization";
}

Exchange refused(const Request& request, std::string message, std::string hint) {
    Exchange made;
    made.error = Error(ErrorCode::Http, shown(request) + ": " + std::move(message),
                       std::move(hint), "redirect");
    made.sent = true;
    return made;
}

}  // namespace

Exchange exchange(const Request& request, CancelToken& cancel, const Ask& ask) {
    check(request);
    Request asked = request;
    Address address(request.url);
    Microseconds took{0};
    for (int hop = 0;; ++hop) {
        Exchange made = ask ? ask(asked) : transfer(asked, cancel);
        if (!made.answer) return made;
        took += made.answer->took;
        made.answer->took = took;
        const auto location = made.answer->headers.find("location");
        if (!follows(request) || !is_redirect(made.answer->status) ||
            location == made.answer->headers.end())
            return made;
        if (hop == request.redirects) {
            return refused(request, "redirected more than " + std::to_string(hop) + " times",
                           "the server leads in a circle, or give redirects, up to 10");
        }
        try {
            Address next = address.following(location->second);
            if (address.secure() && !next.secure()) {
                return refused(request, "redirected from https to http",
                               "what is asked in secret is not told to everybody: " + next.shown());
            }
            if (next.origin() != address.origin() && protected_by(Protection::TokenOrigin))
                std::erase_if(asked.headers, is_for_the_first_server_only);
            address = std::move(next);
            asked.url = address.text();
        } catch (const Error& error) {
            return refused(request, "redirected to what cannot be followed", error.message());
        }
        asked.timeout = std::max(request.timeout - took, Microseconds(1000));
    }
}

}  // namespace drydock::fetch
