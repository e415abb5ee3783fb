#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "engine/os/unique_fd.h"
#include "tests/doubles/engine_story.h"
#include "tests/servers/redis_server.h"

// Engines and servers that die at moments that nobody chose: what has a key is there once.
namespace drydock::execute {
namespace {

using run::RunStatus;

constexpr int kWrites = 60;

class RedisFaults : public testing::Test {
  protected:
    RedisFaults() { story_.clock = &system_clock(); }

    [[nodiscard]] std::string book() const {
        return "runbook: demo\nconnections:\n  cache: {redis: \"" + server_.socket() +
               "\", connect: {every: 50ms, for: 20s}}\nsteps:\n"
               "  - id: count\n    retry: {times: 50, every: 50ms}\n    lua: |\n"
               "      for i = 1, " +
               std::to_string(kWrites) +
               " do\n        connections.cache:transaction{key = \"n\" .. i, \"INCR\", \"n\"}\n"
               "      end\n";
    }
    // One life of the engine, cut after `micros`; true when it came to its end before.
    bool live_for(std::int64_t micros) {
        const pid_t child = ::fork();
        if (child == 0) {
            const bool begun = std::filesystem::exists(story_.folder.file("journal.db"));
            const RunFinished end = begun ? take_up() : story_.start(book());
            ::_exit(end.status == RunStatus::Succeeded ? 0 : 1);
        }
        const os::UniqueFd alive(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
        pollfd one{.fd = alive.get(), .events = POLLIN, .revents = 0};
        const timespec limit{.tv_sec = micros / 1'000'000, .tv_nsec = micros % 1'000'000 * 1000};
        const bool ended = ::ppoll(&one, 1, &limit, nullptr) > 0;
        if (!ended) ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    RunFinished take_up() {
        auto open = story_.opened();
        const auto rows = open.journal->list({.limit = 1});
        if (rows.empty()) return story_.start(book());
        story_.last_run = rows.at(0).run;
        if (run::is_final(rows.at(0).status)) return {.status = rows.at(0).status};
        // Three cuts without a new receipt stop a run: the operator says go on.
        const journal::LoadedRun run = story_.load();
        const auto* scope = run.state.find("do/count");
        if (scope != nullptr && scope->status == run::StepStatus::Unknown)
            return story_.settle("count", run::Verdict::Retry);
        return story_.go_on();
    }

    test::RedisServer server_{{"--appendonly", "yes", "--appendfsync", "always"}};
    EngineStory story_;
    std::string final_count_;
};

TEST_F(RedisFaults, EnginesThatAreKilledLeaveEachKeyedWriteOnce) {
    const char* given = std::getenv("DRYDOCK_SEED");
    const auto seed = given == nullptr ? std::random_device()()
                                       : static_cast<unsigned>(std::strtoul(given, nullptr, 10));
    SCOPED_TRACE("DRYDOCK_SEED=" + std::to_string(seed));
    std::mt19937 random(seed);
    const char* wanted = std::getenv("DRYDOCK_RANDOM_KILLS");
    const int most = wanted == nullptr ? 25 : std::atoi(wanted);
    std::uniform_int_distribution<std::int64_t> micros(500, 30'000);
    int kills = 0;
    for (int runs = 1; kills < most; ++runs) {
        server_.run({"FLUSHALL"});
        std::filesystem::remove(story_.folder.file("journal.db"));
        std::filesystem::remove(story_.folder.file("journal.db-wal"));
        std::filesystem::remove(story_.folder.file("journal.db-shm"));
        int lives = 0;
        // A life that is too short for a receipt gets nowhere: the last one is long enough.
        while (!live_for(++lives < 20 ? micros(random) : 60'000'000)) ASSERT_LT(lives, 60);
        kills += lives - 1;
        ASSERT_EQ(server_.get("n"), std::to_string(kWrites))
            << runs << " runs, " << kills << " kills";
    }
    RecordProperty("kills", kills);
}

TEST_F(RedisFaults, ServersThatAreKilledLeaveEachKeyedWriteOnce) {
    std::atomic<bool> done{false};
    // The server ends with the thread that started it, so that thread stays to the end.
    std::jthread killer([&] {
        for (int kills = 0; kills < 8 && !done; ++kills) {
            const std::string before = server_.get("n");
            // The next time it has got on, so that each kill hits the middle of the work.
            while (!done && server_.get("n") == before) continue;
            server_.kill();
            server_.start();
        }
        while (!done) std::this_thread::yield();
        // Only now: what is asked below needs the server.
        final_count_ = server_.get("n");
    });
    const RunFinished finished = story_.start(book());
    done = true;
    killer.join();
    EXPECT_EQ(finished.status, RunStatus::Succeeded) << story_.error_of("count");
    EXPECT_EQ(final_count_, std::to_string(kWrites));
}

}  // namespace
}  // namespace drydock::execute
