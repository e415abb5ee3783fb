#include "engine/audit/note.h"

#include <algorithm>
#include <charconv>

#include "engine/crypto/digest.h"
#include "engine/error.h"

namespace drydock::audit {
namespace {

constexpr std::string_view kPrivate = "PRIVATE+KEY+";
constexpr std::string_view kSignature = "\u2014 ";  // an em dash
constexpr char kEd25519 = '\1';
constexpr std::size_t kIdBytes = 4;
constexpr std::size_t kRootBytes = 32;

std::string_view view(const auto& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint32_t number(std::string_view four_bytes) {
    std::uint32_t id = 0;
    for (const char byte : four_bytes) id = id << 8 | static_cast<unsigned char>(byte);
    return id;
}

std::string id_bytes(std::uint32_t id) {
    std::string bytes;
    for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(id >> shift & 0xFF);
    return bytes;
}

// NAME+8 hex digits+base64, as both kinds of keys have it.
struct KeyText {
    std::string name, key;
    std::uint32_t id = 0;
};

KeyText split(std::string_view text, ErrorCode code, const std::string& what) {
    const std::size_t second = text.rfind('+', text.size());
    // Base64 may have a plus itself: the fields are counted from the left.
    const std::size_t first = text.find('+');
    const std::size_t middle = first == std::string_view::npos ? first : text.find('+', first + 1);
    const Error wrong(code, "this is no " + what,
                      "drydock audit key FILE makes one, and shows its public half");
    if (second == std::string_view::npos || middle != first + 9) throw wrong;
    KeyText parts;
    try {
        parts.name = text.substr(0, first);
        parts.id = number(crypto::from_hex(text.substr(first + 1, 8)));
        parts.key = crypto::from_base64(text.substr(middle + 1));
    } catch (const Error&) {
        throw wrong;
    }
    if (parts.name.empty() || parts.key.size() != 33 || parts.key[0] != kEd25519) throw wrong;
    parts.key.erase(0, 1);
    return parts;
}

std::string key_text(std::string_view name, std::uint32_t id, std::string_view key) {
    return std::string(name) + "+" + crypto::to_hex(id_bytes(id)) + "+" +
           crypto::to_base64(kEd25519 + std::string(key));
}

// Lines of ours end with one newline, those from a shell or an editor perhaps with none or more.
std::string_view without_newline(std::string_view text) {
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    return text;
}

[[noreturn]] void no_head(const std::string& why) {
    throw Error(ErrorCode::Integrity, "this is no signed head: " + why);
}

std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) no_head("a line is cut");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

Checkpoint read_checkpoint(std::string_view text) {
    Checkpoint checkpoint;
    checkpoint.origin = take_line(text);
    const std::string_view size = take_line(text);
    const auto [end, failed] =
        std::from_chars(size.data(), size.data() + size.size(), checkpoint.size);
    const bool whole = failed == std::errc() && end == size.data() + size.size();
    if (checkpoint.origin.empty() || !whole || std::to_string(checkpoint.size) != size ||
        checkpoint.size < 0)
        no_head("it has no origin or no size");
    try {
        checkpoint.root = crypto::from_base64(take_line(text));
    } catch (const Error& error) {
        no_head("its root is " + error.message());
    }
    if (checkpoint.root.size() != kRootBytes) no_head("its root is no SHA-256");
    return checkpoint;
}

NoteSignature read_signature(std::string_view line) {
    NoteSignature signature;
    const std::size_t blank = line.rfind(' ');
    if (!line.starts_with(kSignature) || blank < kSignature.size())
        no_head("a signature's line is wrong");
    signature.name = line.substr(kSignature.size(), blank - kSignature.size());
    std::string bytes;
    try {
        bytes = crypto::from_base64(line.substr(blank + 1));
    } catch (const Error& error) {
        no_head("a signature is " + error.message());
    }
    if (bytes.size() < kIdBytes) no_head("a signature is too short");
    signature.id = number(std::string_view(bytes).substr(0, kIdBytes));
    // Other kinds of signatures have other lengths; none of them is the pinned key's.
    const std::string_view rest = std::string_view(bytes).substr(kIdBytes);
    std::copy_n(rest.begin(), std::min(rest.size(), signature.bytes.size()),
                signature.bytes.begin());
    return signature;
}

}  // namespace

std::uint32_t VerifierKey::id() const {
    const crypto::Digest digest =
        crypto::sha256(name + "\n" + kEd25519 + std::string(view(key)));
    return number(view(digest).substr(0, kIdBytes));
}

std::string VerifierKey::text() const { return key_text(name, id(), view(key)); }

VerifierKey verifier_key(std::string_view text) {
    const KeyText parts = split(without_newline(text), ErrorCode::Usage, "verifier key");
    VerifierKey key{.name = parts.name};
    std::ranges::copy(parts.key, key.key.begin());
    if (key.id() != parts.id)
        throw Error(ErrorCode::Usage, "the verifier key has a wrong id: it was copied wrongly",
                    "drydock audit key FILE shows it");
    return key;
}

VerifierKey SignerKey::verifier() const {
    return {.name = name, .key = crypto::public_key(seed)};
}

std::string SignerKey::text() const {
    return std::string(kPrivate) + key_text(name, verifier().id(), view(seed.bytes()));
}

SignerKey signer_key(std::string_view text) {
    text = without_newline(text);
    const bool is_private = text.starts_with(kPrivate);
    if (is_private) text.remove_prefix(kPrivate.size());
    const KeyText parts = split(text, ErrorCode::Document, "private key");
    if (!is_private)
        throw Error(ErrorCode::Document, "this is a verifier key, signing wants the private one",
                    "drydock audit key FILE makes one");
    SignerKey key{.name = parts.name, .seed = crypto::Key(parts.key)};
    if (key.verifier().id() != parts.id)
        throw Error(ErrorCode::Document, "the private key has a wrong id: it was copied wrongly",
                    "bring it back from where it is kept");
    return key;
}

void check_key_name(std::string_view name) {
    const bool plain = std::ranges::all_of(name, [](char c) { return c > ' ' && c != '+'; });
    if (!name.empty() && plain) return;
    throw Error(ErrorCode::Usage, "a key's name has no blank and no plus",
                "--name ops.example.com");
}

std::string Checkpoint::text() const {
    return origin + "\n" + std::to_string(size) + "\n" + crypto::to_base64(root) + "\n";
}

std::string origin_of(std::string_view uuid) { return "drydock.journal/" + std::string(uuid); }

std::string sign(const Checkpoint& checkpoint, const SignerKey& key) {
    const std::string text = checkpoint.text();
    const crypto::Signature signature = crypto::sign(key.seed, text);
    return text + "\n" + std::string(kSignature) + key.name + " " +
           crypto::to_base64(id_bytes(key.verifier().id()) + std::string(view(signature))) + "\n";
}

Note read_note(std::string_view text) {
    Note note;
    const std::size_t empty = text.find("\n\n");
    if (empty == std::string_view::npos) no_head("it has no signature");
    note.text = text.substr(0, empty + 1);
    note.checkpoint = read_checkpoint(note.text);
    std::string_view rest = text.substr(empty + 2);
    while (!rest.empty()) note.signatures.push_back(read_signature(take_line(rest)));
    if (note.signatures.empty()) no_head("it has no signature");
    return note;
}

Signed check_signature(const Note& note, const VerifierKey& key) {
    Signed result = Signed::Unknown;
    for (const NoteSignature& signature : note.signatures) {
        if (signature.name != key.name || signature.id != key.id()) continue;
        if (crypto::verify(key.key, note.text, signature.bytes)) return Signed::True;
        result = Signed::False;
    }
    return result;
}

}  // namespace drydock::audit
