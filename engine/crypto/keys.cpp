#include "engine/crypto/keys.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <memory>

#include "engine/crypto/openssl.h"
#include "engine/error.h"

namespace drydock::crypto {
namespace {

constexpr std::size_t kShortestSecretBytes = 16;
constexpr std::size_t kLongestHkdfBytes = 255 * 32;  // RFC 5869, 2.3

struct FreeKdf {
    void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
    void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
};

OSSL_PARAM octets(const char* name, std::string_view bytes) {
    // OpenSSL's parameters are not const, and it only reads these.
    static char none = 0;
    char* data = bytes.empty() ? &none : const_cast<char*>(bytes.data());
    return OSSL_PARAM_construct_octet_string(name, data, bytes.size());
}

}  // namespace

Key::Key(std::string_view bytes) {
    if (bytes.size() != kSizeBytes) {
        throw Error(ErrorCode::Document,
                    "a key of " + std::to_string(bytes.size()) + " bytes, 32 are needed",
                    "derive one with hkdf from a secret of any length");
    }
    std::copy(bytes.begin(), bytes.end(), bytes_.begin());
}

Key::~Key() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

std::string hkdf_sha256(const HkdfInput& input, std::size_t size_bytes) {
    if (size_bytes == 0 || size_bytes > kLongestHkdfBytes) {
        throw Error(ErrorCode::Lua,
                    "hkdf gives 1 to 8160 bytes, not " + std::to_string(size_bytes));
    }
    const std::unique_ptr<EVP_KDF, FreeKdf> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
    made(kdf != nullptr);
    const std::unique_ptr<EVP_KDF_CTX, FreeKdf> context(EVP_KDF_CTX_new(kdf.get()));
    made(context != nullptr);
    std::string digest = "SHA256";
    const std::array<OSSL_PARAM, 5> params{
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
        octets(OSSL_KDF_PARAM_KEY, input.material), octets(OSSL_KDF_PARAM_SALT, input.salt),
        octets(OSSL_KDF_PARAM_INFO, input.info), OSSL_PARAM_construct_end()};
    std::string out(size_bytes, '\0');
    made(EVP_KDF_derive(context.get(), reinterpret_cast<unsigned char*>(out.data()), out.size(),
                        params.data()) == 1);
    return out;
}

Key key_from_secret(const Secret& secret, std::string_view purpose) {
    const std::string& material = secret.reveal();
    if (material.size() < kShortestSecretBytes) {
        throw Error(ErrorCode::Document,
                    secret.shown() + " has " + std::to_string(material.size()) +
                        " bytes, too few for a key",
                    "a key file wants 32 random bytes: head -c 32 /dev/urandom | base64 > FILE");
    }
    std::string bytes =
        hkdf_sha256({.material = material, .salt = {}, .info = purpose}, Key::kSizeBytes);
    const Key key(bytes);
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return key;
}

}  // namespace drydock::crypto
