#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/audit/chain_check.h"
#include "engine/audit/finding.h"
#include "engine/audit/ledger_check.h"
#include "engine/audit/note.h"

namespace drydock::audit {

// A head that somebody kept elsewhere, and where it comes from.
struct GivenHead {
    std::string place;
    std::string note;
};
struct VerifyOptions {
    std::optional<VerifierKey> key;  // whose signatures count; without it none is looked at
    std::vector<GivenHead> heads;    // earlier or later ones
};

// Puts together what a whole record says, from a journal or an export, in this order:
//
//   head* ─ ledger_line* ─ end_ledger ─ (begin_run ─ event* ─ end_run)* ─ finish
//
// Heads are compared only with a record that is whole in itself: damage says more than that its
// root is another. Not thread-safe.
class AuditCheck final {
  public:
    explicit AuditCheck(const VerifyOptions& options);

    void head(std::string_view note, std::int64_t offset = -1);
    void ledger_line(const Record& record);
    // `size` as LedgerCheck::finish.
    void end_ledger(std::optional<std::int64_t> size, const std::string& journal);
    [[nodiscard]] const LedgerCheck& ledger() const { return ledger_; }

    // Runs come by number. True: the ledger knows it.
    bool begin_run(std::string_view run, std::int64_t offset = -1);
    [[nodiscard]] const ChainCheck* run() const { return chain_ ? &*chain_ : nullptr; }
    void event(const Record& record);
    void event(const Record& record, const run::LineHead& head);
    void end_run(const std::optional<Finding>& also = {});

    // Run `index` of the ledger's need not come.
    void excuse(std::size_t index) { seen_[index] = true; }
    void add(Finding finding);
    [[nodiscard]] const Verified& so_far() const { return verified_; }
    // `all`: every run that the ledger knows had to come, but for pruned ones.
    [[nodiscard]] Verified finish(bool all);

  private:
    struct Doubt {  // a head that was not compared yet
        Note note;
        std::string place;
        std::int64_t offset = -1;
    };
    void take_head(std::string_view note, std::string place, std::int64_t offset);
    [[nodiscard]] std::optional<std::size_t> find_run(std::string_view run);
    void compare(const Doubt& head);

    const VerifyOptions& options_;
    Verified verified_;
    LedgerCheck ledger_;
    std::string journal_;
    std::vector<Doubt> heads_;
    std::vector<Finding> doubts_;  // of heads; count when nothing else was found
    std::int64_t last_head_ = 0;
    std::optional<ChainCheck> chain_;
    std::size_t next_run_ = 0;     // in ledger_.runs()
    std::optional<Finding> unsealed_run_;
    std::vector<bool> seen_;
};

}  // namespace drydock::audit
