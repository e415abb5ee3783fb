#include "engine/runbook/effect.h"

#include "reading.h"

namespace drydock::runbook {
namespace {

class Effects : public Reading {
  protected:
    // Of the first step.
    Effect of(const std::string& step) {
        const CheckResult result = read_steps("  - {id: a, " + step + "}\n");
        for (const Diagnostic& one : result.diagnostics) ADD_FAILURE() << to_text(one);
        return effect_of(result.bundle->runbook.steps[0], *result.bundle, inspector_);
    }
};

TEST_F(Effects, OfAnActionIsWhatItDeclares) {
    EXPECT_EQ(of("uses: sqlite.check, with: {connection: app}"), Effect::Read);
    EXPECT_EQ(of("uses: sql.run, with: {connection: app, sql: x}"), Effect::Transaction);
    EXPECT_EQ(of("uses: sqlite.vacuum, with: {connection: app}"), Effect::Unsafe);
}

TEST_F(Effects, OfLuaIsTheMostThatItsNamesCanDo) {
    EXPECT_EQ(of("lua: \"connections.app:query('x')\""), Effect::Read);
    EXPECT_EQ(of("lua: \"connections.app:query('x') connections.app:exec('x')\""),
              Effect::Transaction);
    EXPECT_EQ(of("lua: \"connections.app:exec_alone('x')\""), Effect::Unsafe);
    EXPECT_EQ(of("lua: \"fs.read('x')\""), Effect::Read);
    EXPECT_EQ(of("lua: \"fs.write('x', 'y')\""), Effect::Unsafe);
    EXPECT_EQ(of("lua: \"command{'x'}\""), Effect::Unsafe);
}

TEST_F(Effects, ADeclaredEffectStands) {
    EXPECT_EQ(of("effect: unsafe, lua: \"connections.app:query('x')\""), Effect::Unsafe);
}

TEST_F(Effects, GatesAndWaitsRead) {
    EXPECT_EQ(of("wait: 1s"), Effect::Read);
    EXPECT_EQ(of("gate: {prompt: x}"), Effect::Read);
}

TEST_F(Effects, AMethodOfSomethingUnknownCountsByItsName) {
    Runbook runbook;
    ScriptFacts facts;
    facts.calls = {{{"?", "gsub"}, 1}, {{"?", "exec"}, 2}, {{"?", "set"}, 3}};
    ASSERT_EQ(writing_names(facts, runbook).size(), 1U);
    EXPECT_EQ(writing_names(facts, runbook)[0].effect, Effect::Transaction);
    ScriptFacts copying;
    copying.calls = {{{"?", "copy_out"}, 1}};
    ASSERT_EQ(writing_names(copying, runbook).size(), 1U);
    EXPECT_EQ(writing_names(copying, runbook)[0].effect, Effect::Unsafe);
    runbook.connections.emplace_back(
        "cache", Connection{.kind = Connection::Kind::Redis, .settings = {}, .place = {}});
    EXPECT_EQ(writing_names(facts, runbook).size(), 2U);
}

TEST_F(Effects, ARedisConnectionReadsWritesOrDoesOnce) {
    Runbook runbook;
    runbook.connections.emplace_back(
        "cache", Connection{.kind = Connection::Kind::Redis, .settings = {}, .place = {}});
    const auto effect = [&](const char* method) {
        ScriptFacts facts;
        facts.calls = {{{"connections", "cache", method}, 1}};
        const auto found = writing_names(facts, runbook);
        return found.empty() ? Effect::Read : found[0].effect;
    };
    for (const char* reads : {"get", "hgetall", "exists", "ttl", "scan", "info", "query"})
        EXPECT_EQ(effect(reads), Effect::Read) << reads;
    EXPECT_EQ(effect("transaction"), Effect::Transaction);
    for (const char* writes : {"set", "unlink", "command", "eval", "config_set", "anything"})
        EXPECT_EQ(effect(writes), Effect::Unsafe) << writes;
}

}  // namespace
}  // namespace drydock::runbook
