#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/audit/note.h"
#include "engine/journal/journal.h"

// Signing the ledger, apart from writing it. Who can append could also write everything anew and
// have it signed again; so the signer keeps, outside the journal, what he signed last, and signs
// only what continues it:
//
//   memory: size s, right edge of the tree ──┐
//   journal: the lines from s on ────────────┴─► root ── must be the root of the journal's tip
//
// The key is read by `audit heads --sign` alone; no process of a run has it.
namespace drydock::audit {

struct SignerMemory {
    std::string origin;
    std::int64_t size = 0;
    std::string root, frontier;

    [[nodiscard]] std::string text() const;
};
// Throws Error{Integrity} for what is no memory of a signer.
[[nodiscard]] SignerMemory signer_memory(std::string_view text);

struct SignedHead {
    journal::Head head;
    SignerMemory memory;  // to be durable before the head is given to anybody
};
// Signs the journal as it is now. Throws Error{Integrity} unless it continues `memory`; without
// one it is the first head, which Error{Integrity} refuses when the journal has one of this key.
[[nodiscard]] SignedHead sign_head(journal::JournalReader& journal, const SignerKey& key,
                                   const std::optional<SignerMemory>& memory);

}  // namespace drydock::audit
