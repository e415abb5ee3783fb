#pragma once

#include <curl/curl.h>

#include <memory>

// libcurl's handles, owned. With the sources beside it the only includer of curl/curl.h.
namespace drydock::fetch {

// CURL and CURLM are both void to C++, so each has a way of its own to be released.
struct EasyRelease {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};
struct MultiRelease {
    void operator()(CURLM* handle) const noexcept { curl_multi_cleanup(handle); }
};
struct ListRelease {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
struct TextRelease {
    void operator()(char* text) const noexcept { curl_free(text); }
};
using EasyHandle = std::unique_ptr<CURL, EasyRelease>;
using MultiHandle = std::unique_ptr<CURLM, MultiRelease>;
using HeaderList = std::unique_ptr<curl_slist, ListRelease>;
using TextHandle = std::unique_ptr<char, TextRelease>;

}  // namespace drydock::fetch
