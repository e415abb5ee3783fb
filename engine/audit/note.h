#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/crypto/signature.h"

// Signed notes and their keys as C2SP writes them (c2sp.org/signed-note), and the note that says
// how large a log is and which root it has (c2sp.org/tlog-checkpoint):
//
//   drydock.journal/6f1c…                     origin: which log
//   42                                        its size
//   base64                                    the root of its RFC 6962 tree
//                                             an empty line
//   — NAME base64(id ‖ signature)             Ed25519 over all before the empty line
//
// The id are the first four bytes of SHA-256(NAME ‖ "\n" ‖ 0x01 ‖ public key).
namespace drydock::audit {

// Whom to believe: given by whoever verifies, never found beside the log.
struct VerifierKey {
    std::string name;
    crypto::PublicKey key{};

    [[nodiscard]] std::uint32_t id() const;
    // NAME+id in hex+base64(0x01 ‖ key): one line.
    [[nodiscard]] std::string text() const;
};
// Throws Error{Usage} for another text.
[[nodiscard]] VerifierKey verifier_key(std::string_view text);

struct SignerKey {
    std::string name;
    crypto::Key seed;

    [[nodiscard]] VerifierKey verifier() const;
    // PRIVATE+KEY+NAME+id+base64(0x01 ‖ seed): what a key file holds.
    [[nodiscard]] std::string text() const;
};
// Throws Error{Document}, which never quotes the text.
[[nodiscard]] SignerKey signer_key(std::string_view text);
// Throws Error{Usage} for a name that has a blank or a plus, or none.
void check_key_name(std::string_view name);

struct Checkpoint {
    std::string origin;
    std::int64_t size = 0;
    std::string root;  // 32 bytes
    [[nodiscard]] std::string text() const;
};
// The origin of the journal `uuid`.
[[nodiscard]] std::string origin_of(std::string_view uuid);

struct NoteSignature {
    std::string name;
    std::uint32_t id = 0;
    crypto::Signature bytes{};
};
struct Note {
    std::string text;  // what is signed
    Checkpoint checkpoint;
    std::vector<NoteSignature> signatures;
};
[[nodiscard]] std::string sign(const Checkpoint& checkpoint, const SignerKey& key);
// Throws Error{Integrity} for what is no checkpoint with a signature.
[[nodiscard]] Note read_note(std::string_view text);

enum class Signed : std::uint8_t {
    True,
    False,   // in the name of the key, but not by it
    Unknown  // by other keys only
};
[[nodiscard]] Signed check_signature(const Note& note, const VerifierKey& key);

}  // namespace drydock::audit
