#include "engine/crypto/signature.h"

#include <openssl/evp.h>

#include <memory>

#include "engine/check.h"
#include "engine/crypto/openssl.h"

namespace drydock::crypto {
namespace {

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using KeyHandle = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::unique_ptr<EVP_MD_CTX, Free>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

KeyHandle private_handle(const Key& seed) {
    KeyHandle handle(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.bytes().data(),
                                                  seed.bytes().size()));
    made(handle != nullptr);
    return handle;
}

}  // namespace

PublicKey public_key(const Key& seed) {
    const KeyHandle handle = private_handle(seed);
    PublicKey key;
    std::size_t size = key.size();
    CHECK(EVP_PKEY_get_raw_public_key(handle.get(), key.data(), &size) == 1 && size == key.size());
    return key;
}

Signature sign(const Key& seed, std::string_view message) {
    const KeyHandle handle = private_handle(seed);
    const Context context(EVP_MD_CTX_new());
    made(context != nullptr);
    made(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, handle.get()) == 1);
    Signature signature;
    std::size_t size = signature.size();
    made(EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(message),
                        message.size()) == 1);
    CHECK(size == signature.size());
    return signature;
}

bool verify(const PublicKey& key, std::string_view message, const Signature& signature) {
    const KeyHandle handle(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
    made(handle != nullptr);
    const Context context(EVP_MD_CTX_new());
    made(context != nullptr);
    made(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, handle.get()) == 1);
    return EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes_of(message),
                            message.size()) == 1;
}

}  // namespace drydock::crypto
