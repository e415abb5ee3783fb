#include <gtest/gtest.h>

#include "engine/crypto/digest.h"
#include "engine/error.h"

namespace drydock::crypto {
namespace {

TEST(Base64, EqualsThePublishedVectorsOfRfc4648) {
    const std::vector<std::pair<std::string, std::string>> vectors{
        {"", ""},         {"f", "Zg=="},         {"fo", "Zm8="},        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : vectors) {
        EXPECT_EQ(to_base64(plain), encoded);
        EXPECT_EQ(from_base64(encoded), plain);
    }
}

TEST(Base64, RefusesEveryTextThatIsNotTheOneForItsBytes) {
    for (const char* text :
         {"Z", "Zg=", "Zg", "Zh==", "Zm9=", "Zg==Zg==", "Z===", "====", "=Zg=", "Zm9v\n", "Zm-_"}) {
        EXPECT_THROW((void)from_base64(text), Error) << text;
    }
}

TEST(Hex, RoundTripsEveryByte) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    EXPECT_EQ(from_hex(to_hex(all)), all);
    EXPECT_EQ(from_base64(to_base64(all)), all);
    EXPECT_EQ(to_hex("\xff\x01"), "ff01");
}

TEST(Hex, RefusesOddLengthsUpperCaseAndOtherLetters) {
    for (const char* text : {"f", "FF", "0g", " 0"}) {
        EXPECT_THROW((void)from_hex(text), Error) << text;
    }
}

}  // namespace
}  // namespace drydock::crypto
