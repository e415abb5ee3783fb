// What a step costs beyond its fsync, against single-row commits of SQLite itself in the same
// folder.

#include <algorithm>
#include <memory>
#include <string>

#include "engine/execute/run_writer.h"
#include "engine/run/event_codec.h"
#include "engine/run/ids.h"
#include "tests/bench/measure.h"
#include "tests/doubles/engine_story.h"

namespace drydock::bench {
namespace {

constexpr int kCommits = 3'000;
constexpr int kRounds = 5;

// SQLite's own rate: WAL, synchronous=FULL, one row per commit, prepared.
double raw_commits(const std::string& path) {
    sqlite::Connection connection(path, {.mode = sqlite::Mode::Create});
    connection.exec(
        "pragma journal_mode = wal; pragma synchronous = full; create table if not exists t (line "
        "blob)");
    sqlite::Statement insert = connection.prepare("insert into t values (?)", sqlite::Reuse::Often);
    const std::string line(250, 'x');
    return kCommits / seconds([&] {
        for (int i = 0; i < kCommits; ++i) insert.bind_blob(1, line).run();
        connection.checkpoint(sqlite::CheckpointMode::Truncate);
    });
}

// Events through the writer, encoded, chained and committed one by one, without Lua.
double events(EngineStory& story) {
    EngineStory::Open open = story.opened();
    run::RunState state;
    const std::string id = run::make_run_id(story.random.bytes(16));
    execute::RunWriter writer({.journal = *open.journal,
                               .state = state,
                               .clock = *story.clock,
                               .random = story.random,
                               .observer = story.observer},
                              {.run = id, .prev = run::chain_start(id)});
    writer.add(run::RunCreated{.runbook = "bench", .api = 1}, {.body = {{"starter", "bench"}}});
    writer.set_claim(open.journal->create({.run = id,
                                           .runbook = "bench",
                                           .environment = {},
                                           .starter = "bench",
                                           .request = {},
                                           .created = 1,
                                           .parts = {}},
                                          writer.take_first()));
    return kCommits / seconds([&] {
        for (int i = 0; i < kCommits; ++i) {
            writer.add(run::CancelRequested{}, {.body = {{"reason", "bench"}}});
            writer.commit();
        }
    });
}

// Whole steps, each a fresh Lua state and one durable boundary.
double steps(EngineStory& story) {
    const std::string yaml =
        "runbook: bench\nsteps:\n  - id: each\n    foreach: \"${params.list}\"\n    lua: return {n "
        "= item}\n"
        "    effect: read\n    returns: {n: integer}\nparams: {list: {type: list, of: integer}}\n";
    story.write("book.yaml", yaml);
    std::string list = "[0";
    for (int i = 1; i < kCommits; ++i) list += "," + std::to_string(i);
    story.write("params.json", "{\"list\": " + list + "]}");
    execute::StartOptions options = story.options_from_file("params.json");
    return kCommits / seconds([&] { (void)story.start_options(options); });
}

}  // namespace

void journal_bench() {
    // Each round measures all three in turn, so that a disk that changes its mind changes it for
    // all.
    std::vector<double> event_ratios, step_ratios;
    double raw = 0;
    for (int round = 0; round < kRounds; ++round) {
        EngineStory story;
        story.clock = &system_clock();
        raw = raw_commits(story.folder.file("raw.db"));
        event_ratios.push_back(events(story) / raw);
        step_ratios.push_back(steps(story) / raw);
    }
    std::ranges::sort(event_ratios);
    std::ranges::sort(step_ratios);
    note("raw SQLite single-row commits per second, last round: " +
         std::to_string(static_cast<int>(raw)));
    report("events appended / raw commits (median of 5)", event_ratios[kRounds / 2], "", ">= 0.7",
           event_ratios[kRounds / 2] >= 0.7);
    report("durable Lua steps / raw commits (median of 5)", step_ratios[kRounds / 2], "", ">= 0.4",
           step_ratios[kRounds / 2] >= 0.4);
}

}  // namespace drydock::bench
