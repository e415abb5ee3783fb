#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/audit/finding.h"
#include "engine/crypto/merkle.h"
#include "engine/journal/ledger.h"
#include "engine/run/ids.h"

namespace drydock::audit {

// An event or a line of the ledger as it is kept. The views live as long as the call.
struct Record {
    std::string_view line, salt;
    std::optional<std::string_view> body;
    std::int64_t offset = -1;  // in an export
    std::int64_t number = -1;  // the key of its row, in a journal
};

// Base64 of SHA-256(salt ‖ body).
[[nodiscard]] std::string body_digest(std::string_view salt, std::string_view body);

// "Run number `run` of the list had event `seq`, whose line has this digest."
struct Seal {
    std::uint32_t run = 0;
    bool ended = false;
    std::int64_t seq = 0;
    crypto::Digest leaf{};
};
struct Erasure {
    std::uint32_t run = 0;
    std::int64_t first = 0, last = 0;
};
// A run that the ledger knows.
struct SealedRun {
    std::int64_t n = 0;
    std::array<char, run::kRunIdLength> id{};
    bool ended = false;   // under its newest seal
    bool pruned = false;
    std::int64_t seq = 0;  // of its newest seal
    std::size_t newest = 0;

    [[nodiscard]] std::string_view name() const { return {id.data(), id.size()}; }
};

// Reads a ledger from its first line to its last: numbers, meaning, tree. What it says about runs
// stays, 48 bytes for a seal and 64 for a run. Not thread-safe.
class LedgerCheck final {
  public:
    // Asks for the root that the tree had at `size` lines, before the lines come.
    void want_root(std::int64_t size);
    void add(const Record& record);
    // No more lines come; `size` is how many there should have been, if that is known. `journal`
    // is the uuid that the first line has to name.
    void finish(std::optional<std::int64_t> size, std::string_view journal);

    // The first bad place. With one, the ledger is no witness: a line that is missing may be the
    // seal that one would miss.
    [[nodiscard]] const std::optional<Finding>& finding() const { return finding_; }
    [[nodiscard]] std::int64_t size() const { return tree_.size(); }
    [[nodiscard]] crypto::Digest root() const { return tree_.root(); }
    [[nodiscard]] const crypto::Digest* root_at(std::int64_t size) const;
    // By number, ascending.
    [[nodiscard]] const std::vector<SealedRun>& runs() const { return runs_; }
    // Of run `index` of runs(), by sequence, ascending.
    [[nodiscard]] std::span<const Seal> seals(std::size_t index) const;
    [[nodiscard]] std::span<const Erasure> erasures(std::size_t index) const;

  private:
    void check(const Record& record);
    bool check_index(const journal::LedgerEntry& entry, const Record& record);
    void take_seal(const journal::LedgerEntry& entry, const Record& record);
    void take_removal(const journal::LedgerEntry& entry, const Record& record);
    [[nodiscard]] SealedRun* find(const journal::LedgerEntry& entry);
    void altered(const Record& record, const std::string& what);

    crypto::MerkleFrontier tree_;
    std::map<std::int64_t, std::optional<crypto::Digest>> wanted_;
    std::vector<SealedRun> runs_;
    std::vector<Seal> seals_;
    std::vector<Erasure> erasures_;
    std::string journal_;
    std::optional<Finding> finding_;
    std::int64_t gap_from_ = -1, gap_to_ = -1;  // lines that are missing so far
};

}  // namespace drydock::audit
