#include "engine/fetch/transfer.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <new>

#include "engine/check.h"
#include "engine/fetch/address.h"
#include "engine/fetch/curl.h"
#include "engine/fetch/failure.h"
#include "engine/seam.h"

namespace drydock::fetch {
namespace {

constexpr std::size_t kMostHeaderBytes = 64 << 10;
constexpr int kLookEveryMs = 10'000;  // what waits is woken up; this is for what nobody foresaw

// Once per process; it is never undone, because the machine ends with the process.
void initialise() {
    static const CURLcode kDone = curl_global_init(CURL_GLOBAL_DEFAULT);
    CHECK(kDone == CURLE_OK);
}

// Every option is one that this libcurl knows: a wrong one is our own fault.
template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
    const CURLcode code = curl_easy_setopt(handle, option, value);
    if (code == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
    CHECK(code == CURLE_OK);
}

std::string trimmed(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return {};
    return std::string(text.substr(begin, text.find_last_not_of(kBlank) - begin + 1));
}

class Transfer final {
  public:
    explicit Transfer(const Request& request) : request_(request), address_(request.url) {
        initialise();
        easy_.reset(curl_easy_init());
        if (!easy_) throw std::bad_alloc();
        set_server();
        set_limits();
        set_request();
        set_headers();
        set(easy_.get(), CURLOPT_ERRORBUFFER, error_.data());
        set(easy_.get(), CURLOPT_HEADERFUNCTION, &Transfer::on_header);
        set(easy_.get(), CURLOPT_HEADERDATA, this);
        set(easy_.get(), CURLOPT_WRITEFUNCTION, &Transfer::on_body);
        set(easy_.get(), CURLOPT_WRITEDATA, this);
    }

    Exchange run(CancelToken& cancel) {
        const MultiHandle multi(curl_multi_init());
        if (!multi || curl_multi_add_handle(multi.get(), easy_.get()) != CURLM_OK)
            throw std::bad_alloc();
        const std::optional<CURLcode> code = wait(multi.get(), cancel);
        Exchange made = code ? ended(*code) : stopped();
        curl_multi_remove_handle(multi.get(), easy_.get());
        return made;
    }

  private:
    // Who may be spoken to, and how we know that it is them.
    void set_server() {
        CURL* const handle = easy_.get();
        set(handle, CURLOPT_CURLU, address_.handle());
        set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
        set(handle, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
        set(handle, CURLOPT_HTTP09_ALLOWED, 0L);
        set(handle, CURLOPT_FOLLOWLOCATION, 0L);
        set(handle, CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
        // The empty text keeps libcurl from asking the environment.
        set(handle, CURLOPT_PROXY, request_.proxy.c_str());
        set(handle, CURLOPT_NOPROXY, "");
        set(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
        set(handle, CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
        set(handle, CURLOPT_FRESH_CONNECT, 1L);
        set(handle, CURLOPT_FORBID_REUSE, 1L);
        const bool verified = protected_by(Protection::TlsVerification);
        set(handle, CURLOPT_SSL_VERIFYPEER, verified ? 1L : 0L);
        set(handle, CURLOPT_SSL_VERIFYHOST, verified ? 2L : 0L);
        set(handle, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
        if (request_.ca.empty()) return;
        curl_blob blob{.data = const_cast<char*>(request_.ca.data()),
                       .len = request_.ca.size(),
                       .flags = CURL_BLOB_NOCOPY};
        set(handle, CURLOPT_CAINFO_BLOB, &blob);
        set(handle, CURLOPT_CAINFO, static_cast<char*>(nullptr));
        set(handle, CURLOPT_CAPATH, static_cast<char*>(nullptr));
    }

    void set_limits() {
        const auto milliseconds = [](Microseconds length) {
            return std::max<long>(1, static_cast<long>(length.count() / 1000));
        };
        CURL* const handle = easy_.get();
        set(handle, CURLOPT_TIMEOUT_MS, milliseconds(request_.timeout));
        set(handle, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request_.connect_timeout));
        set(handle, CURLOPT_NOSIGNAL, 1L);
        // A stuck DNS server must not hold up whoever was told to stop.
        set(handle, CURLOPT_QUICK_EXIT, 1L);
    }

    void set_request() {
        CURL* const handle = easy_.get();
        if (request_.method == "HEAD") {
            set(handle, CURLOPT_NOBODY, 1L);
            return;
        }
        const bool writes = !only_reads(request_.method);
        if (request_.body || writes) {
            static const std::string kNone;
            const std::string& body = request_.body ? *request_.body : kNone;
            set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
            set(handle, CURLOPT_POSTFIELDS, body.c_str());
        }
        set(handle, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    }

    void add(const std::string& line) {
        curl_slist* const longer = curl_slist_append(headers_.get(), line.c_str());
        if (longer == nullptr) throw std::bad_alloc();
        (void)headers_.release();
        headers_.reset(longer);
    }
    void set_headers() {
        // A name without value takes the header out that libcurl would set by itself.
        add("Expect:");
        bool typed = false, named = false;
        for (const Header& header : request_.headers) {
            typed = typed || curl_strequal(header.name.c_str(), "content-type") != 0;
            named = named || curl_strequal(header.name.c_str(), "user-agent") != 0;
            add(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
        }
        if (!typed) add("Content-Type:");
        if (!named) add("User-Agent: drydock");
        set(easy_.get(), CURLOPT_HTTPHEADER, headers_.get());
        set(easy_.get(), CURLOPT_HEADEROPT, long{CURLHEADER_SEPARATE});
    }

    // nullopt: told to stop.
    std::optional<CURLcode> wait(CURLM* multi, CancelToken& cancel) {
        const CancelToken::Waker waker(cancel, [multi] { curl_multi_wakeup(multi); });
        for (;;) {
            int running = 0, left = 0;
            CHECK(curl_multi_perform(multi, &running) == CURLM_OK);
            if (const CURLMsg* message = curl_multi_info_read(multi, &left))
                return message->data.result;
            if (cancel.stop_now()) return std::nullopt;
            CHECK(curl_multi_poll(multi, nullptr, 0, kLookEveryMs, nullptr) == CURLM_OK);
        }
    }

    Exchange ended(CURLcode code) {
        if (code != CURLE_OK) {
            return failed({.handle = easy_.get(),
                           .code = code,
                           .detail = error_.data(),
                           .request = request_,
                           .host = address_.host(),
                           .headers_too_large = headers_too_large_,
                           .body_too_large = body_too_large_});
        }
        long status = 0;
        curl_off_t took = 0;
        curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(easy_.get(), CURLINFO_TOTAL_TIME_T, &took);
        answer_.status = static_cast<int>(status);
        answer_.took = Microseconds(took);
        return {.end = Exchange::End::Answered,
                .answer = std::move(answer_),
                .error = {},
                .sent = true,
                .passing = false};
    }

    Exchange stopped() {
        Exchange made =
            failed({.handle = easy_.get(), .code = CURLE_OK, .request = request_, .host = {}});
        made.end = Exchange::End::Stopped;
        made.error.reset();
        return made;
    }

    // A program that is started meanwhile must not get it: it would keep the connection open.
    static curl_socket_t open_socket(void*, curlsocktype, curl_sockaddr* place) {
        return ::socket(place->family, place->socktype | SOCK_CLOEXEC, place->protocol);
    }
    static std::size_t on_header(const char* bytes, std::size_t, std::size_t count, void* self) {
        return static_cast<Transfer*>(self)->take_header({bytes, count});
    }
    static std::size_t on_body(const char* bytes, std::size_t, std::size_t count, void* self) {
        return static_cast<Transfer*>(self)->take_body({bytes, count});
    }

    // Counts also what comes before the answer itself (100 Continue) and after its body.
    std::size_t take_header(std::string_view line) {
        header_bytes_ += line.size();
        headers_too_large_ = header_bytes_ > kMostHeaderBytes;
        if (headers_too_large_) return 0;
        if (line.starts_with("HTTP/")) answer_.headers.clear();
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || line.starts_with("HTTP/")) return line.size();
        std::string name(line.substr(0, colon));
        for (char& c : name) {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        }
        std::string& value = answer_.headers[name];
        value += (value.empty() ? "" : ", ") + trimmed(line.substr(colon + 1));
        return line.size();
    }

    std::size_t take_body(std::string_view bytes) {
        body_too_large_ = answer_.body.size() + bytes.size() > request_.max_bytes;
        if (body_too_large_) return 0;
        answer_.body += bytes;
        return bytes.size();
    }

    const Request& request_;
    const Address address_;
    HeaderList headers_;
    EasyHandle easy_;
    std::array<char, CURL_ERROR_SIZE> error_{};
    Answer answer_;
    std::size_t header_bytes_ = 0;
    bool headers_too_large_ = false, body_too_large_ = false;
};

}  // namespace

Exchange transfer(const Request& request, CancelToken& cancel) {
    return Transfer(request).run(cancel);
}

}  // namespace drydock::fetch
