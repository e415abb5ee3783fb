#include "engine/audit/audit_check.h"

#include <algorithm>
#include <utility>

#include "engine/crypto/digest.h"
#include "engine/error.h"

namespace drydock::audit {

AuditCheck::AuditCheck(const VerifyOptions& options) : options_(options) {
    verified_.signatures_checked = options.key.has_value();
    for (const GivenHead& given : options.heads) take_head(given.note, given.place + ": ", -1);
}

void AuditCheck::add(Finding finding) {
    if (verified_.findings.size() < kMaxFindings) verified_.findings.push_back(std::move(finding));
}

void AuditCheck::head(std::string_view note, std::int64_t offset) {
    take_head(note, {}, offset);
    if (heads_.empty()) return;
    const std::int64_t size = heads_.back().note.checkpoint.size;
    if (size <= last_head_)
        add({Verdict::Altered, {}, 0, offset, "a head stands where it does not belong"});
    last_head_ = size;
}

void AuditCheck::take_head(std::string_view note, std::string place, std::int64_t offset) {
    ++verified_.heads;
    try {
        heads_.push_back({read_note(note), std::move(place), offset});
        ledger_.want_root(heads_.back().note.checkpoint.size);
    } catch (const Error& error) {
        doubts_.push_back({Verdict::Altered, {}, 0, offset, place + error.message()});
    }
}

void AuditCheck::ledger_line(const Record& record) {
    ++verified_.ledger;
    ledger_.add(record);
}

void AuditCheck::end_ledger(std::optional<std::int64_t> size, const std::string& journal) {
    journal_ = journal;
    ledger_.finish(size, journal);
    if (ledger_.finding()) add(*ledger_.finding());
    seen_.resize(ledger_.runs().size());
}

// Mostly the next that is not pruned.
std::optional<std::size_t> AuditCheck::find_run(std::string_view run) {
    const auto& runs = ledger_.runs();
    const auto from = runs.begin() + static_cast<std::ptrdiff_t>(next_run_);
    auto found = std::ranges::find(from, runs.end(), run, &SealedRun::name);
    if (found == runs.end()) found = std::ranges::find(runs.begin(), from, run, &SealedRun::name);
    if (found == runs.end()) return std::nullopt;
    return static_cast<std::size_t>(found - runs.begin());
}

bool AuditCheck::begin_run(std::string_view run, std::int64_t offset) {
    end_run();
    ++verified_.runs;
    // A ledger that is damaged is no witness.
    const bool witness = !ledger_.finding() && verified_.findings.size() < kMaxFindings;
    const std::optional<std::size_t> index = witness ? find_run(run) : std::nullopt;
    if (!index) {
        chain_.emplace(run);
        if (witness && !unsealed_run_)
            unsealed_run_ = Finding{Verdict::Truncated, std::string(run), 0, offset,
                                    "the ledger has no seal of it: it ends early"};
        return false;
    }
    if (unsealed_run_ && unsealed_run_->verdict == Verdict::Truncated) {
        unsealed_run_->verdict = Verdict::Altered;
        unsealed_run_->what = "the ledger has no seal of it, but of later runs";
    }
    const SealedRun& sealed = ledger_.runs()[*index];
    if (*index < next_run_ || sealed.pruned)
        add({Verdict::Altered, std::string(run), 0, offset,
             sealed.pruned ? "it is here, but was pruned" : "its events are not together"});
    next_run_ = std::max(next_run_, *index + 1);
    seen_[*index] = true;
    chain_.emplace(run, ChainCheck::Witness{ledger_.seals(*index), ledger_.erasures(*index)});
    return true;
}

void AuditCheck::event(const Record& record) {
    ++verified_.events;
    chain_->add(record);
}

void AuditCheck::event(const Record& record, const run::LineHead& head) {
    ++verified_.events;
    chain_->add(record, head);
}

void AuditCheck::end_run(const std::optional<Finding>& also) {
    if (!chain_) return;
    verified_.erased += chain_->erased();
    if (const auto found = chain_->finish()) {
        add(*found);
    } else if (also) {
        add(*also);
    } else if (chain_->unsealed() > 0) {
        verified_.unsealed_events += chain_->unsealed();
        ++verified_.unsealed_runs;
    }
    chain_.reset();
}

void AuditCheck::compare(const Doubt& head) {
    const auto doubt = [&](Verdict verdict, const std::string& what) {
        doubts_.push_back({verdict, {}, 0, head.offset, head.place + what});
    };
    const Checkpoint& said = head.note.checkpoint;
    const std::string name = "the head at " + std::to_string(said.size);
    if (options_.key) {
        const NoteSignature& first = head.note.signatures.front();
        switch (check_signature(head.note, *options_.key)) {
            case Signed::True: break;
            case Signed::False: return doubt(Verdict::Altered, name + " has a false signature");
            case Signed::Unknown:
                return doubt(Verdict::Unknown,
                             name + " is signed by a key that is not pinned, " + first.name);
        }
    }
    if (said.origin != origin_of(journal_))
        return doubt(Verdict::Forked, name + " is that of another log, " + said.origin);
    if (said.size > ledger_.size())
        return doubt(Verdict::Truncated, name + " is later than the ledger, which has " +
                                             std::to_string(ledger_.size()) + " lines");
    const crypto::Digest* root = ledger_.root_at(said.size);
    if (root == nullptr || !std::ranges::equal(*root, said.root, [](std::uint8_t left, char right) {
            return left == static_cast<std::uint8_t>(right);
        }))
        doubt(Verdict::Forked, name + " has another root");
}

Verified AuditCheck::finish(bool all) {
    end_run();
    if (unsealed_run_) add(*unsealed_run_);
    for (std::size_t i = 0; i < ledger_.runs().size() && !ledger_.finding(); ++i) {
        const SealedRun& sealed = ledger_.runs()[i];
        if (sealed.pruned) ++verified_.pruned;
        if (!all || sealed.pruned || seen_[i]) continue;
        add({Verdict::Gap, std::string(sealed.name()), 0, -1,
             "run number " + std::to_string(sealed.n) + " is missing; it was sealed at event " +
                 std::to_string(sealed.seq)});
    }
    if (verified_.findings.empty()) {
        for (const Doubt& head : heads_) compare(head);
        for (Finding& doubt : doubts_) add(std::move(doubt));
    }
    return std::move(verified_);
}

}  // namespace drydock::audit
