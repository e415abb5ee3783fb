#include "engine/crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "engine/check.h"
#include "engine/crypto/openssl.h"

namespace drydock::crypto {
namespace {

struct FreeDigest {
    void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
};
struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

// Looking the algorithm up costs several times what hashing a line of the chain does, so it is
// done once; a context is kept per thread for the same reason.
const EVP_MD* algorithm() {
    static const std::unique_ptr<EVP_MD, FreeDigest> fetched(
        EVP_MD_fetch(nullptr, "SHA256", nullptr));
    made(fetched != nullptr);
    return fetched.get();
}

Context new_context() {
    Context context(EVP_MD_CTX_new());
    made(context != nullptr);
    return context;
}

}  // namespace

struct Sha256::State {
    Context context = new_context();
};

Digest sha256(std::string_view bytes) {
    const EVP_MD* digest = algorithm();  // made before the context, so freed after it
    thread_local const Context context = new_context();
    Digest out;
    made(EVP_DigestInit_ex2(context.get(), digest, nullptr) == 1);
    CHECK(EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1);
    CHECK(EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1);
    return out;
}

Sha256::Sha256() : state_(std::make_unique<State>()) {
    made(EVP_DigestInit_ex2(state_->context.get(), algorithm(), nullptr) == 1);
}

Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) {
    CHECK(state_ != nullptr);
    CHECK(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1);
}

Digest Sha256::finish() {
    CHECK(state_ != nullptr);
    Digest out;
    CHECK(EVP_DigestFinal_ex(state_->context.get(), out.data(), nullptr) == 1);
    state_.reset();
    return out;
}

Digest hmac_sha256(std::string_view key, std::string_view bytes) {
    Digest out;
    const char* key_bytes = key.empty() ? "" : key.data();  // OpenSSL takes null for "the last key"
    made(HMAC(algorithm(), key_bytes, static_cast<int>(key.size()),
              reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), out.data(),
              nullptr) != nullptr);
    return out;
}

std::string legacy_hex(Legacy algorithm, std::string_view bytes) {
    std::array<char, EVP_MAX_MD_SIZE> out{};
    std::size_t length = 0;
    made(EVP_Q_digest(nullptr, algorithm == Legacy::Md5 ? "MD5" : "SHA1", nullptr, bytes.data(),
                      bytes.size(), reinterpret_cast<unsigned char*>(out.data()), &length) == 1);
    return to_hex(std::string_view(out.data(), length));
}

bool equal_constant_time(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) return false;
    return CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace drydock::crypto
