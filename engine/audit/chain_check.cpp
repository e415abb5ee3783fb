#include "engine/audit/chain_check.h"

#include <algorithm>
#include <utility>

#include "engine/crypto/digest.h"
#include "engine/error.h"
#include "engine/run/event.h"
#include "engine/run/event_codec.h"

namespace drydock::audit {

ChainCheck::ChainCheck(std::string_view run, std::optional<Witness> witness)
    : run_(run), witness_(witness), head_(run::chain_start(run_)) {}

void ChainCheck::add(const Record& record) {
    if (finding_ && !suspect_ && gap_to_ == 0) return;
    run::LineHead head;
    try {
        head = run::read_head(record.line);
    } catch (const Error& error) {
        // With a finding, it is damaged itself and says nothing; the earlier place stands.
        if (!finding_) found(Verdict::Altered, seq_ + 1, record.offset, error.message());
        suspect_.reset();
        return;
    }
    add(record, head);
}

void ChainCheck::add(const Record& record, const run::LineHead& head) {
    if (finding_)
        look_again(head);
    else
        check(record, head);
}

// The event after those that disagree: it may show which of them is to blame.
void ChainCheck::look_again(const run::LineHead& head) {
    if (suspect_ && head.prev != head_) finding_ = suspect_;
    suspect_.reset();
    if (gap_to_ > 0 && head.seq > seq_ && head.seq <= gap_to_) {
        finding_->verdict = Verdict::Altered;
        finding_->what = "event " + std::to_string(head.seq) + " stands behind event " +
                         std::to_string(gap_to_ + 1);
        gap_to_ = 0;
    }
}

std::optional<Finding> ChainCheck::finish() const {
    if (finding_ || !witness_ || seals_met_ == witness_->seals.size()) return finding_;
    return Finding{Verdict::Truncated, run_, seq_, offset_,
                   "it ends here, but was sealed at event " +
                       std::to_string(witness_->seals.back().seq)};
}

std::int64_t ChainCheck::unsealed() const { return seq_ - sealed_; }

void ChainCheck::check(const Record& record, const run::LineHead& head) {
    if (!check_number(record, head)) return;
    check_order(record, head);
    if (!finding_) check_body(record, head);
    if (finding_ && !suspect_) return;
    const crypto::Digest leaf = crypto::sha256(record.line);
    if (!finding_) check_seal(record, head, leaf);
    head_ = crypto::to_base64(leaf);
    seq_ = head.seq;
    offset_ = record.offset;
    time_ = head.time;
    term_ = head.term;
    kind_ = head.kind;
}

bool ChainCheck::check_number(const Record& record, const run::LineHead& head) {
    const std::int64_t expected = seq_ + 1;
    const bool of_another_row = record.number >= 0 && record.number != head.seq;
    if (head.seq == expected && !of_another_row) return true;
    // It follows the line before and is only called otherwise.
    if (head.prev == head_ || of_another_row) {
        const std::int64_t row = of_another_row ? record.number : expected;
        found(Verdict::Altered, row, record.offset,
              "its line says that it is event " + std::to_string(head.seq));
    } else if (head.seq > expected) {
        gap_to_ = head.seq - 1;
        const std::string first = std::to_string(expected), last = std::to_string(gap_to_);
        found(Verdict::Gap, expected, record.offset,
              first == last ? "event " + first + " is missing"
                            : "events " + first + " to " + last + " are missing");
    } else {
        found(Verdict::Altered, head.seq, record.offset,
              "event " + std::to_string(head.seq) + " is there twice");
    }
    return false;
}

void ChainCheck::check_order(const Record& record, const run::LineHead& head) {
    const std::int64_t seq = seq_ + 1;
    if (head.run != run_)
        return found(Verdict::Altered, seq, record.offset,
                     "its line belongs to run " + std::string(head.run));
    if (head.prev != head_) {
        if (seq == 1)
            return found(Verdict::Altered, seq, record.offset,
                         "it does not begin the chain of its run");
        if (sealed_ == seq_)  // the event before is what it was
            return found(Verdict::Altered, seq, record.offset,
                         "it does not name the event before it");
        found(Verdict::Altered, seq_, offset_,
              "event " + std::to_string(seq) + " names another event before it");
        suspect_ = Finding{Verdict::Altered, run_, seq, record.offset,
                           "it does not name the event before it"};
        return;
    }
    if (head.time < time_)
        return found(Verdict::Altered, seq, record.offset, "it is older than the event before it");
    if (head.term < term_)
        return found(Verdict::Altered, seq, record.offset,
                     "its term is lower than that of the event before it");
}

void ChainCheck::check_body(const Record& record, const run::LineHead& head) {
    if (record.body) {
        if (body_digest(record.salt, *record.body) != head.body)
            found(Verdict::Altered, head.seq, record.offset,
                  "event " + std::to_string(head.seq) + " has an altered body");
        return;
    }
    if (head.body.empty()) return;
    ++erased_;
    if (!witness_) return;
    const bool told = std::ranges::any_of(witness_->erasures, [&](const Erasure& erasure) {
        return erasure.first <= head.seq && head.seq <= erasure.last;
    });
    if (!told)
        found(Verdict::Altered, head.seq, record.offset,
              "its body was taken away, and the ledger does not know of it");
}

void ChainCheck::check_seal(const Record& record, const run::LineHead& head,
                            const crypto::Digest& leaf) {
    if (!witness_ || seals_met_ == witness_->seals.size()) return;
    const Seal& seal = witness_->seals[seals_met_];
    if (seal.seq != head.seq) return;
    if (seal.leaf != leaf || seal.ended != (head.kind == run::RunEnded::kKind))
        return found(Verdict::Altered, head.seq, record.offset,
                     "it is not the one that was sealed");
    ++seals_met_;
    sealed_ = head.seq;
}

void ChainCheck::found(Verdict verdict, std::int64_t seq, std::int64_t offset, std::string what) {
    finding_ = Finding{verdict, run_, seq, offset, std::move(what)};
}

}  // namespace drydock::audit
