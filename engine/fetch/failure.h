#pragma once

#include <curl/curl.h>

#include <string>

#include "engine/fetch/request.h"

namespace drydock::fetch {

// What a finished transfer says of itself when there is no whole answer.
struct Failure {
    CURL* handle = nullptr;
    CURLcode code = CURLE_OK;
    std::string_view detail;  // libcurl's own words; may be empty
    const Request& request;
    std::string host;
    bool headers_too_large = false, body_too_large = false;
};

// The exchange that it was, with the error's cause, hint and code: resolve, refused, tls, closed,
// timeout, too_large, protocol.
[[nodiscard]] Exchange failed(const Failure& failure);

}  // namespace drydock::fetch
