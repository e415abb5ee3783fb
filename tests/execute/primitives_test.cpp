// The forms of writing and their limits, through whole runs.

#include <gtest/gtest.h>

#include "tests/doubles/engine_story.h"
#include "tests/os/seam_switch.h"

namespace drydock {
namespace {

using run::RunStatus;

std::string book(const std::string& lua, const std::string& extra = "") {
    std::string indented;
    for (const char c : lua) indented += c == '\n' ? std::string("\n      ") : std::string(1, c);
    return "runbook: demo\nconnections: {app: {sqlite: app.db}, other: {sqlite: other.db}}\nfiles: "
           "[out]\ncommands: [/bin/sh, /bin/echo]\n"
           "steps:\n  - id: a\n    lua: |\n      " +
           indented + "\n" + extra;
}

class Primitives : public testing::Test {
  protected:
    EngineStory story_;
    void SetUp() override {
        story_.sql("app.db", "create table t (x)");
        story_.sql("other.db", "create table t (x)");
        std::filesystem::create_directory(story_.folder.file("out"));
    }
    std::string failure(const std::string& lua, const std::string& extra = "") {
        const auto finished = story_.start(book(lua, extra));
        EXPECT_EQ(finished.exit, 1);
        const std::string message = story_.error_of("a");
        story_.cancel();
        return message;
    }
};

TEST_F(Primitives, RollBackBareWritesWhenTheScriptFails) {
    EXPECT_EQ(failure("connections.app:exec('insert into t values (1)')\nfail('no')"), "no");
    EXPECT_EQ(story_.ask("app.db", "select count(*) from t"), Value(0));
    EXPECT_EQ(story_.ask("app.db", "select count(*) from sqlite_schema where name like 'drydock%'"),
              Value(0))
        << "not even the table for receipts";
}

TEST_F(Primitives, RefuseWhatWouldSplitAStepTransaction) {
    const std::string write = "connections.app:exec('insert into t values (1)')\n";
    EXPECT_NE(
        failure(write + "connections.other:exec('insert into t values (1)')").find("uncommitted"),
        std::string::npos);
    EXPECT_NE(failure(write + "command{'/bin/echo'}").find("uncommitted"), std::string::npos);
    EXPECT_NE(failure(write + "once('k', function() return 1 end)").find("uncommitted"),
              std::string::npos);
    EXPECT_NE(failure(write + "fs.write('out/x', 'y')").find("uncommitted"), std::string::npos);
    EXPECT_NE(failure(write + "connections.app:transaction{key = 'k', function() end}"), "");
    EXPECT_EQ(story_.ask("app.db", "select count(*) from t"), Value(0));
}

TEST_F(Primitives, RefuseEffectsInsideATransaction) {
    const auto inside = [](const std::string& what) {
        return "connections.app:transaction{key = 'k', function()\n  " + what + "\nend}";
    };
    EXPECT_NE(failure(inside("command{'/bin/echo'}")).find("inside a transaction"),
              std::string::npos);
    EXPECT_NE(failure(inside("once('k', function() return 1 end)")).find("inside a transaction"),
              std::string::npos);
    EXPECT_NE(failure(inside("fs.write('out/x', 'y')")).find("inside a transaction"),
              std::string::npos);
    EXPECT_NE(failure(inside("fs.read('out/x')")).find("inside a transaction"), std::string::npos);
    EXPECT_NE(failure(inside("connections.other:exec('insert into t values (1)')")), "");
}

TEST_F(Primitives, RefuseToStepOutOfTheTransaction) {
    EXPECT_NE(failure("connections.app:exec('com' .. 'mit')"), "");
    EXPECT_NE(failure("connections.app:exec(\"att\" .. \"ach 'x' as y\")"), "");
    story_.sql("app.db", "create table u (x unique); insert into u values (1)");
    const std::string message = failure(
        "connections.app:exec('insert into t values (5)')\n"
        "pcall(function() connections.app:exec('insert or roll' .. 'back into u values (1)') end)\n"
        "connections.app:exec('insert into t values (6)')");
    EXPECT_NE(message, "");
    EXPECT_EQ(story_.ask("app.db", "select count(*) from t"), Value(0));
}

TEST_F(Primitives, KeepEffectsWithinTheirBound) {
    EXPECT_NE(failure("local c = connections.app\nc['exe' .. 'c'](c, 'insert into t values (1)')",
                      "    effect: read\n")
                  .find("may do"),
              std::string::npos);
    EXPECT_EQ(story_.ask("app.db", "select count(*) from t"), Value(0));
}

TEST_F(Primitives, DoKeyedWorkOnceAcrossRetries) {
    const auto finished =
        story_.start(book("connections.app:transaction{key = 'first', function() "
                          "connections.app:exec('insert into t values (1)') end}\n"
                          "local n = connections.other:value('select count(*) from t')\n"
                          "connections.other:transaction{key = 'n' .. n, function() "
                          "connections.other:exec('insert into t values (1)') end}\n"
                          "check(n >= 2, 'again')",
                          "    retry: {times: 5, every: 50ms}\n"));
    EXPECT_EQ(finished.status, RunStatus::Succeeded);
    EXPECT_EQ(story_.ask("app.db", "select count(*) from t"), Value(1));
    EXPECT_EQ(story_.ask("other.db", "select count(*) from t"), Value(3));
}

TEST_F(Primitives, RecordValuesOnceAcrossAttempts) {
    const auto finished = story_.start(
        book("local value = once('was', function() fs.write('out/calls', (fs.exists('out/calls') "
             "and fs.read('out/calls') or '') .. 'x') return 'v' end)\n"
             "check(fs.read('out/calls') == 'x', 'called twice')\n"
             "local n = connections.app:value('select count(*) from t')\n"
             "connections.app:transaction{key = 'n' .. n, function() connections.app:exec('insert "
             "into t values (1)') end}\n"
             "check(n >= 2, 'again')",
             "    retry: {times: 5, every: 50ms}\n    idempotent: true\n"));
    EXPECT_EQ(finished.status, RunStatus::Succeeded) << story_.error_of("a");
    EXPECT_EQ(story_.read("out/calls"), "x");
}

TEST_F(Primitives, RefuseARecordedValueThatIsTooLargeWithoutCallingAgain) {
    EXPECT_NE(failure("once('big', function() fs.write('out/calls', (fs.exists('out/calls') and "
                      "fs.read('out/calls') or '') .. 'x')\n"
                      "  return string.rep('x', 2000000) end)",
                      "    idempotent: true\n")
                  .find("larger than 1 MiB"),
              std::string::npos);
    EXPECT_EQ(story_.read("out/calls"), "x");
}

TEST_F(Primitives, ResumeBatchesWithTheRowsOfAllAttempts) {
    story_.sql("app.db",
               "with recursive n(i) as (select 1 union all select i + 1 from n where i < 95) "
               "insert into t select i from n");
    const auto finished =
        story_.start(book("local r = connections.app:batches{key = 'drain', size = 10, sql = "
                          "'delete from t where rowid in (select rowid from t limit :size)'}\n"
                          "return {rows = r}",
                          "    returns: {rows: integer}\n"));
    EXPECT_EQ(finished.status, RunStatus::Succeeded) << story_.error_of("a");
    EXPECT_EQ(story_.output("a", "rows"), Value(95));
    const journal::LoadedRun run = story_.load();
    const auto& receipts = run.state.find("do/a")->receipts;
    ASSERT_EQ(receipts.size(), 1U);  // ten batches, one entry
    EXPECT_EQ(receipts[0].rows, 95);
    EXPECT_EQ(story_.ask("app.db", "select count(*) from t"), Value(0));
}

TEST_F(Primitives, RunOnlyAllowedProgramsAndGiveTheirOutput) {
    story_.clock = &system_clock();
    auto finished = story_.start(
        book("local r = command{'/bin/sh', '-c', 'echo out; echo err >&2; exit 3', expect = 3}\n"
             "return {output = r.output, errors = r.error, exit = r.exit}",
             "    returns: {output: string, errors: string, exit: integer}\n"));
    EXPECT_EQ(finished.status, RunStatus::Succeeded) << story_.error_of("a");
    EXPECT_EQ(story_.output("a", "output"), Value("out\n"));
    EXPECT_EQ(story_.output("a", "exit"), Value(3));
    EXPECT_NE(failure("command{'/bin/ls'}").find("/bin/ls"), std::string::npos);
    EXPECT_NE(failure("command{'/bin/sh', '-c', 'echo broken >&2; exit 4'}").find("broken"),
              std::string::npos);
}

TEST_F(Primitives, StayBeneathFiles) {
    EXPECT_NE(failure("fs.read('../outside')"), "");
    EXPECT_NE(failure("fs.write('elsewhere', 'x')"), "");
    EXPECT_NE(failure("connections.app:value('select 1')\nfs.read('app.db')"), "");
}

TEST_F(Primitives, NeverShowASecret) {
    story_.variables["TOKEN"] = "canary-token-value";
    const std::string yaml =
        "runbook: demo\nsecrets: {token: {env: TOKEN}}\nfiles: [out]\nsteps:\n  - id: a\n    lua: "
        "|\n"
        "      fs.write('out/key', secrets.token)\n      log.info('the token is ' .. "
        "fs.read('out/key'))\n"
        "      fail('bad ' .. fs.read('out/key'))\n    idempotent: true\n";
    EXPECT_EQ(story_.start(yaml).exit, 1);
    EXPECT_EQ(story_.read("out/key"), "canary-token-value");
    EXPECT_EQ(story_.error_of("a").find("canary"), std::string::npos);
    for (const std::string& line : story_.observer.lines)
        EXPECT_EQ(line.find("canary"), std::string::npos) << line;
    EXPECT_EQ(story_.read("journal.db").find("canary-token"), std::string::npos);
    EXPECT_EQ(story_.read("journal.db-wal").find("canary-token"), std::string::npos);
}

// A script reads a secret back as a plain text, and lets it go wherever something is recorded.
constexpr const char* kTelling =
    "runbook: demo\nsecrets: {token: {env: TOKEN}}\nfiles: [out]\n"
    "connections: {app: {sqlite: app.db}}\nsteps:\n  - id: a\n    idempotent: true\n    lua: |\n"
    "      fs.write('out/key', secrets.token)\n      local plain = fs.read('out/key')\n"
    "      local once_seen = once('k', function() return {deep = {plain .. '!'}} end)\n"
    "      local sql_seen = connections.app:transaction{key = 't', function()\n"
    "        connections.app:exec('insert into t values (1)')\n        return plain end}\n"
    "      return {text = 'got ' .. plain, once = once_seen.deep[1], sql = sql_seen}\n"
    "    returns: {text: string, once: string, sql: string}\n"
    "outputs: {all: \"${steps.a.text}\"}\n";

TEST_F(Primitives, RecordNoSecretThatCameBackAsAText) {
    story_.variables["TOKEN"] = "canary-token-value";
    EXPECT_EQ(story_.start(kTelling).exit, 0);
    EXPECT_EQ(story_.output("a", "text"), Value("got <secret token>"));
    EXPECT_EQ(story_.output("a", "once"), Value("<secret token>!"));
    EXPECT_EQ(story_.output("a", "sql"), Value("<secret token>"));
    for (const char* file : {"journal.db", "journal.db-wal", "app.db"})
        EXPECT_EQ(story_.read(file).find("canary-token"), std::string::npos) << file;
}

TEST_F(Primitives, WithoutRedactionOfRecordsASecretGetsIntoTheJournal) {
    const test::Without without(Protection::RecordRedaction);
    story_.variables["TOKEN"] = "canary-token-value";
    EXPECT_EQ(story_.start(kTelling).exit, 0);
    EXPECT_EQ(story_.output("a", "text"), Value("got canary-token-value"));
    const std::string journal = story_.read("journal.db") + story_.read("journal.db-wal");
    EXPECT_NE(journal.find("canary-token"), std::string::npos);
}

}  // namespace
}  // namespace drydock
