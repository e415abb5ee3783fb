#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/audit/chain_check.h"
#include "engine/journal/journal.h"

// Recomputes what the journal claims, offline and in bounded memory: of each run the numbers, the
// chain of the lines and the digest of every body. Reading only; nothing is repaired.
namespace drydock::audit {

struct Verified {
    std::int64_t runs = 0;
    std::int64_t events = 0;
    std::int64_t erased = 0;        // bodies that were taken out on purpose
    std::vector<Finding> findings;  // at most one a run, and not more than kMaxFindings

    [[nodiscard]] bool ok() const { return findings.empty(); }
    // The gravest.
    [[nodiscard]] Verdict verdict() const;
};
inline constexpr std::size_t kMaxFindings = 100;

// A journal, beside whoever is writing it.
[[nodiscard]] Verified verify_journal(journal::JournalReader& journal);
// A file made by export_runs(). Throws Error{File} when it cannot be read.
[[nodiscard]] Verified verify_export(const std::string& path);

}  // namespace drydock::audit
