#include "engine/crypto/keys.h"

#include <gtest/gtest.h>

#include "engine/crypto/digest.h"
#include "engine/error.h"

namespace drydock::crypto {
namespace {

TEST(Hkdf, EqualsThePublishedVectorsOfRfc5869) {
    const std::string material(22, '\x0b');
    EXPECT_EQ(
        to_hex(hkdf_sha256({.material = material,
                            .salt = from_hex("000102030405060708090a0b0c"),
                            .info = from_hex("f0f1f2f3f4f5f6f7f8f9")},
                           42)),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    EXPECT_EQ(
        to_hex(hkdf_sha256({.material = material, .salt = {}, .info = {}}, 42)),
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, RefusesLengthsThatTheStandardDoesNotGive) {
    EXPECT_THROW((void)hkdf_sha256({.material = "x", .salt = {}, .info = {}}, 0), Error);
    EXPECT_THROW((void)hkdf_sha256({.material = "x", .salt = {}, .info = {}}, 8161), Error);
    EXPECT_EQ(hkdf_sha256({.material = "x", .salt = {}, .info = {}}, 8160).size(), 8160U);
}

TEST(Key, OfOneSecretDiffersByPurpose) {
    const Secret secret("backup_key", "0123456789abcdef");
    EXPECT_EQ(key_from_secret(secret, "backup").bytes(), key_from_secret(secret, "backup").bytes());
    EXPECT_NE(key_from_secret(secret, "backup").bytes(), key_from_secret(secret, "export").bytes());
}

TEST(Key, IsNotMadeFromASecretThatCouldBeGuessed) {
    try {
        (void)key_from_secret(Secret("backup_key", "short"), "backup");
        FAIL() << "a short secret was taken";
    } catch (const Error& error) {
        EXPECT_EQ(error.message(), "<secret backup_key> has 5 bytes, too few for a key");
        EXPECT_EQ(error.message().find("short"), std::string::npos);
    }
}

TEST(Key, HasExactlyThirtyTwoBytes) {
    EXPECT_THROW(Key(std::string(31, 'k')), Error);
    EXPECT_NO_THROW(Key(std::string(32, 'k')));
}

}  // namespace
}  // namespace drydock::crypto
