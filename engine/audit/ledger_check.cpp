#include "engine/audit/ledger_check.h"

#include <algorithm>
#include <tuple>

#include "engine/crypto/digest.h"
#include "engine/error.h"
#include "engine/run/event.h"

namespace drydock::audit {

using journal::LedgerEntry;
using journal::LedgerKind;

std::string body_digest(std::string_view salt, std::string_view body) {
    thread_local std::string bytes;
    bytes.assign(salt);
    bytes += body;
    return crypto::to_base64(crypto::sha256(bytes));
}

void LedgerCheck::want_root(std::int64_t size) {
    auto& place = wanted_[size];
    if (size == tree_.size()) place = tree_.root();
}

const crypto::Digest* LedgerCheck::root_at(std::int64_t size) const {
    const auto found = wanted_.find(size);
    return found == wanted_.end() || !found->second ? nullptr : &*found->second;
}

void LedgerCheck::altered(const Record& record, const std::string& what) {
    finding_ = Finding{Verdict::Altered, {}, 0, record.offset,
                       "line " + std::to_string(tree_.size() - 1) + " of the ledger: " + what};
}

void LedgerCheck::add(const Record& record) {
    tree_.add(record.line);
    const auto wanted = wanted_.find(tree_.size());
    if (wanted != wanted_.end()) wanted->second = tree_.root();
    if (finding_ && gap_from_ < 0) return;
    try {
        check(record);
    } catch (const Error& error) {
        altered(record, error.message());
    }
}

void LedgerCheck::check(const Record& record) {
    const LedgerEntry entry = journal::decode_ledger(record.line);
    if (!check_index(entry, record)) return;
    if (record.body && body_digest(record.salt, *record.body) != entry.body)
        return altered(record, "its body was altered");
    if (!record.body && !entry.body.empty()) return altered(record, "its body is missing");
    switch (entry.kind) {
        case LedgerKind::Genesis:
            if (entry.idx != 0) return altered(record, "a second beginning");
            journal_ = entry.journal;
            return;
        case LedgerKind::Seal: return take_seal(entry, record);
        case LedgerKind::Erase:
        case LedgerKind::Prune: return take_removal(entry, record);
    }
}

// False: nothing more can be said about this line.
bool LedgerCheck::check_index(const LedgerEntry& entry, const Record& record) {
    if (gap_from_ >= 0) {
        // Were lines missing, or do they only stand elsewhere?
        if (entry.idx >= gap_from_ && entry.idx <= gap_to_) {
            gap_from_ = -1;
            altered(record, "it stands behind line " + std::to_string(gap_to_ + 1));
        }
        return false;
    }
    const std::int64_t expected = tree_.size() - 1;
    if (record.number >= 0 && record.number != entry.idx) {
        altered(record, "it says that it is line " + std::to_string(entry.idx));
        return false;
    }
    if (entry.idx > expected) {
        gap_from_ = expected;
        gap_to_ = entry.idx - 1;
        finding_ = Finding{Verdict::Gap, {}, 0, record.offset,
                           "lines " + std::to_string(gap_from_) + " to " +
                               std::to_string(gap_to_) + " of the ledger are missing"};
        return false;
    }
    if (entry.idx < expected) {
        altered(record, "line " + std::to_string(entry.idx) + " is there twice");
        return false;
    }
    if (expected == 0 && entry.kind != LedgerKind::Genesis)
        altered(record, "it is not the beginning of a ledger");
    return !finding_;
}

SealedRun* LedgerCheck::find(const LedgerEntry& entry) {
    const auto found = std::ranges::lower_bound(runs_, entry.n, {}, &SealedRun::n);
    if (found == runs_.end() || found->n != entry.n || found->name() != entry.run) return nullptr;
    return &*found;
}

void LedgerCheck::take_seal(const LedgerEntry& entry, const Record& record) {
    SealedRun* sealed = find(entry);
    if (sealed == nullptr) {
        // Numbers are given in order, and a run is sealed when it is made.
        if (entry.run.size() != run::kRunIdLength || entry.n < 1 ||
            (!runs_.empty() && runs_.back().n >= entry.n))
            return altered(record, "it is about a run that cannot be");
        sealed = &runs_.emplace_back(SealedRun{.n = entry.n});
        std::ranges::copy(entry.run, sealed->id.begin());
    }
    if (sealed->pruned || entry.seq <= sealed->seq)
        return altered(record, "the run was sealed further on before, or pruned");
    const std::string leaf = crypto::from_base64(entry.leaf);
    Seal seal{.run = static_cast<std::uint32_t>(sealed - runs_.data()), .seq = entry.seq};
    if (leaf.size() != seal.leaf.size()) return altered(record, "its leaf is no SHA-256");
    std::ranges::copy(leaf, seal.leaf.begin());
    seal.ended = entry.event == run::RunEnded::kKind;
    sealed->seq = entry.seq;
    sealed->ended = seal.ended;
    sealed->newest = seals_.size();
    seals_.push_back(seal);
}

void LedgerCheck::take_removal(const LedgerEntry& entry, const Record& record) {
    SealedRun* sealed = find(entry);
    if (sealed == nullptr || sealed->pruned || !sealed->ended)
        return altered(record, "it removes from a run that had not ended");
    const auto index = static_cast<std::uint32_t>(sealed - runs_.data());
    if (entry.kind == LedgerKind::Erase) {
        if (entry.seq < 1 || entry.last < entry.seq || entry.last > sealed->seq)
            return altered(record, "it erases events that there are not");
        erasures_.push_back({index, entry.seq, entry.last});
        return;
    }
    const Seal& seal = seals_[sealed->newest];
    if (entry.seq != seal.seq || entry.leaf != crypto::to_base64(seal.leaf))
        return altered(record, "it prunes another end than the one that was sealed");
    sealed->pruned = true;
}

void LedgerCheck::finish(std::optional<std::int64_t> size, std::string_view journal) {
    std::ranges::sort(seals_, {}, [](const Seal& seal) { return std::tuple(seal.run, seal.seq); });
    std::ranges::sort(erasures_, {}, &Erasure::run);
    const auto found = [&](Verdict verdict, std::string what) {
        finding_ = Finding{verdict, {}, 0, -1, std::move(what)};
    };
    if (gap_from_ >= 0 && size && tree_.size() >= *size)
        return found(Verdict::Altered, "the ledger has lines with wrong numbers");
    if (finding_ || !size) return;
    const std::string of = std::to_string(tree_.size()) + " of " + std::to_string(*size);
    if (tree_.size() < *size) return found(Verdict::Truncated, "the ledger ends early: " + of);
    if (tree_.size() > *size)
        return found(Verdict::Altered, "the ledger has more lines than there were: " + of);
    if (tree_.size() > 0 && journal_ != journal)
        found(Verdict::Altered, "the ledger is that of another journal, " + journal_);
}

std::span<const Seal> LedgerCheck::seals(std::size_t index) const {
    const auto [from, to] = std::ranges::equal_range(seals_, index, {}, &Seal::run);
    return {from, to};
}

std::span<const Erasure> LedgerCheck::erasures(std::size_t index) const {
    const auto [from, to] = std::ranges::equal_range(erasures_, index, {}, &Erasure::run);
    return {from, to};
}

}  // namespace drydock::audit
