#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/audit/finding.h"
#include "engine/audit/ledger_check.h"
#include "engine/run/flat_line.h"

namespace drydock::audit {

// Follows the chain of one run, event by event, and remembers the first place where it breaks:
//
//   line n+1 names line n by its digest. They disagree? Then n or n+1 was altered; n+2 says which:
//   it still names n+1 ── n was altered ; it does not ── n+1 was.
//
// Keeps two digests and no events, however long the run is. Not thread-safe.
class ChainCheck final {
  public:
    // What the ledger says about the run, which outlives this; nullopt: nothing that counts.
    struct Witness {
        std::span<const Seal> seals;
        std::span<const Erasure> erasures;
    };
    explicit ChainCheck(std::string_view run, std::optional<Witness> witness = {});

    void add(const Record& event);
    // The same for who has read its line already.
    void add(const Record& event, const run::LineHead& head);
    // What was found, once no more events come.
    [[nodiscard]] std::optional<Finding> finish() const;

    [[nodiscard]] const std::string& run() const { return run_; }
    [[nodiscard]] std::int64_t seq() const { return seq_; }
    [[nodiscard]] std::int64_t erased() const { return erased_; }
    // How many events stand behind the last seal.
    [[nodiscard]] std::int64_t unsealed() const;
    // The kind and the term of the newest event.
    [[nodiscard]] const std::string& last_kind() const { return kind_; }
    [[nodiscard]] std::int64_t term() const { return term_; }

  private:
    void check(const Record& record, const run::LineHead& head);
    bool check_number(const Record& record, const run::LineHead& head);
    void check_order(const Record& record, const run::LineHead& head);
    void check_body(const Record& record, const run::LineHead& head);
    void check_seal(const Record& record, const run::LineHead& head, const crypto::Digest& leaf);
    void look_again(const run::LineHead& head);
    void found(Verdict verdict, std::int64_t seq, std::int64_t offset, std::string what);

    std::string run_;
    std::optional<Witness> witness_;
    std::size_t seals_met_ = 0;
    std::string head_;  // prev of the next line
    std::int64_t seq_ = 0, offset_ = -1, time_ = 0, term_ = 0, erased_ = 0, sealed_ = 0;
    std::int64_t gap_to_ = 0;  // the last event that is missing
    std::string kind_;
    std::optional<Finding> finding_;
    std::optional<Finding> suspect_;  // the event after the one that finding_ names
};

}  // namespace drydock::audit
