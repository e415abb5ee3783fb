#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;

namespace drydock::crypto {

// How much of a server's certificate must be right.
enum class TlsVerify {
    Nothing,  // encrypted, to whomever
    Chain,    // signed by an authority that we trust
    Host,     // and made out to the name that we asked for
};

// The client's end of a TLS 1.2 or 1.3 session, without a socket: bytes of the network go in and
// come out, so that waiting, deadlines and cancellation stay with whoever owns the socket. Used on
// one thread.
//
//   until handshake(): send to_send(), read from the network, received(bytes)
//   then write(text) → to_send();  received(bytes) → read(…)
//
// All errors are Error{Connection}; a certificate that is not trusted says why.
class TlsClient final {
  public:
    struct Options {
        std::string host;     // for SNI and the certificate's name; a name or an address
        std::string ca_file;  // PEM; empty: the authorities that the system trusts
        TlsVerify verify = TlsVerify::Host;
    };
    explicit TlsClient(const Options& options);
    ~TlsClient();
    TlsClient(const TlsClient&) = delete;
    TlsClient& operator=(const TlsClient&) = delete;

    // Goes on as far as it can; true when the session stands.
    [[nodiscard]] bool handshake();
    void received(std::string_view bytes);
    // What must go to the network now; gone from here.
    [[nodiscard]] std::string to_send();
    void write(std::string_view text);
    // Text that has come; 0: none until more is received.
    [[nodiscard]] std::size_t read(std::span<char> into);
    // The other end has said that nothing more comes.
    [[nodiscard]] bool ended() const { return ended_; }

  private:
    struct FreeContext {
        void operator()(ssl_ctx_st* context) const noexcept;
    };
    struct FreeSession {
        void operator()(ssl_st* session) const noexcept;
    };
    // True: wait for the network. Throws what else `result` means.
    [[nodiscard]] bool must_wait(int result);

    std::unique_ptr<ssl_ctx_st, FreeContext> context_;
    std::unique_ptr<ssl_st, FreeSession> session_;
    bool ended_ = false;
};

}  // namespace drydock::crypto
