#include "engine/crypto/digest.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace drydock::crypto {
namespace {

TEST(Digest, EqualsThePublishedVectorsOfFips180) {
    EXPECT_EQ(to_hex(sha256("")),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Digest, KnowsTheOldOnesThatOtherProgramsKeep) {
    EXPECT_EQ(legacy_hex(Legacy::Md5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(legacy_hex(Legacy::Sha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(Digest, IsTheSameInPieces) {
    const std::string text(1000, 'a');
    Sha256 pieces;
    for (std::size_t at = 0; at < text.size(); at += 7) {
        pieces.update(std::string_view(text).substr(at, 7));
    }
    EXPECT_EQ(pieces.finish(), sha256(text));
}

TEST(Digest, IsTheSameOnEveryThread) {
    const Digest wanted = sha256("abc");
    std::vector<Digest> found(8);
    {
        std::vector<std::jthread> threads;
        for (Digest& digest : found) threads.emplace_back([&digest] { digest = sha256("abc"); });
    }
    for (const Digest& digest : found) EXPECT_EQ(digest, wanted);
}

TEST(DigestDeathTest, FinishingTwiceIsOurBug) {
    EXPECT_EXIT(
        {
            Sha256 digest;
            (void)digest.finish();
            (void)digest.finish();
        },
        testing::ExitedWithCode(70), "");
}

TEST(Hmac, EqualsThePublishedVectorsOfRfc4231) {
    EXPECT_EQ(to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(to_hex(hmac_sha256("", "")),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(EqualConstantTime, IsPlainEquality) {
    EXPECT_TRUE(equal_constant_time("", ""));
    EXPECT_TRUE(equal_constant_time("abc", "abc"));
    EXPECT_FALSE(equal_constant_time("abc", "abd"));
    EXPECT_FALSE(equal_constant_time("abc", "abcd"));
}

}  // namespace
}  // namespace drydock::crypto
