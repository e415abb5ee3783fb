// Hostile scripts as steps of whole runs: each is stopped soon after its time limit or harmless,
// and the step after it works as if nothing had been.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdio>

#include "engine/clock.h"
#include "tests/bindings/hostile_payloads.h"
#include "tests/doubles/engine_story.h"

namespace drydock {
namespace {

using test::Ending;
using test::HostilePayload;

constexpr std::int64_t kLimitMicros = 200'000;
// What a script may use of the processor after its limit. Of the processor, because a machine
// under load says nothing about us; what waits instead of computing is caught by kPatience.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(__clang__)
constexpr std::int64_t kGraceMicros = 40'000'000;
#else
// Two seconds are promised on a machine of one's own (docs/testing.md has the measurement); where
// others compute beside us the same work takes a multiple.
constexpr std::int64_t kGraceMicros = 10'000'000;
#endif
constexpr std::int64_t kPatienceMicros = 120'000'000;

std::int64_t processor_micros() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1'000'000 + used.ru_utime.tv_usec +
           used.ru_stime.tv_usec;
}

std::string runbook_with(const std::string& script) {
    std::string book = R"(
runbook: hostile
params:
  name: {type: string, default: x}
  list: {type: list, of: integer, default: [1, 2]}
secrets: {key: {env: HOSTILE_KEY}}
connections: {app: {sqlite: app.db}}
files: [out]
commands: [/bin/echo]
steps:
  - id: earlier
    lua: "return {text = 'it was'}"
    effect: read
    returns: {text: string}
  - id: hostile
    timeout: 200ms
    idempotent: true
    on_failure: continue
    lua: |
)";
    std::string line;
    for (const char c : script + "\n") {
        if (c != '\n') {
            line += c;
            continue;
        }
        book += line.empty() ? "\n" : "      " + line + "\n";
        line.clear();
    }
    return book + R"(  - id: after
    lua: |
      assert(steps.earlier.text == 'it was' and params.name == 'x' and params.list[1] == 1)
      fs.write('out/afterwards', 'yes')
      connections.app:exec('insert into afterwards values (?1)', ('x'):rep(1000))
      return {sum = 1 + 1}
    returns: {sum: integer}
)";
}

class HostileRun : public testing::TestWithParam<const char*> {
  protected:
    struct Seen {
        std::string how;  // returned, deadline, error: …
        std::int64_t late = 0;
    };

    // Runs the script as a step and checks everything but the ending it was to have.
    Seen run(const HostilePayload& payload) {
        EngineStory story;
        story.clock = &system_clock();
        story.variables["HOSTILE_KEY"] = "hunter2-hunter2";
        story.sql("app.db",
                  "pragma journal_mode = wal; create table t (x); create table afterwards (x);"
                  "insert into t values (1), (2), (3)");
        std::filesystem::create_directory(story.folder.file("out"));
        const std::int64_t wall = system_clock().boot().count();
        const std::int64_t processor = processor_micros();
        try {
            const auto finished = story.start(runbook_with(payload.text));
            EXPECT_EQ(finished.exit, 0);
        } catch (const std::runtime_error& unreadable) {
            return {.how = std::string("error: ") + unreadable.what()};
        }
        Seen seen{.how = how_it_ended(story),
                  .late = processor_micros() - processor - kLimitMicros};
        EXPECT_LT(system_clock().boot().count() - wall, kPatienceMicros);
        EXPECT_EQ(story.status("after"), run::StepStatus::Succeeded) << story.error_of("after");
        EXPECT_EQ(story.ask("app.db", "select count(*) from afterwards"), Value(1));
        EXPECT_EQ(story.ask("app.db", "pragma integrity_check"), Value("ok"));
        EXPECT_EQ(story.read("out/afterwards"), "yes");
        EXPECT_EQ(story.read("journal.db").find("hunter2"), std::string::npos);
        return seen;
    }

    static std::string how_it_ended(EngineStory& story) {
        const journal::LoadedRun run = story.load();
        const run::ScopeState* scope = run.state.find("do/hostile");
        if (scope == nullptr) return "it never began";
        if (scope->status == run::StepStatus::Succeeded) return "returned";
        const Value* kind = scope->error.member("kind");
        if (kind != nullptr && *kind == Value("timeout")) return "deadline";
        return "error: " + story.error_of("hostile").substr(0, 300);
    }
};

bool fits(Ending wanted, const std::string& how) {
    switch (wanted) {
        case Ending::Deadline: return how == "deadline";
        case Ending::Refused: return how == "deadline" || how.starts_with("error: ");
        case Ending::Returns: return how == "returned";
        case Ending::Any: return how != "it never began";
    }
    return false;
}

TEST_P(HostileRun, StopsInTimeAndTheNextStepWorks) {
    const std::string only = std::getenv("DRYDOCK_HOSTILE") ? std::getenv("DRYDOCK_HOSTILE") : "";
    std::string slowest;
    std::int64_t worst = 0;
    int count = 0;
    for (const HostilePayload& payload : test::hostile_payloads(GetParam())) {
        if (!only.empty() && payload.name != only) continue;
        SCOPED_TRACE(payload.name);
        const Seen seen = run(payload);
        EXPECT_TRUE(fits(payload.ending, seen.how)) << seen.how;
        EXPECT_LT(seen.late, kGraceMicros);
        if (seen.late > worst) slowest = payload.name;
        worst = std::max(worst, seen.late);
        ++count;
    }
    std::printf("%d scripts; the latest, %s, used %.0f ms after its limit\n", count,
                slowest.c_str(), static_cast<double>(worst) / 1000);
}

INSTANTIATE_TEST_SUITE_P(Scripts, HostileRun,
                         testing::Values("endless", "refused", "texts", "values", "escapes",
                                         "engine", "sql"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace drydock
