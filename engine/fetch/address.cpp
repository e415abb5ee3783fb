#include "engine/fetch/address.h"

#include <algorithm>
#include <new>
#include <utility>

#include "engine/error.h"
#include "engine/fetch/curl.h"

namespace drydock::fetch {
namespace {

std::string part(CURLU* url, CURLUPart which, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(url, which, &text, flags) != CURLUE_OK) return {};
    const TextHandle owned(text);
    return owned.get();
}

// What a parser may read in more than one way is not read at all.
void require_plain(std::string_view url) {
    const bool plain = std::ranges::all_of(url, [](char c) { return c > ' ' && c < 0x7f; });
    if (!plain || url.find('\\') != std::string_view::npos) {
        throw Error(ErrorCode::Lua,
                    "http: the url holds a blank, a line break or another character that may not "
                    "stand there",
                    "percent-encode it: %20 for a blank");
    }
}

void set(CURLU* parsed, std::string_view url) {
    require_plain(url);
    // https:///path: libcurl takes the first word of the path for the host.
    const std::size_t host = url.find("://");
    const bool hostless = host < 6 && url.substr(host + 3).starts_with('/');
    const CURLUcode code = hostless ? CURLUE_NO_HOST
                                    : curl_url_set(parsed, CURLUPART_URL, std::string(url).c_str(),
                                                   CURLU_DISALLOW_USER);
    if (code == CURLUE_OUT_OF_MEMORY) throw std::bad_alloc();
    if (code == CURLUE_USER_NOT_ALLOWED) {
        throw Error(ErrorCode::Lua, "http: a url may not hold a user or a password",
                    "addresses are shown and recorded: give headers or bearer, from secrets");
    }
    if (code == CURLUE_UNSUPPORTED_SCHEME || code == CURLUE_BAD_SCHEME ||
        (code == CURLUE_OK && part(parsed, CURLUPART_SCHEME) != "http" &&
         part(parsed, CURLUPART_SCHEME) != "https")) {
        throw Error(ErrorCode::Lua, "http: the url begins with neither http:// nor https://",
                    "write it like https://host/path");
    }
    if (code != CURLUE_OK) {
        throw Error(ErrorCode::Lua, std::string("http: the url cannot be read: ") +
                                        curl_url_strerror(code),
                    "write it like https://host/path");
    }
}

}  // namespace

void Address::Release::operator()(Curl_URL* handle) const noexcept { curl_url_cleanup(handle); }

Address::Address(std::string_view url) : parsed_(curl_url()) {
    if (!parsed_) throw std::bad_alloc();
    set(parsed_.get(), url);
    take_parts();
}
Address::Address(Handle parsed) : parsed_(std::move(parsed)) {}
Address::~Address() = default;
Address::Address(Address&&) noexcept = default;
Address& Address::operator=(Address&&) noexcept = default;

void Address::take_parts() {
    scheme_ = part(parsed_.get(), CURLUPART_SCHEME);
    host_ = part(parsed_.get(), CURLUPART_HOST);
    port_ = part(parsed_.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
    for (char& c : host_) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    // A fragment is for whoever reads the answer.
    curl_url_set(parsed_.get(), CURLUPART_FRAGMENT, nullptr, 0);
}

Address Address::following(std::string_view location) const {
    Handle next(curl_url_dup(parsed_.get()));
    if (!next) throw std::bad_alloc();
    set(next.get(), location);
    Address made(std::move(next));
    made.take_parts();
    return made;
}

std::string Address::origin() const { return scheme_ + "://" + host_ + ":" + port_; }

std::string Address::text() const { return part(parsed_.get(), CURLUPART_URL); }

std::string Address::shown() const {
    const std::string own = part(parsed_.get(), CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
    return scheme_ + "://" + host_ + (own.empty() ? "" : ":" + own) +
           part(parsed_.get(), CURLUPART_PATH);
}

}  // namespace drydock::fetch
