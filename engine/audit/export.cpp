#include "engine/audit/export.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/audit/export_format.h"
#include "engine/crypto/digest.h"
#include "engine/error.h"

namespace drydock::audit {
namespace {

// Events at a time. A body may have a megabyte, so that not many are held at once.
constexpr std::size_t kPage = 64;
constexpr std::size_t kRunsPage = 1'000;
constexpr std::size_t kLedgerPage = 1'000;

std::vector<std::int64_t> all_runs(journal::JournalReader& journal) {
    std::vector<std::int64_t> numbers;
    journal::RunFilter filter{.limit = kRunsPage};
    for (;;) {
        const auto page = journal.list(filter);
        for (const journal::RunRow& row : page) numbers.push_back(row.n);
        if (page.size() < kRunsPage) break;
        filter.before_n = page.back().n;
    }
    std::ranges::reverse(numbers);
    return numbers;
}

[[noreturn]] void changed() {
    throw Error(ErrorCode::Refused, "somebody erased or pruned while the journal was exported",
                "export it again");
}

class Exporter final {
  public:
    Exporter(journal::JournalReader& journal, const std::function<void(std::string_view)>& sink)
        : journal_(journal), sink_(sink) {}

    // Runs first, then heads, then how far the ledger goes: so that every run has its seal, and
    // every head its lines.
    std::int64_t run(std::optional<std::int64_t> only) {
        const std::vector<std::int64_t> numbers =
            only ? std::vector<std::int64_t>{*only} : all_runs(journal_);
        const std::vector<journal::Head> heads = journal_.heads();
        const auto tip = journal_.tip();
        end_.ledger = tip ? tip->size : 0;
        put(to_line(ExportHeader{.journal = journal_.info().uuid,
                                 .run = only ? row(*only).run : std::string(),
                                 .ledger = end_.ledger}));
        for (const journal::Head& head : heads) put(to_line(ExportHead{head.note}));
        end_.heads = static_cast<std::int64_t>(heads.size());
        put_ledger();
        for (const std::int64_t n : numbers) put_events(n);
        end_.sha256 = crypto::to_hex(digest_.finish());
        refuse_removals();
        sink_(to_line(end_) + '\n');
        return end_.events;
    }

  private:
    void put(std::string line) {
        line += '\n';
        digest_.update(line);
        sink_(line);
    }

    journal::RunRow row(std::int64_t n) {
        auto found = journal_.row(n);
        if (!found) changed();
        return *std::move(found);
    }

    void put_ledger() {
        for (std::int64_t from = 0; from < end_.ledger;) {
            const auto page = journal_.ledger(from, kLedgerPage);
            if (page.empty()) break;  // verifying will say so
            for (const journal::StoredLedgerLine& line : page) {
                if (line.idx < end_.ledger) put(to_line(line));
            }
            from = page.back().idx + 1;
        }
    }

    void put_events(std::int64_t n) {
        std::int64_t after = 0;
        for (;;) {
            const auto page = journal_.events(n, after, kPage);
            for (const journal::StoredEvent& event : page) put(to_line(event));
            end_.events += static_cast<std::int64_t>(page.size());
            if (page.size() < kPage) return;
            after = page.back().seq;
        }
    }

    // Only removals have a body.
    void refuse_removals() {
        for (std::int64_t from = end_.ledger;;) {
            const auto page = journal_.ledger(from, kLedgerPage);
            for (const journal::StoredLedgerLine& line : page) {
                if (line.body) changed();
            }
            if (page.size() < kLedgerPage) return;
            from = page.back().idx + 1;
        }
    }

    journal::JournalReader& journal_;
    const std::function<void(std::string_view)>& sink_;
    crypto::Sha256 digest_;
    ExportEnd end_;
};

}  // namespace

std::int64_t export_journal(journal::JournalReader& journal, std::optional<std::int64_t> only,
                            const std::function<void(std::string_view bytes)>& sink) {
    return Exporter(journal, sink).run(only);
}

}  // namespace drydock::audit
