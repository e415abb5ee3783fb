#include "engine/crypto/tls.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "engine/crypto/openssl.h"
#include "engine/error.h"

namespace drydock::crypto {
namespace {

int length_of(std::size_t size) {
    return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

// The first thing that OpenSSL complains about; the others follow from it.
std::string first_complaint() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    if (ERR_SYSTEM_ERROR(code)) return std::strerror(ERR_GET_REASON(code));
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason == nullptr ? "the other end broke the handshake off" : reason;
}

bool is_address(const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> parsed{};
    return ::inet_pton(AF_INET, host.c_str(), parsed.data()) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), parsed.data()) == 1;
}

void trust(ssl_ctx_st* context, const TlsClient::Options& options) {
    if (options.verify == TlsVerify::Nothing) {
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
        return;
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    const bool known =
        options.ca_file.empty()
            ? SSL_CTX_set_default_verify_paths(context) == 1
            : SSL_CTX_load_verify_locations(context, options.ca_file.c_str(), nullptr) == 1;
    if (known) return;
    throw Error(ErrorCode::Connection,
                "the certificates of " +
                    (options.ca_file.empty() ? "the system" : options.ca_file) +
                    " cannot be read: " + first_complaint(),
                "ca: names a file with certificates in PEM form");
}

void expect_host(ssl_st* session, const TlsClient::Options& options) {
    const bool address = is_address(options.host);
    // An address is no name: SNI must not have one.
    if (!address && !options.host.empty())
        made(SSL_set_tlsext_host_name(session, options.host.c_str()) == 1);
    if (options.verify != TlsVerify::Host) return;
    X509_VERIFY_PARAM* wanted = SSL_get0_param(session);
    if (address)
        made(X509_VERIFY_PARAM_set1_ip_asc(wanted, options.host.c_str()) == 1);
    else
        made(X509_VERIFY_PARAM_set1_host(wanted, options.host.c_str(), 0) == 1);
}

}  // namespace

void TlsClient::FreeContext::operator()(ssl_ctx_st* context) const noexcept {
    SSL_CTX_free(context);
}
void TlsClient::FreeSession::operator()(ssl_st* session) const noexcept {
    SSL_free(session);
}

TlsClient::TlsClient(const Options& options) : context_(SSL_CTX_new(TLS_client_method())) {
    made(context_ != nullptr);
    made(SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION) == 1);
    trust(context_.get(), options);
    session_.reset(SSL_new(context_.get()));
    made(session_ != nullptr);
    BIO* in = BIO_new(BIO_s_mem());
    BIO* out = BIO_new(BIO_s_mem());
    SSL_set_bio(session_.get(), in, out);  // owns both from here
    made(in != nullptr && out != nullptr);
    SSL_set_connect_state(session_.get());
    expect_host(session_.get(), options);
}

TlsClient::~TlsClient() = default;

bool TlsClient::must_wait(int result) {
    switch (SSL_get_error(session_.get(), result)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE: return true;
        case SSL_ERROR_ZERO_RETURN: ended_ = true; return true;
        default: break;
    }
    const long verdict = SSL_get_verify_result(session_.get());
    if (verdict != X509_V_OK && SSL_get_verify_mode(session_.get()) != SSL_VERIFY_NONE) {
        ERR_clear_error();
        throw Error(ErrorCode::Connection,
                    std::string("the server's certificate is not trusted: ") +
                        X509_verify_cert_error_string(verdict),
                    "look at ca: of the connection, and whether the host's name is that of the "
                    "certificate");
    }
    throw Error(ErrorCode::Connection, "TLS failed: " + first_complaint(),
                "look at tls: of the connection, and whether the server offers TLS at this port");
}

bool TlsClient::handshake() {
    ERR_clear_error();
    const int result = SSL_do_handshake(session_.get());
    return result == 1 || !must_wait(result);
}

void TlsClient::received(std::string_view bytes) {
    while (!bytes.empty()) {
        const int taken =
            BIO_write(SSL_get_rbio(session_.get()), bytes.data(), length_of(bytes.size()));
        made(taken > 0);
        bytes.remove_prefix(static_cast<std::size_t>(taken));
    }
}

std::string TlsClient::to_send() {
    BIO* out = SSL_get_wbio(session_.get());
    std::string bytes(BIO_ctrl_pending(out), '\0');
    if (bytes.empty()) return bytes;
    const int taken = BIO_read(out, bytes.data(), length_of(bytes.size()));
    bytes.resize(taken < 0 ? 0 : static_cast<std::size_t>(taken));
    return bytes;
}

void TlsClient::write(std::string_view text) {
    while (!text.empty()) {
        ERR_clear_error();
        // A memory BIO takes everything, so this never has to wait.
        const int taken = SSL_write(session_.get(), text.data(), length_of(text.size()));
        if (taken <= 0) {
            (void)must_wait(taken);
            throw Error(ErrorCode::Connection, "the other end renegotiates TLS in the middle");
        }
        text.remove_prefix(static_cast<std::size_t>(taken));
    }
}

std::size_t TlsClient::read(std::span<char> into) {
    ERR_clear_error();
    const int taken = SSL_read(session_.get(), into.data(), length_of(into.size()));
    if (taken > 0) return static_cast<std::size_t>(taken);
    (void)must_wait(taken);
    return 0;
}

}  // namespace drydock::crypto
