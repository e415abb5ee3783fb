#include <charconv>
#include <vector>

#include "engine/cli/commands.h"
#include "engine/cli/find_run.h"
#include "engine/cli/text.h"
#include "engine/journal/ledger.h"
#include "engine/json/json.h"
#include "engine/os/random.h"
#include "engine/run/ids.h"
#include "engine/runbook/quantity.h"

namespace drydock::cli {
namespace {

constexpr std::size_t kPage = 1'000;
constexpr std::size_t kSaltBytes = 16;

void want_reason(const Arguments& arguments) {
    if (!arguments.reason.empty()) return;
    throw Error(ErrorCode::Usage, "what is taken out for good wants a reason, which is recorded",
                "--reason \"request 4711 of the customer\"");
}

journal::Removal removal(Assembly& assembly, const Arguments& arguments, std::int64_t n) {
    return {.n = n,
            .actor = assembly.actor(),
            .salt = os::system_random().bytes(kSaltBytes),
            .body = json::write_typed(Value::Map{{"reason", arguments.reason}})};
}

std::int64_t event_number(const std::string& text) {
    std::int64_t seq = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seq);
    if (failed == std::errc() && end == text.data() + text.size() && seq > 0) return seq;
    throw Error(ErrorCode::Usage, text + " is no number of an event",
                "drydock audit export RUN shows the events with their seq");
}

// The runs that ended before `limit`, oldest first.
std::vector<journal::RunRow> ended_before(journal::JournalReader& reader, std::int64_t limit) {
    std::vector<journal::RunRow> found;
    journal::RunFilter filter{.limit = kPage};
    for (;;) {
        const auto page = reader.list(filter);
        for (const journal::RunRow& row : page) {
            const bool newest = filter.before_n == 0 && row.n == page.front().n;
            if (row.ended > 0 && row.ended < limit && !newest) found.push_back(row);
        }
        if (page.size() < kPage) break;
        filter.before_n = page.back().n;
    }
    return {found.rbegin(), found.rend()};
}

void say(Output& output, const journal::RunRow& row, std::string_view done) {
    if (output.json())
        output.json_line(Value::Map{{"run", row.run}, {"done", done}});
    else
        output.line(std::string(done) + "  " + run::short_id(row.run) + "  " + row.runbook);
}

[[noreturn]] void want_yes(const std::string& what) {
    throw Error(ErrorCode::Refused, what + " cannot be taken back", "add --yes to do it");
}

}  // namespace

int audit_erase_command(Assembly& assembly, const Arguments& arguments) {
    want_reason(arguments);
    const journal::RunRow row = find_run(assembly, arguments.subjects.front());
    journal::Removal erase = removal(assembly, arguments, row.n);
    if (arguments.subjects.size() > 1) {
        erase.first = erase.last = event_number(arguments.subjects[1]);
    } else {
        const auto seal = assembly.reader().last_seal(row.n);
        erase.first = 1;
        erase.last = seal ? journal::decode_ledger(seal->line).seq : 1;
    }
    if (!arguments.yes)
        want_yes("erasing params, outputs and messages of run " + run::short_id(row.run));
    assembly.journal().erase(erase);
    say(assembly.output(), row, "erased");
    return 0;
}

int audit_prune_command(Assembly& assembly, const Arguments& arguments) {
    want_reason(arguments);
    const auto age = runbook::parse_duration(arguments.older_than);
    if (!age) throw Error(ErrorCode::Usage, "prune wants an age", "--older-than 400d");
    const auto rows = ended_before(assembly.reader(), assembly.now() - age->length.count());
    Output& output = assembly.output();
    if (!arguments.yes) {
        for (const journal::RunRow& row : rows) say(output, row, "would go");
        if (!rows.empty()) want_yes("pruning runs");
    }
    for (const journal::RunRow& row : rows) {
        assembly.journal().prune(removal(assembly, arguments, row.n));
        say(output, row, "pruned");
    }
    if (rows.empty()) output.note("no run ended so long ago");
    return 0;
}

}  // namespace drydock::cli
