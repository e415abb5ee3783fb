#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/journal/journal.h"

// The lines of the ledger, one for the whole journal, where each run's own chain cannot show that a
// run is missing or ends early:
//
//   genesis   the journal began            seal    run R had event SEQ, whose line has digest LEAF
//   erase     bodies of a run were erased  prune   a run was removed, whose last seal was this
//
// A line is one JSON object without blanks, its fields in this order, what is empty or zero (but
// idx and time) left out:
//   v idx time kind journal schema n run seq last leaf event actor body
// The lines are the records of an RFC 6962 tree (crypto/merkle.h), idx counts from 0.
namespace drydock::journal {

inline constexpr std::int64_t kLedgerVersion = 1;
// However long a run goes on without a pause, so many events at most have no seal.
inline constexpr std::int64_t kSealEvery = 256;

enum class LedgerKind : std::uint8_t { Genesis, Seal, Erase, Prune };

struct LedgerEntry {
    std::int64_t idx = 0, time = 0;  // wall, microseconds
    LedgerKind kind = LedgerKind::Seal;
    std::string journal;             // of genesis: uuid
    std::int64_t schema = 0;         // of genesis
    std::int64_t n = 0;              // the run's number, and
    std::string run;                 // its id
    std::int64_t seq = 0;            // sealed; of erase: the first; of prune: the last there was
    std::int64_t last = 0;           // of erase: the last
    std::string leaf;                // of seal and prune: base64 SHA-256 of the line `seq`
    std::string event;               // and its kind
    std::string actor;               // who erased or pruned
    std::string body;                // base64 SHA-256(salt ‖ body); the body has the reason
};

[[nodiscard]] std::string encode(const LedgerEntry& entry);
// Throws Error{Integrity} for what encode() would not have written.
[[nodiscard]] LedgerEntry decode_ledger(std::string_view line);

// Whether these events, appended in one commit, are to be sealed with it.
[[nodiscard]] bool wants_seal(const std::vector<StoredEvent>& events);
// The seal of `event`, the last of its commit, but for idx and time.
[[nodiscard]] LedgerEntry seal_of(std::int64_t n, const StoredEvent& event);

}  // namespace drydock::journal
