#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::audit {

// How a record can be wrong, the least grave first.
enum class Verdict : std::uint8_t {
    Ok,
    Truncated,  // it ends early
    Gap,        // something in the middle is not there
    Altered,    // something is there that is not what was written
    Forked,     // whole in itself, but not what a signed head says
    Unknown,    // signed by a key that nobody vouched for
};
[[nodiscard]] std::string_view verdict_name(Verdict verdict);

// The first bad place of a run, of the ledger, or of a record as a whole.
struct Finding {
    Verdict verdict = Verdict::Ok;
    std::string run;           // empty: no run in particular
    std::int64_t seq = 0;      // 0: no event in particular
    std::int64_t offset = -1;  // of the line in an export; -1: not an export
    std::string what;
};

// What verifying came to.
struct Verified {
    std::int64_t runs = 0;
    std::int64_t events = 0;
    std::int64_t erased = 0;           // bodies that were taken out on purpose
    std::int64_t pruned = 0;           // runs that were
    std::int64_t ledger = 0;           // lines of the ledger
    std::int64_t heads = 0;            // signed heads beside it and given
    bool signatures_checked = false;   // a key was given
    std::int64_t unsealed_events = 0;  // after the last seal of their run
    std::int64_t unsealed_runs = 0;    // runs that have such events
    std::vector<Finding> findings;     // the first of each run, not more than kMaxFindings

    [[nodiscard]] bool ok() const { return findings.empty(); }
    // The gravest.
    [[nodiscard]] Verdict verdict() const;
};
inline constexpr std::size_t kMaxFindings = 100;

}  // namespace drydock::audit
