#include "engine/audit/verify.h"

#include <algorithm>
#include <optional>

namespace drydock::audit {
namespace {

constexpr std::size_t kPage = 64;  // a body may have a megabyte

// Adds the events after the last one that was seen; whether there were any.
bool add_events(journal::JournalReader& journal, std::int64_t n, std::int64_t& last,
                ChainCheck& chain) {
    bool any = false;
    for (;;) {
        const auto page = journal.events(n, last, kPage);
        for (const journal::StoredEvent& event : page) chain.add(event);
        if (page.empty()) return any;
        any = true;
        last = page.back().seq;
    }
}

// What the row of `runs` says that the chain does not: the end of a chain is named by nothing else.
std::optional<Finding> compare(const journal::RunRow& row, const ChainCheck& chain) {
    const auto bad = [&](Verdict verdict, std::string what) {
        return Finding{verdict, row.run, chain.seq(), -1, std::move(what)};
    };
    if (chain.seq() == 0) return bad(Verdict::Truncated, "the run has no events");
    const std::string status(run::name_of(row.status));
    const bool ended = chain.last_kind() == run::RunEnded::kKind;
    if (run::is_final(row.status) && !ended)
        return bad(Verdict::Truncated,
                   "the run is " + status + ", but its last event is " + chain.last_kind());
    if (!run::is_final(row.status) && ended)
        return bad(Verdict::Altered, "its events say that it ended, its row says " + status);
    if (chain.term() > row.term)
        return bad(Verdict::Altered, "its events are of a later term than its row");
    return std::nullopt;
}

std::optional<Finding> verify_run(journal::JournalReader& journal, journal::RunRow row,
                                  Verified& verified) {
    ChainCheck chain(row.run);
    std::int64_t last = 0;
    // A run may go on while we look: its row counts once no event came after the row was read.
    while (add_events(journal, row.n, last, chain)) {
        if (auto now = journal.row(row.n)) row = *now;
    }
    ++verified.runs;
    verified.events += chain.seq();
    verified.erased += chain.erased();
    if (auto found = chain.finish()) return found;
    return compare(row, chain);
}

void add_finding(Verified& verified, Finding finding) {
    if (verified.findings.size() < kMaxFindings) verified.findings.push_back(std::move(finding));
}

}  // namespace

Verdict Verified::verdict() const {
    Verdict worst = Verdict::Ok;
    for (const Finding& finding : findings) worst = std::max(worst, finding.verdict);
    return worst;
}

Verified verify_journal(journal::JournalReader& journal) {
    Verified verified;
    const auto newest = journal.list({.limit = 1});
    const std::int64_t count = newest.empty() ? 0 : newest.front().n;
    for (std::int64_t n = 1; n <= count; ++n) {
        const auto row = journal.row(n);
        if (!row) {
            add_finding(
                verified,
                {Verdict::Gap, {}, 0, -1, "run number " + std::to_string(n) + " is missing"});
            continue;
        }
        if (auto found = verify_run(journal, *row, verified)) add_finding(verified, *found);
    }
    return verified;
}

}  // namespace drydock::audit
