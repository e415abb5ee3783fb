// How fast a million events verify, against hashing the same bytes and nothing else.

#include <algorithm>
#include <filesystem>
#include <string>

#include "engine/crypto/digest.h"
#include "engine/error.h"
#include "engine/run/event_codec.h"
#include "engine/run/ids.h"
#include "tests/bench/measure.h"
#include "tests/doubles/temp_folder.h"
#include "tests/journal/journal_story.h"

namespace drydock::bench {
namespace {

constexpr int kRuns = 10'000;
constexpr int kEventsOfARun = 100;
constexpr double kEvents = 1.0 * kRuns * kEventsOfARun;
constexpr double kWanted = 200'000;
constexpr std::int64_t kMostKib = 64 * 1024;

// Steps as they are: two events of about 250 bytes each, one with a body.
void fill(journal::Journal& journal) {
    for (int number = 1; number <= kRuns; ++number) {
        journal::Chain chain(journal::run_id(number));
        const auto claim = journal.create(journal::new_run(number), chain.created());
        journal::Append rest;
        for (int i = 3; i < kEventsOfARun; ++i) {
            rest.events.push_back(
                i % 2 == 0 ? chain.next(run::StepFinished{}, {{"output", "rows = 40000, bytes"}})
                           : chain.next(run::StepStarted{.effect = "read", .deadline_ms = 60'000}));
        }
        rest.events.push_back(chain.next(run::RunEnded{}));
        rest.update =
            journal::RunUpdate{.status = run::RunStatus::Succeeded, .ended = 9, .exit = 0};
        journal.append(*claim, rest);
    }
}

// Lines and salted bodies of the journal, hashed once more.
double raw_rate(journal::JournalReader& journal) {
    const auto events = journal.events(1, 0, kEventsOfARun);
    std::vector<std::string> records;
    for (const journal::StoredEvent& event : events) {
        records.push_back(event.line);
        if (event.body) records.push_back(event.salt + *event.body);
    }
    volatile std::uint8_t keep = 0;
    return kEvents / seconds([&] {
               for (int i = 0; i < kRuns; ++i) {
                   for (const std::string& record : records) keep = crypto::sha256(record)[0];
               }
           });
}

void verify(const std::string& what, std::vector<std::string> words, const TempFolder& folder,
            double raw) {
    words.insert(words.begin(), {DRYDOCK, "--journal", folder.file("j/journal.db"), "-q"});
    const Program program = run_program(words, folder.path(), {{"HOME", folder.path()}});
    if (program.exit != 0)
        throw Error(ErrorCode::Command, "verifying ended with " + std::to_string(program.exit));
    const double rate = kEvents / program.seconds;
    const double wanted = std::min(kWanted, raw / 2);
    report("verify 1,000,000 events of " + what, rate, "/s",
           ">= " + std::to_string(static_cast<int>(wanted)), rate >= wanted);
    report("  against hashing alone", rate / raw, "of it", "-", true);
    report("  peak memory", static_cast<double>(program.peak_kib) / 1024, "MiB", "< 64",
           program.peak_kib < kMostKib);
}

}  // namespace

void audit_bench() {
    const TempFolder folder;
    std::filesystem::create_directory(folder.file("j"));
    std::filesystem::permissions(folder.file("j"), std::filesystem::perms::owner_all);
    double raw = 0;
    {
        journal::SqliteJournal journal(journal::journal_options(folder.file("j")));
        fill(journal);
        raw = raw_rate(journal);
    }
    std::filesystem::permissions(folder.file("j/journal.db"),
                                 static_cast<std::filesystem::perms>(0600));
    note("SHA-256 of lines and bodies alone, events per second: " +
         std::to_string(static_cast<int>(raw)));
    verify("the journal", {"audit", "verify"}, folder, raw);
    const std::string file = folder.file("all.jsonl");
    (void)run_program({DRYDOCK, "--journal", folder.file("j/journal.db"), "-q", "audit", "export",
                       "--all", "-o", file},
                      folder.path(), {{"HOME", folder.path()}});
    verify("an export", {"audit", "verify", file}, folder, raw);
}

}  // namespace drydock::bench
