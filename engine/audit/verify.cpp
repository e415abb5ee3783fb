#include "engine/audit/verify.h"

#include <algorithm>
#include <optional>

#include "engine/crypto/digest.h"
#include "engine/journal/ledger.h"
#include "engine/run/event.h"
#include "engine/run/status.h"
#include "engine/seam.h"

namespace drydock::audit {
namespace {

constexpr std::size_t kPage = 64;  // a body may have a megabyte
constexpr std::size_t kLedgerPage = 1'000;
constexpr int kTries = 3;
// What a start may cost: some tens of milliseconds.
constexpr std::int64_t kLookLines = 2'000;
constexpr std::int64_t kLookRuns = 200;
constexpr std::int64_t kLookEvents = 4'000;

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

class JournalCheck final {
  public:
    JournalCheck(journal::JournalReader& journal, const VerifyOptions& options)
        : journal_(journal), check_(options) {}

    // In this order: what is written meanwhile then only adds to what was seen before. A run is
    // sealed in the commit that makes it, a head names lines that are there.
    Verified run() {
        const std::int64_t count = newest_run();
        for (const journal::Head& head : journal_.heads()) check_.head(head.note);
        read_ledger();
        verify_runs(1, count);
        return check_.finish(true);
    }

    // The newest runs, and the ledger where it is short.
    Verified look() {
        const std::int64_t count = newest_run();
        const auto tip = journal_.tip();
        const bool witness = tip && tip->size <= kLookLines;
        if (witness) read_ledger();
        std::int64_t from = count + 1;
        for (std::int64_t events = 0; from > 1 && count - from < kLookRuns; --from) {
            const auto seal = journal_.last_seal(from - 1);
            events += seal ? journal::decode_ledger(seal->line).seq : 1;
            if (events > kLookEvents && from <= count) break;
        }
        excuse_earlier_than(from);
        verify_runs(from, count);
        return check_.finish(witness);
    }

    // Somebody erased or pruned since the ledger was read: what is missing may be right.
    [[nodiscard]] bool removed_meanwhile() const {
        for (std::int64_t from = ledger_size_;;) {
            const auto page = journal_.ledger(from, kLedgerPage);
            for (const journal::StoredLedgerLine& line : page) {
                if (line.body) return true;
            }
            if (page.size() < kLedgerPage) return false;
            from = page.back().idx + 1;
        }
    }

  private:
    std::int64_t newest_run() {
        const auto newest = journal_.list({.limit = 1});
        return newest.empty() ? 0 : newest.front().n;
    }

    void verify_runs(std::int64_t from, std::int64_t to) {
        for (std::int64_t n = from; n <= to; ++n) {
            if (const auto row = journal_.row(n))
                verify_run(*row);
            else if (!is_pruned(n))
                missing(n);
        }
        excuse_later_than(to);
    }

    void excuse_earlier_than(std::int64_t from) {
        const auto& runs = check_.ledger().runs();
        for (std::size_t i = 0; i < runs.size() && runs[i].n < from; ++i) check_.excuse(i);
    }

    void read_ledger() {
        const auto tip = journal_.tip();
        ledger_size_ = tip ? tip->size : 0;
        for (std::int64_t from = 0; from < ledger_size_;) {
            const auto page = journal_.ledger(from, kLedgerPage);
            if (page.empty()) break;
            for (const journal::StoredLedgerLine& line : page) {
                if (line.idx >= ledger_size_) break;
                check_.ledger_line(record(line.line, line.salt, line.body, line.idx));
            }
            from = page.back().idx + 1;
        }
        check_.end_ledger(ledger_size_, journal_.info().uuid);
        if (!tip || check_.ledger().finding()) return;
        const crypto::Digest root = check_.ledger().root();
        if (tip->root != std::string_view(reinterpret_cast<const char*>(root.data()), root.size()))
            check_.add({Verdict::Altered, {}, 0, -1, "the ledger has another root than its tip"});
    }

    // Runs that were made while the ledger was read.
    void excuse_later_than(std::int64_t count) {
        const auto& runs = check_.ledger().runs();
        for (std::size_t i = runs.size(); i > 0 && runs[i - 1].n > count; --i) {
            if (journal_.row(runs[i - 1].n)) check_.excuse(i - 1);
        }
    }

    static Record record(const std::string& line, const std::string& salt,
                         const std::optional<std::string>& body, std::int64_t number) {
        Record record{.line = line, .salt = salt, .number = number};
        if (body) record.body = *body;
        return record;
    }

    [[nodiscard]] bool is_pruned(std::int64_t n) const {
        const auto& runs = check_.ledger().runs();
        const auto found = std::ranges::lower_bound(runs, n, {}, &SealedRun::n);
        return found != runs.end() && found->n == n && found->pruned;
    }

    void missing(std::int64_t n) {
        // What the ledger knows of it is said at the end.
        const auto& runs = check_.ledger().runs();
        if (!check_.ledger().finding() && std::ranges::binary_search(runs, n, {}, &SealedRun::n))
            return;
        check_.add({Verdict::Gap, {}, 0, -1, "run number " + std::to_string(n) + " is missing"});
    }

    bool add_events(std::int64_t n, std::int64_t& last) {
        bool any = false;
        for (;;) {
            const auto page = journal_.events(n, last, kPage);
            for (const journal::StoredEvent& event : page)
                check_.event(record(event.line, event.salt, event.body, event.seq));
            if (page.empty()) return any;
            any = true;
            last = page.back().seq;
            if (page.size() < kPage) return any;
        }
    }

    void verify_run(journal::RunRow row) {
        check_.begin_run(row.run);
        std::int64_t last = 0;
        // A run may go on while we look: its row counts once no event came after the row was read.
        while (add_events(row.n, last)) {
            const auto now = journal_.row(row.n);
            if (!now || (now->term == row.term && now->status == row.status)) break;
            row = *now;
        }
        check_.end_run(compare(row, *check_.run()));
    }

    journal::JournalReader& journal_;
    AuditCheck check_;
    std::int64_t ledger_size_ = 0;
};

}  // namespace

Verified verify_journal(journal::JournalReader& journal, const VerifyOptions& options) {
    for (int left = kTries;; --left) {
        JournalCheck check(journal, options);
        Verified verified = check.run();
        if (verified.ok() || left == 1 || !check.removed_meanwhile()) return verified;
    }
}

std::optional<Finding> look(journal::JournalReader& journal) {
    if (!protected_by(Protection::JournalLook)) return std::nullopt;
    for (int left = kTries;; --left) {
        JournalCheck check(journal, {});
        const Verified verified = check.look();
        if (verified.ok()) return std::nullopt;
        if (left == 1 || !check.removed_meanwhile()) return verified.findings.front();
    }
}

}  // namespace drydock::audit
