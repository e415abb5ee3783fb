#include "engine/audit/export.h"

#include <algorithm>
#include <string>

#include "engine/audit/export_format.h"
#include "engine/crypto/digest.h"
#include "engine/error.h"

namespace drydock::audit {
namespace {

// Events at a time. A body may have a megabyte, so that not many are held at once.
constexpr std::size_t kPage = 64;
constexpr std::size_t kRunsPage = 1'000;

}  // namespace

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

std::int64_t export_runs(journal::JournalReader& journal, const std::vector<std::int64_t>& numbers,
                         const std::function<void(std::string_view bytes)>& sink) {
    crypto::Sha256 digest;
    const auto put = [&](std::string line) {
        line += '\n';
        digest.update(line);
        sink(line);
    };
    put(to_line(ExportHeader{journal.info().uuid}));
    std::int64_t events = 0;
    for (const std::int64_t n : numbers) {
        const auto row = journal.row(n);
        if (!row)
            throw Error(ErrorCode::NotFound,
                        "run number " + std::to_string(n) + " is not in the journal");
        std::int64_t after = 0;
        for (;;) {
            const auto page = journal.events(n, after, kPage);
            for (const journal::StoredEvent& event : page) put(to_line(row->run, event));
            events += static_cast<std::int64_t>(page.size());
            if (page.size() < kPage) break;
            after = page.back().seq;
        }
    }
    sink(to_line(ExportEnd{events, crypto::to_hex(digest.finish())}) + '\n');
    return events;
}

}  // namespace drydock::audit
