#include "engine/crypto/scram.h"

#include <gtest/gtest.h>

#include "engine/crypto/digest.h"
#include "engine/error.h"

namespace drydock::crypto {
namespace {

// RFC 7677, section 3: password "pencil", that salt, 4096 iterations. The RFC prints the exchange;
// the server's signature there follows from this ServerKey, the client's proof from StoredKey.
TEST(Scram, MakesTheKeysOfTheStandardsExample) {
    const std::string verifier = scram_verifier("pencil", from_base64("W22ZaJ0SNY7soEsUEjb6gQ=="));
    EXPECT_EQ(verifier,
              "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
              "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
              ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
}

TEST(Scram, RefusesWhatServersReadInDifferentWays) {
    const std::string salt(16, 's');
    for (const char* password : {"", "pässword", "tab\there", "\x7f"}) {
        try {
            (void)scram_verifier(password, salt);
            FAIL() << password;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::Document);
            EXPECT_EQ(error.message().find("pässword"), std::string::npos);
        }
    }
}

}  // namespace
}  // namespace drydock::crypto
