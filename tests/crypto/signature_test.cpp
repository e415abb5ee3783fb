#include "engine/crypto/signature.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/crypto/digest.h"

namespace drydock::crypto {
namespace {

struct Vector {
    std::string seed, key, message, signature;
};
// RFC 8032, 7.1: TEST 1, TEST 2, TEST 3.
const std::vector<Vector> kVectors{
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9"
     "b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f1"
     "1d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984d"
     "c6594a7c15e9716ed28dc027beceea1ec40a"}};

std::string hex(const auto& bytes) {
    return to_hex(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

TEST(Signature, is_that_of_the_published_vectors) {
    for (const Vector& vector : kVectors) {
        const Key seed(from_hex(vector.seed));
        EXPECT_EQ(hex(public_key(seed)), vector.key);
        const Signature signature = sign(seed, from_hex(vector.message));
        EXPECT_EQ(hex(signature), vector.signature);
        EXPECT_TRUE(verify(public_key(seed), from_hex(vector.message), signature));
    }
}

TEST(Signature, does_not_hold_for_another_message_key_or_signature) {
    const Key seed(std::string(32, 'k')), other(std::string(32, 'o'));
    const Signature signature = sign(seed, "head");
    EXPECT_TRUE(verify(public_key(seed), "head", signature));
    EXPECT_FALSE(verify(public_key(seed), "heaf", signature));
    EXPECT_FALSE(verify(public_key(other), "head", signature));
    for (std::size_t at = 0; at < signature.size(); ++at) {
        Signature altered = signature;
        altered[at] = static_cast<std::uint8_t>(altered[at] ^ 1U);
        EXPECT_FALSE(verify(public_key(seed), "head", altered)) << at;
    }
}

}  // namespace
}  // namespace drydock::crypto
