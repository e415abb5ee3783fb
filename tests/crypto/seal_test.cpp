#include "engine/crypto/seal.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/crypto/digest.h"
#include "engine/error.h"

namespace drydock::crypto {
namespace {

const Key kKey(std::string(32, 'k'));

TEST(Seal, OpensTheVectorOfTheStandard) {
    // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 16.
    const Key key(from_hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"));
    const std::string sealed = from_hex(
        "cafebabefacedbaddecaf888"
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b");
    EXPECT_EQ(to_hex(open(key, sealed, from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"))),
              "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
              "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
}

TEST(Seal, GivesBackWhatWasSealed) {
    for (const std::string& plain : {std::string(), std::string("a"), std::string(100'000, 'x')}) {
        const std::string sealed = seal(kKey, plain, "backup 7");
        EXPECT_EQ(sealed.size(), plain.size() + kSealOverheadBytes);
        EXPECT_EQ(open(kKey, sealed, "backup 7"), plain);
    }
}

TEST(Seal, DoesNotOpenWhenAnyByteIsAltered) {
    const std::string sealed = seal(kKey, "sixteen tons", "what");
    for (std::size_t at = 0; at < sealed.size(); ++at) {
        std::string altered = sealed;
        altered[at] = static_cast<char>(altered[at] ^ 1);
        EXPECT_THROW((void)open(kKey, altered, "what"), Error) << at;
        EXPECT_THROW((void)open(kKey, sealed.substr(0, at), "what"), Error) << at;
    }
}

TEST(Seal, DoesNotOpenWithAnotherKeyOrForSomethingElse) {
    const std::string sealed = seal(kKey, "text", "backup 7");
    EXPECT_THROW((void)open(kKey, sealed, "backup 8"), Error);
    EXPECT_THROW((void)open(Key(std::string(32, 'l')), sealed, "backup 7"), Error);
}

TEST(Seal, NeverUsesANonceTwice) {
    std::set<std::string> nonces;
    for (int count = 0; count < 1000; ++count) nonces.insert(seal(kKey, "", "").substr(0, 12));
    EXPECT_EQ(nonces.size(), 1000U);
}

}  // namespace
}  // namespace drydock::crypto
