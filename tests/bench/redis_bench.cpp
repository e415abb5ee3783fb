// Many keys of a Redis server, removed by a whole run and by a program of hiredis alone.

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "engine/error.h"
#include "tests/bench/measure.h"
#include "tests/doubles/temp_folder.h"
#include "tests/servers/redis_server.h"

namespace drydock::bench {
namespace {

constexpr int kKeys = 1'000'000;
constexpr int kRounds = 5;

void fill(const test::RedisServer& server) {
    (void)server.run({"EVAL",
                      "for i = 1, ARGV[1] do redis.call('set', 'cache:' .. i, 'value ' .. i) end "
                      "redis.call('set', 'other', 1)",
                      "0", std::to_string(kKeys)});
}

void require_removed(const test::RedisServer& server, const Program& program) {
    if (program.exit != 0 || server.run({"EXISTS", "cache:1"}).integer != 0)
        throw Error(ErrorCode::Command, "the keys were not removed");
}

}  // namespace

void redis_bench() {
    const TempFolder folder;
    const test::RedisServer server;
    std::ofstream(folder.file("book.yaml"))
        << "runbook: bench\nconnections:\n  cache: {redis: \"" << server.socket()
        << "\"}\nsteps:\n  - {id: remove, uses: redis.unlink, with: {connection: cache, pattern: "
           "\"cache:*\"}}\n";
    const std::map<std::string, std::string> environment{
        {"PATH", "/usr/bin:/bin"},
        {"HOME", folder.path()},
        {"XDG_STATE_HOME", folder.path() + "/state"}};
    std::vector<double> ratios;
    std::int64_t peak_kib = 0;
    for (int round = 0; round < kRounds; ++round) {
        fill(server);
        const Program plain =
            run_program({REDIS_UNLINK, server.socket(), "cache:*"}, folder.path(), environment);
        require_removed(server, plain);
        fill(server);
        const Program ours =
            run_program({DRYDOCK, "-q", "run", "book.yaml"}, folder.path(), environment);
        require_removed(server, ours);
        note("hiredis alone " + std::to_string(plain.seconds) + " s, the run " +
             std::to_string(ours.seconds) + " s");
        ratios.push_back(ours.seconds / plain.seconds);
        peak_kib = std::max(peak_kib, ours.peak_kib);
    }
    std::ranges::sort(ratios);
    const double median = ratios[ratios.size() / 2];
    report("removing 1,000,000 Redis keys by pattern, a run against hiredis alone", median, "",
           "at most 1.2", median <= 1.2);
    report("its peak memory", static_cast<double>(peak_kib) / 1024, "MiB", "under 64",
           peak_kib < 64 << 10);
}

}  // namespace drydock::bench
