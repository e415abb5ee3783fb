#include "engine/fetch/failure.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace drydock::fetch {
namespace {

std::int64_t number(CURL* handle, CURLINFO info) {
    curl_off_t value = 0;
    curl_easy_getinfo(handle, info, &value);
    return value;
}

// Where a transfer was when its time was over.
std::string_view phase(CURL* handle) {
    if (number(handle, CURLINFO_NAMELOOKUP_TIME_T) == 0) return "resolving the name";
    if (number(handle, CURLINFO_PRETRANSFER_TIME_T) == 0) return "connecting";
    if (number(handle, CURLINFO_STARTTRANSFER_TIME_T) == 0) return "waiting for the answer";
    return "reading the answer";
}

Error timed_out(const Failure& failure, const std::string& what) {
    const bool early = number(failure.handle, CURLINFO_PRETRANSFER_TIME_T) == 0;
    const Microseconds limit =
        early ? std::min(failure.request.connect_timeout, failure.request.timeout)
              : failure.request.timeout;
    return {ErrorCode::Timeout,
            what + ": no whole answer within " + to_text(Duration{limit}) + ", still " +
                std::string(phase(failure.handle)),
            early ? "nobody answers there: look at host, port and firewall, or give a larger "
                    "connect_timeout"
                  : "the server is slow or stuck: look there, or give a larger timeout",
            "timeout"};
}

Error unreachable(const Failure& failure, const std::string& what) {
    long error = 0;
    curl_easy_getinfo(failure.handle, CURLINFO_OS_ERRNO, &error);
    const bool refused = error == ECONNREFUSED;
    return {ErrorCode::Connection,
            what + ": " + (error == 0 ? std::string("cannot connect")
                                      : std::string(std::strerror(static_cast<int>(error)))),
            refused ? "nothing listens there: is the service running, and is it this port?"
                    : "look at host and port, and at the way there",
            refused ? "refused" : "unreachable"};
}

// https://www.openssl.org/docs/man3.0/man1/openssl-verification-options.html, Diagnostics
std::string_view hint_for_certificate(long result) {
    switch (result) {
        case 9:
        case 10: return "the certificate is not valid now: renew it, or set this machine's clock";
        case 18:
        case 19:
        case 20:
        case 21:
            return "nobody whom this machine trusts has signed it: give the certificate of who did "
                   "as ca, or add it to the machine's";
        default: return "it was made for another name: ask by a name that stands in it";
    }
}

Error untrusted(const Failure& failure, const std::string& what) {
    long result = 0;
    curl_easy_getinfo(failure.handle, CURLINFO_SSL_VERIFYRESULT, &result);
    const std::string detail(failure.detail.empty() ? curl_easy_strerror(failure.code)
                                                    : failure.detail);
    if (failure.code == CURLE_SSL_CACERT_BADFILE) {
        return {ErrorCode::Connection, what + ": there are no certificates to trust: " + detail,
                "apt-get install ca-certificates, or look at what was given as ca", "tls"};
    }
    if (failure.code != CURLE_PEER_FAILED_VERIFICATION) {
        return {ErrorCode::Connection, what + ": TLS cannot be agreed on: " + detail,
                "is it an https port? TLS 1.2 or newer is asked for", "tls"};
    }
    return {ErrorCode::Connection, what + ": the server's certificate is refused: " + detail,
            std::string(hint_for_certificate(result)), "tls"};
}

Error too_large(const Failure& failure, const std::string& what) {
    if (failure.headers_too_large) {
        return {ErrorCode::Http, what + ": the headers of the answer are larger than 64 KiB",
                "no honest server sends such", "too_large"};
    }
    return {ErrorCode::Http,
            what + ": the answer is larger than " +
                to_text(Size{static_cast<std::int64_t>(failure.request.max_bytes)}),
            "give max_bytes, up to 64MiB, or ask for less", "too_large"};
}

Error closed(const std::string& what, std::string_view how) {
    return {ErrorCode::Connection, what + ": " + std::string(how),
            "look at the server's log: it may have died over this request", "closed"};
}

Error error_of(const Failure& failure) {
    const std::string what = shown(failure.request);
    if (failure.headers_too_large || failure.body_too_large) return too_large(failure, what);
    const std::string detail(failure.detail.empty() ? curl_easy_strerror(failure.code)
                                                    : failure.detail);
    switch (failure.code) {
        case CURLE_OPERATION_TIMEDOUT: return timed_out(failure, what);
        case CURLE_COULDNT_RESOLVE_HOST:
            return {ErrorCode::Connection, what + ": there is no host " + failure.host,
                    "look at the name, or at the machine's DNS: getent hosts " + failure.host,
                    "resolve"};
        case CURLE_COULDNT_RESOLVE_PROXY:
            return {ErrorCode::Connection, what + ": there is no such proxy",
                    "look at proxy", "resolve"};
        case CURLE_COULDNT_CONNECT: return unreachable(failure, what);
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_ISSUER_ERROR: return untrusted(failure, what);
        case CURLE_GOT_NOTHING:
            return closed(what, "the server closed the connection without an answer");
        case CURLE_PARTIAL_FILE: return closed(what, "the answer ends in the middle");
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR: return closed(what, "the connection broke: " + detail);
        default: break;
    }
    return {ErrorCode::Http, what + ": " + detail, "what answers there does not speak HTTP well",
            "protocol"};
}

}  // namespace

Exchange failed(const Failure& failure) {
    Exchange made;
    made.end = failure.code == CURLE_OPERATION_TIMEDOUT ? Exchange::End::TimedOut
                                                        : Exchange::End::Failed;
    // Set when the connection is ready and the first byte of the request is about to go.
    made.sent = number(failure.handle, CURLINFO_PRETRANSFER_TIME_T) > 0;
    made.error = error_of(failure);
    made.passing =
        made.error->code() == ErrorCode::Timeout ||
        (made.error->code() == ErrorCode::Connection && made.error->code_text() != "tls");
    return made;
}

}  // namespace drydock::fetch
