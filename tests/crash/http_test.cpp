// The engine killed around a request that changes something: it is never sent again on a guess.

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/crash/victim.h"
#include "tests/servers/http_server.h"

namespace drydock::crash {
namespace {

using test::HttpServer;

class HttpCrash : public testing::Test {
  protected:
    HttpServer& server_ = HttpServer::shared();
    Victim victim_;

    [[nodiscard]] Environment environment(const std::string& path, Environment more = {}) const {
        more.emplace("API", server_.url(""));
        more.emplace("API_PATH", path);
        return more;
    }
    static std::string content(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    // How often `line` came in.
    [[nodiscard]] int times(const std::string& line) const {
        const std::string all = server_.requests();
        int count = 0;
        for (std::size_t at = all.find(line); at != std::string::npos; at = all.find(line, at + 1))
            ++count;
        return count;
    }
    // Killed at `point` of the run, and taken up once.
    Ended killed_at(const std::string& point, const std::string& runbook, const std::string& path,
                    const Environment& protection = {}) {
        Environment killed = environment(path, protection);
        killed.emplace("DRYDOCK_KILL_AT", point);
        EXPECT_TRUE(victim_.start(runbook, killed).killed);
        return victim_.resume(environment(path, protection));
    }
};

TEST_F(HttpCrash, AWriteThatWasAnsweredAndNotRecordedIsUnknown) {
    const Ended ended = killed_at("http.done#1", "http_write.yaml", "/count?answered");
    EXPECT_EQ(ended.exit, 4) << ended.text;
    EXPECT_NE(ended.text.find("--applied"), std::string::npos) << ended.text;
    EXPECT_EQ(times("POST /count?answered "), 1);
    EXPECT_EQ(victim_.complaints(), "");
}

TEST_F(HttpCrash, WithoutItsRecordItIsSentTwice) {
    killed_at("http.done#1", "http_write.yaml", "/count?unrecorded",
              {{"DRYDOCK_WITHOUT", "effect_record"}});
    EXPECT_EQ(times("POST /count?unrecorded "), 2);
}

TEST_F(HttpCrash, AWriteThatNeverLeftIsSentOnce) {
    const Ended ended = killed_at("effect.before_began#1", "http_write.yaml", "/count?before");
    EXPECT_EQ(ended.exit, 0) << ended.text;
    EXPECT_EQ(times("POST /count?before "), 1);
}

TEST_F(HttpCrash, AProbeSettlesIt) {
    const Ended ended = killed_at("http.done#1", "http_probed.yaml", "/count?probed");
    EXPECT_EQ(ended.exit, 0) << ended.text;
    EXPECT_EQ(times("POST /count?probed "), 1);
}

// In the middle: the server has the request, and its answer is still to come.
TEST_F(HttpCrash, AWriteThatIsOnItsWayIsUnknown) {
    Ended ended;
    std::jthread run(
        [&] { ended = victim_.start("http_write.yaml", environment("/hold?killed")); });
    server_.await("/hold?killed");
    for (const int pid : victim_.orphans()) ::kill(pid, SIGKILL);
    run.join();
    EXPECT_TRUE(ended.killed);
    const Ended resumed = victim_.resume(environment("/hold?killed"));
    EXPECT_EQ(resumed.exit, 4) << resumed.text;
    EXPECT_EQ(times("POST /hold?killed "), 1);
}

// The request to cancel is seen within a second, and obeyed at once.
TEST_F(HttpCrash, ACancelDoesNotWaitForTheAnswer) {
    Ended ended;
    std::jthread run([&] { ended = victim_.start("http_write.yaml", environment("/hold?stop")); });
    server_.await("/hold?stop");
    const auto told = std::chrono::steady_clock::now();
    const Ended cancelled = victim_.drydock({"cancel", "last", "--now"});
    run.join();
    EXPECT_LT(std::chrono::steady_clock::now() - told, std::chrono::seconds(10)) << cancelled.text;
    EXPECT_EQ(ended.exit, 4) << ended.text;
    EXPECT_EQ(times("POST /hold?stop "), 1);
}

TEST_F(HttpCrash, AStopDoesNotWaitForTheNextTry) {
    Ended ended;
    std::jthread run([&] {
        ended = victim_.start("http_patient.yaml", environment("/status/503?patient"));
    });
    server_.await("/status/503?patient");
    for (const int pid : victim_.orphans()) ::kill(pid, SIGINT);
    run.join();
    EXPECT_EQ(ended.exit, 3) << ended.text;
    EXPECT_EQ(times("GET /status/503?patient "), 1);
}

// A token that is sent stands in no argument of a process and in nothing that is kept.
TEST_F(HttpCrash, AServersTokenIsNotInProc) {
    std::string seen;
    std::jthread run([&] {
        (void)victim_.start("http_token.yaml",
                            environment("/hold?token", {{"TOKEN", "canary-token-4711"}}));
    });
    server_.await("/hold?token");
    EXPECT_EQ(times("canary-token-4711"), 1);
    for (const int pid : victim_.orphans()) {
        seen += content("/proc/" + std::to_string(pid) + "/cmdline");
        ::kill(pid, SIGKILL);
    }
    run.join();
    EXPECT_NE(seen.find("http_token.yaml"), std::string::npos) << seen;
    EXPECT_EQ(seen.find("canary-token"), std::string::npos);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(victim_.file(""))) {
        if (!entry.is_regular_file()) continue;
        EXPECT_EQ(content(entry.path()).find("canary-token"), std::string::npos) << entry.path();
    }
}

}  // namespace
}  // namespace drydock::crash
