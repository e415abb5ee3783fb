#include "engine/audit/note.h"

#include <gtest/gtest.h>

#include "engine/crypto/digest.h"
#include "engine/error.h"

namespace drydock::audit {
namespace {

const SignerKey kKey{.name = "ops.example.com", .seed = crypto::Key(std::string(32, 'k'))};
const SignerKey kOther{.name = "ops.example.com", .seed = crypto::Key(std::string(32, 'o'))};
const Checkpoint kHead{.origin = origin_of("uuid"), .size = 42, .root = std::string(32, 'r')};

// From the documentation of golang.org/x/mod/sumdb/note, which wrote this form first: a key that
// others made is read, and its signature holds.
constexpr std::string_view kGoKey =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr std::string_view kGoNote =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngot"
    "pRZb6KE6RyyBwJnAM=\n";

TEST(Note, reads_a_key_and_a_signature_that_another_program_made) {
    const VerifierKey key = verifier_key(kGoKey);
    EXPECT_EQ(key.name, "PeterNeumann");
    EXPECT_EQ(key.id(), 0xc74f20a3U);
    EXPECT_EQ(key.text(), kGoKey);
    const std::size_t empty = kGoNote.find("\n\n");
    const std::string_view base64 = kGoNote.substr(kGoNote.rfind(' ') + 1);
    const std::string bytes = crypto::from_base64(base64.substr(0, base64.size() - 1));
    Note note{
        .text = std::string(kGoNote.substr(0, empty + 1)), .checkpoint = {}, .signatures = {}};
    NoteSignature signature{.name = "PeterNeumann", .id = 0xc74f20a3U};
    std::copy(bytes.begin() + 4, bytes.end(), signature.bytes.begin());
    note.signatures.push_back(signature);
    EXPECT_EQ(check_signature(note, key), Signed::True);
    note.text[0] = 'i';
    EXPECT_EQ(check_signature(note, key), Signed::False);
}

TEST(Note, signs_a_checkpoint_and_reads_it_again) {
    const std::string text = sign(kHead, kKey);
    EXPECT_TRUE(text.starts_with("drydock.journal/uuid\n42\n")) << text;
    const Note note = read_note(text);
    EXPECT_EQ(note.checkpoint.size, 42);
    EXPECT_EQ(note.checkpoint.root, kHead.root);
    EXPECT_EQ(check_signature(note, kKey.verifier()), Signed::True);
    EXPECT_EQ(check_signature(note, kOther.verifier()), Signed::Unknown);
}

TEST(Note, keys_come_back_from_their_text) {
    EXPECT_EQ(signer_key(kKey.text() + "\n").verifier().text(), kKey.verifier().text());
    EXPECT_EQ(verifier_key(kKey.verifier().text() + "\n").key, kKey.verifier().key);
}

TEST(Note, a_key_with_an_altered_byte_is_refused) {
    const std::string text = kKey.verifier().text();
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string altered = text;
        altered[at] = altered[at] == 'A' ? 'B' : 'A';
        EXPECT_THROW((void)verifier_key(altered), Error) << altered;
    }
    EXPECT_THROW((void)signer_key(text), Error);
    EXPECT_THROW((void)verifier_key(kKey.text()), Error);
    EXPECT_THROW(check_key_name("two words"), Error);
    EXPECT_THROW(check_key_name(""), Error);
}

TEST(Note, an_altered_byte_of_a_head_is_no_head_or_not_signed) {
    const std::string text = sign(kHead, kKey);
    const VerifierKey key = kKey.verifier();
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string altered = text;
        altered[at] = static_cast<char>(altered[at] ^ 1);
        try {
            EXPECT_NE(check_signature(read_note(altered), key), Signed::True) << at;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::Integrity);
        }
    }
    for (std::size_t size = 0; size < text.size(); ++size)
        EXPECT_THROW((void)read_note(text.substr(0, size)), Error) << size;
}

}  // namespace
}  // namespace drydock::audit
