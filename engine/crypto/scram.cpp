#include "engine/crypto/scram.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>

#include "engine/check.h"
#include "engine/crypto/digest.h"
#include "engine/crypto/openssl.h"
#include "engine/error.h"

namespace drydock::crypto {
namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr int kIterations = 4096;  // PostgreSQL's scram_iterations

std::string_view bytes_of(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

std::string scram_verifier(std::string_view password, std::string_view salt) {
    CHECK(salt.size() == kSaltBytes);
    const bool plain =
        std::ranges::all_of(password, [](char c) { return c >= ' ' && c <= '~'; });
    if (!plain || password.empty()) {
        throw Error(ErrorCode::Document,
                    password.empty() ? "the password is empty"
                                     : "the password has characters that are not ASCII",
                    "use letters, digits and signs of ASCII");
    }
    Digest salted{};
    made(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                           reinterpret_cast<const unsigned char*>(salt.data()),
                           static_cast<int>(salt.size()), kIterations, EVP_sha256(),
                           static_cast<int>(salted.size()), salted.data()) == 1);
    const Digest client_key = hmac_sha256(bytes_of(salted), "Client Key");
    const Digest server_key = hmac_sha256(bytes_of(salted), "Server Key");
    OPENSSL_cleanse(salted.data(), salted.size());
    return "SCRAM-SHA-256$" + std::to_string(kIterations) + ":" + to_base64(salt) + "$" +
           to_base64(sha256(bytes_of(client_key))) + ":" + to_base64(server_key);
}

}  // namespace drydock::crypto
