#include "engine/crypto/seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>

#include "engine/check.h"
#include "engine/crypto/openssl.h"
#include "engine/error.h"

namespace drydock::crypto {
namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
static_assert(kNonceBytes + kTagBytes == kSealOverheadBytes);
constexpr std::size_t kPieceBytes = 1 << 30;  // OpenSSL counts in int

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;
enum class Direction : int { Open = 0, Seal = 1 };

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

Context begin(const Key& key, std::string_view nonce, Direction direction) {
    Context context(EVP_CIPHER_CTX_new());
    made(context != nullptr);
    made(EVP_CipherInit_ex2(context.get(), EVP_aes_256_gcm(), key.bytes().data(), bytes_of(nonce),
                            static_cast<int>(direction), nullptr) == 1);
    return context;
}

// Feeds `in`; writes as many bytes to `out`, or takes `in` as associated data when `out` is null.
void feed(EVP_CIPHER_CTX* context, std::string_view in, unsigned char* out) {
    while (!in.empty()) {
        const std::string_view piece = in.substr(0, kPieceBytes);
        int written = 0;
        CHECK(EVP_CipherUpdate(context, out, &written, bytes_of(piece),
                               static_cast<int>(piece.size())) == 1);
        if (out != nullptr) out += written;
        in.remove_prefix(piece.size());
    }
}

}  // namespace

std::string seal(const Key& key, std::string_view plain, std::string_view associated) {
    std::string out(kNonceBytes + plain.size() + kTagBytes, '\0');
    if (RAND_bytes(bytes_of(out), kNonceBytes) != 1) {
        throw Error(ErrorCode::File, "the system has no random bytes");
    }
    const Context context =
        begin(key, std::string_view(out).substr(0, kNonceBytes), Direction::Seal);
    feed(context.get(), associated, nullptr);
    feed(context.get(), plain, bytes_of(out) + kNonceBytes);
    int written = 0;
    unsigned char* const tag = bytes_of(out) + kNonceBytes + plain.size();
    CHECK(EVP_CipherFinal_ex(context.get(), tag, &written) == 1 && written == 0);
    CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag) == 1);
    return out;
}

std::string open(const Key& key, std::string_view sealed, std::string_view associated) {
    if (sealed.size() < kSealOverheadBytes) {
        throw Error(ErrorCode::Integrity, "a sealed text of " + std::to_string(sealed.size()) +
                                              " bytes is cut: nonce and tag alone have 28");
    }
    const std::string_view nonce = sealed.substr(0, kNonceBytes);
    const std::string_view body = sealed.substr(kNonceBytes, sealed.size() - kSealOverheadBytes);
    std::string tag(sealed.substr(sealed.size() - kTagBytes));
    const Context context = begin(key, nonce, Direction::Open);
    feed(context.get(), associated, nullptr);
    std::string plain(body.size(), '\0');
    feed(context.get(), body, bytes_of(plain));
    CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1);
    int written = 0;
    unsigned char none = 0;
    if (EVP_CipherFinal_ex(context.get(), &none, &written) != 1) {
        OPENSSL_cleanse(plain.data(), plain.size());
        throw Error(ErrorCode::Integrity, "the sealed text does not open",
                    "it was altered, or sealed with another key or for something else");
    }
    return plain;
}

}  // namespace drydock::crypto
