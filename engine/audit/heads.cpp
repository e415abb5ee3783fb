#include "engine/audit/heads.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "engine/crypto/digest.h"
#include "engine/crypto/merkle.h"
#include "engine/error.h"
#include "engine/seam.h"

namespace drydock::audit {
namespace {

constexpr std::string_view kFirstLine = "drydock signer 1";
constexpr std::size_t kLines = 5;
constexpr std::size_t kPage = 1'000;

std::string root_of(const crypto::MerkleFrontier& tree) {
    const crypto::Digest root = tree.root();
    return {reinterpret_cast<const char*>(root.data()), root.size()};
}

[[noreturn]] void refuse(const std::string& what) {
    throw Error(ErrorCode::Integrity, what,
                "nothing was signed; keep the journal as it is and look at it: drydock audit "
                "verify --key KEY --head HEAD");
}

// A forgotten memory must not make a rewritten journal trustworthy.
void refuse_second_beginning(journal::JournalReader& journal, const VerifierKey& key) {
    for (const journal::Head& head : journal.heads()) {
        const Note note = read_note(head.note);
        if (check_signature(note, key) == Signed::Unknown) continue;
        throw Error(ErrorCode::Integrity,
                    "this key has signed heads of the journal, but the memory of it is not there",
                    "name the file that was used before with --state; without it, start anew with "
                    "another key");
    }
}

crypto::MerkleFrontier remembered(const SignerMemory& memory, const std::string& origin) {
    if (memory.origin != origin) refuse("the memory is that of another journal, " + memory.origin);
    const crypto::MerkleFrontier tree(memory.size, memory.frontier);
    if (root_of(tree) != memory.root) refuse("the memory of the signer is damaged");
    return tree;
}

void extend(crypto::MerkleFrontier& tree, journal::JournalReader& journal, std::int64_t size) {
    while (tree.size() < size) {
        const auto page = journal.ledger(tree.size(), kPage);
        if (page.empty() || page.front().idx != tree.size())
            refuse("gap: line " + std::to_string(tree.size()) + " of the ledger is missing");
        for (const journal::StoredLedgerLine& line : page) {
            if (tree.size() < size) tree.add(line.line);
        }
    }
}

}  // namespace

std::string SignerMemory::text() const {
    return std::string(kFirstLine) + "\n" + origin + "\n" + std::to_string(size) + "\n" +
           crypto::to_base64(root) + "\n" + crypto::to_base64(frontier) + "\n";
}

SignerMemory signer_memory(std::string_view text) {
    std::vector<std::string_view> lines;
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    const Error none(ErrorCode::Integrity, "this is not the memory of a signer",
                     "--state names a file that drydock audit heads --sign made, or none that is "
                     "there");
    if (lines.size() != kLines || !text.empty() || lines[0] != kFirstLine) throw none;
    SignerMemory memory{.origin = std::string(lines[1])};
    const auto [end, failed] =
        std::from_chars(lines[2].data(), lines[2].data() + lines[2].size(), memory.size);
    if (failed != std::errc() || end != lines[2].data() + lines[2].size()) throw none;
    try {
        memory.root = crypto::from_base64(lines[3]);
        memory.frontier = crypto::from_base64(lines[4]);
    } catch (const Error&) {
        throw none;
    }
    return memory;
}

SignedHead sign_head(journal::JournalReader& journal, const SignerKey& key,
                     const std::optional<SignerMemory>& memory) {
    const auto tip = journal.tip();
    if (!tip)
        throw Error(ErrorCode::NotFound, "the journal has no ledger yet",
                    "a run, or any other writing command, begins it");
    const std::string origin = origin_of(journal.info().uuid);
    crypto::MerkleFrontier tree;
    if (memory && protected_by(Protection::SignerMemory)) {
        tree = remembered(*memory, origin);
        if (tip->size < tree.size())
            refuse("truncated: the ledger has " + std::to_string(tip->size) + " lines, " +
                   std::to_string(tree.size()) + " were signed");
    } else if (!memory) {
        refuse_second_beginning(journal, key.verifier());
    }
    extend(tree, journal, tip->size);
    if (root_of(tree) != tip->root)
        refuse("forked: the ledger does not continue what was signed at " +
               std::to_string(memory ? memory->size : 0));
    return {.head = {.size = tip->size,
                     .note = sign({.origin = origin, .size = tip->size, .root = tip->root}, key)},
            .memory = {
                .origin = origin, .size = tip->size, .root = tip->root, .frontier = tree.bytes()}};
}

}  // namespace drydock::audit
