#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/journal/journal.h"
#include "engine/run/event.h"

namespace drydock::audit {

// How a record can be wrong, the least grave first.
enum class Verdict : std::uint8_t {
    Ok,
    Truncated,  // it ends early
    Gap,        // something in the middle is not there
    Altered,    // something is there that is not what was written
};
[[nodiscard]] std::string_view verdict_name(Verdict verdict);

// The first bad place of a run (or of an export as a whole: then `run` is empty).
struct Finding {
    Verdict verdict = Verdict::Ok;
    std::string run;
    std::int64_t seq = 0;      // 0: no event in particular
    std::int64_t offset = -1;  // of the line in an export; -1: not an export
    std::string what;
};

// Follows the chain of one run, event by event, and remembers the first place where it breaks:
//
//   line n+1 names line n by its digest. They disagree? Then n or n+1 was altered; n+2 says which:
//   it still names n+1 ── n was altered ; it does not ── n+1 was.
//
// Keeps two digests and no events, however long the run is. Not thread-safe.
class ChainCheck final {
  public:
    explicit ChainCheck(std::string run);

    // The next event as it is kept; `offset` as in Finding.
    void add(const journal::StoredEvent& event, std::int64_t offset = -1);
    // What was found, once no more events come.
    [[nodiscard]] std::optional<Finding> finish() const;

    [[nodiscard]] const std::string& run() const { return run_; }
    [[nodiscard]] std::int64_t seq() const { return seq_; }
    [[nodiscard]] std::int64_t erased() const { return erased_; }
    // The kind and the term of the newest event.
    [[nodiscard]] const std::string& last_kind() const { return kind_; }
    [[nodiscard]] std::int64_t term() const { return term_; }

  private:
    void check(const journal::StoredEvent& stored, std::int64_t offset);
    void check_order(const run::Event& event, std::int64_t offset);
    void found(Verdict verdict, std::int64_t seq, std::int64_t offset, std::string what);

    std::string run_;
    std::string head_;       // prev of the next line
    std::int64_t seq_ = 0, offset_ = -1, time_ = 0, term_ = 0, erased_ = 0;
    std::string kind_;
    std::optional<Finding> finding_;
    std::optional<Finding> suspect_;  // the event after the one that finding_ names
};

}  // namespace drydock::audit
