#include "engine/rehearse/selection.h"

#include <gtest/gtest.h>

#include "tests/doubles/engine_story.h"

namespace drydock::rehearse {
namespace {

class SelectionTest : public testing::Test {
  protected:
    Selection selected(const std::string& steps, const std::string& more = "") {
        story_.sql("app.db", "create table t (a)");
        story_.write("book.yaml",
                     "runbook: demo\nconnections: {app: {sqlite: app.db}, other: {like: app}}\n" +
                         more + "steps:\n" + steps);
        bundle_ = story_.options({}).bundle;
        bindings::Inspector inspector;
        return select(bundle_, {{"app", "/copy.db"}}, {{"other", "it has no file yet"}}, inspector);
    }
    // "id: why"
    static std::vector<std::string> told(const std::vector<Unrehearsed>& left_out) {
        std::vector<std::string> all;
        for (const Unrehearsed& one : left_out) all.push_back(one.step + ": " + one.why);
        return all;
    }
    using Told = std::vector<std::string>;

    EngineStory story_;
    runbook::Bundle bundle_;
};

TEST_F(SelectionTest, TakesWhatReadsAndWritesInTransactions) {
    const Selection found = selected(
        "  - {id: a, lua: 'connections.app:exec(\"insert into t values (1)\")'}\n"
        "  - {id: b, uses: sqlite.check, with: {connection: app}}\n"
        "  - {id: c, uses: sql.batches, with: {connection: app, sql: delete from t}}\n");
    EXPECT_EQ(told(found.steps), Told());
    EXPECT_EQ(found.bundle.runbook.steps.size(), 3U);
}

TEST_F(SelectionTest, SaysOfEachOtherStepWhy) {
    const Selection found = selected(
        "  - {id: g, gate: {prompt: May it start}}\n"
        "  - {id: w, wait: 1h}\n"
        "  - {id: v, uses: sqlite.vacuum, with: {connection: app}}\n"
        "  - {id: r, uses: file.room, with: {path: app.db}}\n"
        "  - {id: l, lua: 'log.info(fs.exists(\"x\"))', effect: read}\n"
        "  - {id: h, uses: http.check, with: {url: 'http://host/'}}\n"
        "  - {id: i, lua: 'http{url = \"http://host/\"}', effect: read}\n"
        "  - {id: o, uses: sqlite.check, with: {connection: other}}\n"
        "  - {id: p, lua: 'connections.other:exec(\"delete from t\")'}\n");
    EXPECT_EQ(told(found.steps), (Told{"g: a person answers it", "w: it only waits",
                                       "v: it acts outside of transactions", "r: it looks at files",
                                       "l: it looks at more than databases (fs)",
                                       "h: it asks a server",
                                       "i: it looks at more than databases (http)",
                                       "o: connection other: it has no file yet",
                                       "p: connection other: it has no file yet"}));
}

TEST_F(SelectionTest, LeavesOutWhatNeedsAStepThatWasLeftOut) {
    const Selection found = selected(
        "  - {id: v, uses: sqlite.vacuum, with: {connection: app}}\n"
        "  - {id: a, when: steps.v.before > 0, lua: 'connections.app:query(\"select 1\")'}\n"
        "  - {id: b, lua: 'log.info(steps.a.status)'}\n"
        "  - {id: c, uses: sql.run, with: {connection: app, sql: select 1, "
        "args: {n: '${steps.v.after}'}}}\n"
        "  - {id: d, lua: 'connections.app:query(\"select 1\")'}\n");
    EXPECT_EQ(told(found.steps),
              (Told{"v: it acts outside of transactions", "a: needs steps.v.before",
                    "b: needs steps.a.status", "c: needs steps.v.after"}));
    EXPECT_EQ(found.bundle.runbook.steps.size(), 1U);
}

TEST_F(SelectionTest, LeavesOutAnUndoThatWouldActOutside) {
    const Selection found = selected(
        "  - id: a\n    lua: 'connections.app:exec(\"insert into t values (1)\")'\n"
        "    undo: {lua: 'fs.remove(\"x\")'}\n"
        "  - id: b\n    lua: 'connections.app:exec(\"insert into t values (1)\")'\n"
        "    undo: {lua: 'connections.app:exec(\"delete from t\")'}\n",
        "files: [x]\n");
    EXPECT_EQ(told(found.undos), Told{"a: it acts outside of transactions"});
    EXPECT_TRUE(found.bundle.runbook.steps[0].undo_none);
    EXPECT_TRUE(found.bundle.runbook.steps[1].undo.has_value());
}

TEST_F(SelectionTest, LeadsNowhereButToTheCopies) {
    const Selection found = selected(
        "  - {id: a, lua: 'connections.app:query(\"select 1\")', retry: {times: 3}}\n",
        "files: [x]\ncommands: [ls]\nlocks: [l]\nwindow: {opens: \"02:00\", lasts: 1h, timezone: "
        "UTC}\n");
    const runbook::Runbook& chosen = found.bundle.runbook;
    ASSERT_EQ(chosen.connections.size(), 1U);
    for (const auto& [key, node] : chosen.connections[0].second.settings) {
        if (key == "sqlite") {
            EXPECT_EQ(std::get<runbook::Node::Scalar>(node.held).text, "/copy.db");
        }
    }
    EXPECT_TRUE(chosen.files.empty() && chosen.commands.empty() && chosen.locks.empty());
    EXPECT_FALSE(chosen.window || chosen.steps[0].retry);
}

}  // namespace
}  // namespace drydock::rehearse
