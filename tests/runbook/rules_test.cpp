#include "engine/runbook/rules.h"

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "engine/error.h"
#include "reading.h"

namespace drydock::runbook {
namespace {

using Rules = Reading;

TEST_F(Rules, IdsAreUniqueAlsoInFinally) {
    EXPECT_EQ(
        of_steps("  - {id: a, wait: 1s}\n  - {id: a, wait: 1s}\nfinally:\n  - {id: a, wait: 1s}\n"),
        (Lines{"8:5 the id `a` is taken by the step of line 7 | ids are unique in a runbook: name "
               "one of them differently",
               "10:5 the id `a` is taken by the step of line 7 | ids are unique in a runbook: name "
               "one of them differently"}));
}

TEST_F(Rules, OnlyEarlierStepsMayBeNamed) {
    EXPECT_EQ(of_steps("  - {id: a, when: steps.b.ok, wait: 1s}\n  - {id: b, uses: sqlite.check, "
                       "with: {connection: app}}\n"),
              Lines{"7:19 the step `b` has not run yet at this place | only earlier steps may be "
                    "named: move one of the two"});
    EXPECT_EQ(of_steps("  - {id: a, when: steps.a.ok, wait: 1s}\n").size(), 1U);
    EXPECT_EQ(of_steps("  - {id: a, wait: 1s}\nfinally:\n  - {id: f, when: steps.a.status == "
                       "\"failed\", wait: 1s}\n"),
              Lines{});
}

TEST_F(Rules, StepsAndFieldsThatAreNotThereAreNamed) {
    const std::string look = "  - {id: look, uses: sqlite.check, with: {connection: app}}\n";
    EXPECT_EQ(of_steps(look + "  - {id: b, when: steps.lock.ok, wait: 1s}\n"),
              Lines{"8:19 there is no step `lock` | did you mean `look`?"});
    EXPECT_EQ(of_steps(look + "  - {id: b, when: steps.look.sumary, wait: 1s}\n"),
              Lines{"8:19 the step `look` has no field `sumary` | did you mean `summary`?"});
    EXPECT_EQ(of_steps(look + "outputs: {x: \"${steps.look.okay}\"}\n"),
              Lines{"8:17 the step `look` has no field `okay`"});
    EXPECT_EQ(
        of_steps("  - {id: l, lua: check(1)}\n  - {id: b, when: steps.l.rows > 1, wait: 1s}\n"),
        Lines{"8:19 the step `l` has no field `rows` | declare what the step returns: returns: "
              "{rows: string}"});
    EXPECT_EQ(
        of_steps(
            look +
            "  - {id: b, when: steps.look.seconds > 1 and steps.look.error == nil, wait: 1s}\n"),
        Lines{});
}

TEST_F(Rules, ARepeatedStepHasItemsOnly) {
    EXPECT_EQ(of_steps("  - {id: a, foreach: [1], uses: sqlite.check, with: {connection: app}}\n  "
                       "- {id: b, when: steps.a.ok, wait: 1s}\n"),
              Lines{"8:19 the step `a` is repeated: it has no field `ok` of its own | read "
                    "steps.a.items, one output for each item"});
}

TEST_F(Rules, ParamsSecretsConnectionsContactsRolesAndRunFieldsExist) {
    EXPECT_EQ(of_steps("  - {id: a, when: params.cout > 1, wait: 1s}\n"),
              Lines{"7:19 there is no param `cout` | did you mean `count`?"});
    EXPECT_EQ(of_steps("  - {id: a, when: run.starterr == \"x\", wait: 1s}\n"),
              Lines{"7:19 there is no field of run `starterr` | did you mean `starter`?"});
    EXPECT_EQ(of_steps("  - {id: a, uses: sqlite.check, with: {connection: ap}}\n"),
              Lines{"7:52 there is no connection `ap` | did you mean `app`?"});
    EXPECT_EQ(of_steps("  - {id: a, lua: \"connections.ap:query('x')\"}\n"),
              Lines{"7:19 there is no connection `ap` | did you mean `app`?"});
    EXPECT_EQ(
        of_steps("  - {id: a, uses: command.run, with: {argv: [x], input: \"${secrets.tokn}\"}}\n"),
        Lines{"7:60 there is no secret `tokn` | did you mean `token`?"});
    EXPECT_EQ(of_steps("  - {id: a, wait: 1s, contact: dbaa}\n"),
              Lines{"7:5 there is no contact `dbaa` | did you mean `dba`?"});
    EXPECT_EQ(of_steps("  - {id: a, gate: {prompt: x, by: securty}}\n"),
              Lines{"7:5 there is no role `securty` | did you mean `security`?"});
}

TEST_F(Rules, ActionsExistAndAMissingOneIsNamedOnce) {
    EXPECT_EQ(
        of_steps("  - {id: a, uses: sqlite.chek, with: {connection: app}}\n"),
        Lines{"7:19 the module `sqlite` has no action `chek` | did you mean `sqlite.check`?"});
    EXPECT_EQ(of_steps("  - {id: a, uses: sqlit.check}\n"),
              Lines{"7:19 there is no action `sqlit.check`: no module `sqlit` is known | did you "
                    "mean `sqlite`?"});
    EXPECT_EQ(of_steps("  - {id: a, uses: redis.ping}\n  - {id: b, uses: redis.ping}\n  - {id: c, "
                       "uses: ./own.do}\n")
                  .size(),
              2U);
    EXPECT_EQ(of_steps("  - {id: a, uses: nothing}\n")[0].substr(0, 48),
              "7:19 `uses` is `nothing`, which names no action ");
}

TEST_F(Rules, ParametersFitTheirAction) {
    EXPECT_EQ(of_steps("  - {id: a, uses: sqlite.check, with: {mode: quick}}\n"),
              Lines{"7:19 `connection` of sqlite.check must be given"});
    EXPECT_EQ(of_steps("  - {id: a, uses: sqlite.check, with: {connection: app, mod: full}}\n"),
              Lines{"7:62 sqlite.check has no `mod` | did you mean `mode`?"});
    EXPECT_EQ(of_steps("  - {id: a, uses: sqlite.check, with: {connection: app, mode: quik}}\n"),
              Lines{"7:63 `mode` of sqlite.check is `quik`, not one of quick, full | did you mean "
                    "`quick`?"});
    EXPECT_EQ(of_steps("  - {id: a, uses: command.run, with: {argv: x}}\n")[0].substr(0, 68),
              "7:45 `argv` of command.run is of type list, here stands `x` | write ");
    EXPECT_EQ(
        of_steps("  - {id: a, uses: command.run, with: {argv: [x], limit: 5}}\n")[0].substr(0, 61),
        "7:57 `limit` of command.run is of type duration, here stands ");
    EXPECT_EQ(of_steps("  - {id: a, uses: sqlite.check, with: {connection: main}}\n"),
              Lines{"7:52 `sqlite.check` needs a connection of the kind sqlite, `main` is none | "
                    "name another connection"});
}

TEST_F(Rules, SecretsGoToTheirPlacesOnly) {
    const std::string nowhere =
        " a secret may not go here | secrets go to connections and to parameters of type secret; "
        "in Lua to the places of the handbook's list";
    EXPECT_EQ(of_steps("  - {id: a, uses: command.run, with: {argv: [x, \"${secrets.token}\"]}}\n"),
              Lines{"7:52" + nowhere});
    EXPECT_EQ(of_steps("  - {id: a, uses: command.run, with: {argv: [x], env: {T: "
                       "\"${secrets.token}\"}, input: \"a ${secrets.token}\"}}\n"),
              Lines{});
    EXPECT_EQ(of_steps("  - {id: a, wait: 1s, title: \"${secrets.token}\"}\n"),
              Lines{"7:33" + nowhere});
    EXPECT_EQ(of_steps("  - {id: a, wait: 1s}\noutputs: {x: \"${secrets.token}\"}\n"),
              Lines{"8:17" + nowhere});
    EXPECT_EQ(of_steps("  - {id: a, wait: 1s, when: secrets.token == 1}\n"),
              Lines{"7:29" + nowhere});
}

TEST_F(Rules, AConnectionThatNeedsAStepExistsBehindIt) {
    const std::string head =
        "runbook: a\nconnections: {base: {sqlite: a.db}, next: {sqlite: "
        "\"${steps.make.digest}\"}}\nsteps:\n";
    const std::string make = "  - {id: make, uses: file.render, with: {template: t, to: x}}\n";
    const std::string use = "  - {id: use, uses: sqlite.check, with: {connection: next}}\n";
    const Lines early = lines(read(head + use + make));
    EXPECT_EQ(std::count(early.begin(), early.end(),
                         "4:54 the connection `next` does not exist yet: it needs the step `make` "
                         "| use it in steps after `make`"),
              1);
    for (const std::string& line : lines(read(head + make + use)))
        EXPECT_EQ(line.find("does not exist yet"), std::string::npos) << line;
}

TEST_F(Rules, LuaIsCompiledAndItsNamesAreKnown) {
    EXPECT_EQ(of_steps("  - id: a\n    lua: |\n      if true then\n        check(1)\n"),
              Lines{"11:7 syntax error: a block is not closed"});
    EXPECT_EQ(of_steps("  - id: a\n    lua: |\n      local x = 1\n      chek(x)\n"),
              Lines{"10:7 there is no `chek` here | did you mean `check`?"});
    EXPECT_EQ(of_steps("  - id: a\n    lua: |\n      x = 1\n"),
              Lines{"9:7 `x` is not declared: a script sets no globals | write local x = …"});
    EXPECT_EQ(of_steps("  - {id: a, wait: 1s, when: params.count +}\n"),
              Lines{"7:29 syntax error: unexpected end"});
    EXPECT_EQ(of_steps("  - {id: a, wait: 1s, when: fs.exists(\"x\")}\n"),
              Lines{"7:29 `fs` cannot be used in an expression | do it in a step, and use what the "
                    "step returns"});
    EXPECT_EQ(of_steps("  - id: a\n    lua: >\n      check(1)\n"),
              Lines{"8:10 `lua: >` joins the lines of the script | write `lua: |`"});
}

TEST_F(Rules, ItemExistsInRepeatedStepsOnly) {
    EXPECT_EQ(of_steps("  - {id: a, lua: check(item)}\n"),
              Lines{"7:24 `item` exists in steps with `foreach` only | add foreach: to the step, "
                    "or name a param"});
    EXPECT_EQ(of_steps("  - {id: a, foreach: [1], lua: \"check(item, index)\"}\n"), Lines{});
}

TEST_F(Rules, OutputAndRecordedExistInUndoAndProbeOnly) {
    EXPECT_EQ(
        of_steps("  - {id: a, lua: check(1), undo: {lua: \"check(output, recorded.was)\"}}\n"),
        Lines{});
    EXPECT_EQ(of_steps("  - {id: a, lua: check(recorded)}\n"),
              Lines{"7:24 there is no `recorded` here | a name of your own is made with local"});
}

TEST_F(Rules, ADeclaredEffectHoldsTheNamesInTheLua) {
    EXPECT_EQ(of_steps("  - {id: a, effect: read, lua: \"connections.app:exec('x')\"}\n"),
              Lines{"7:33 `connections.app:exec` is of effect transaction, here at most read is "
                    "allowed | read only, or move it into a step that may change something"});
    EXPECT_EQ(of_steps("  - {id: a, effect: transaction, lua: \"fs.write('x', 'y')\"}\n"),
              Lines{"7:40 `fs.write` is of effect unsafe, here at most transaction is allowed | "
                    "declare effect: unsafe"});
    EXPECT_EQ(of_steps("  - {id: a, effect: read, lua: \"connections.app:query('x')\"}\n"),
              Lines{});
}

TEST_F(Rules, AChecklistAndAProbeOnlyRead) {
    EXPECT_EQ(of_steps("  - {id: a, gate: {prompt: x, checklist: [{text: y, uses: sqlite.vacuum, "
                       "with: {connection: app}}]}}\n"),
              Lines{"7:59 `sqlite.vacuum` can change something: here only reading is allowed | use "
                    "an action with the effect read"});
    EXPECT_EQ(
        of_steps(
            "  - {id: a, gate: {prompt: x, checklist: [{text: y, lua: \"fs.remove('x')\"}]}}\n")
            .size(),
        1U);
    EXPECT_EQ(
        of_steps(
            "  - {id: a, lua: check(1), probe: {uses: sqlite.vacuum, with: {connection: app}}}\n")
            .size(),
        1U);
}

TEST_F(Rules, WhatCannotBeTakenTwiceIsNotRetried) {
    const std::string refused =
        " `retry` on a step whose effect cannot be taken twice: nobody knows whether the first "
        "attempt worked"
        " | say idempotent: true if doing it twice does no harm, effect: read if it changes "
        "nothing, or give a probe";
    const std::string run = "  - {id: a, uses: command.run, with: {argv: [x]}, retry: {times: 2}";
    EXPECT_EQ(of_steps(run + "}\n"), Lines{"7:58" + refused});
    EXPECT_EQ(of_steps(run + ", idempotent: true}\n"), Lines{});
    EXPECT_EQ(of_steps(run + ", probe: {lua: return nil}}\n"), Lines{});
    EXPECT_EQ(of_steps("  - {id: a, lua: \"connections.app:exec('x')\", retry: {times: 2}}\n"),
              Lines{});  // it has a receipt
    EXPECT_EQ(of_steps("  - {id: a, lua: \"command{'x'}\", retry: {times: 2}}\n").size(), 1U);
}

TEST_F(Rules, ScriptsDoNotControlTransactions) {
    EXPECT_EQ(of_steps("  - {id: a, uses: sql.run, with: {connection: app, sql: commit}}\n"),
              Lines{"7:57 `commit` is transaction control | the engine begins and ends "
                    "transactions itself, with their receipt"});
    EXPECT_EQ(of_steps("  - {id: a, uses: sql.assert, with: {connection: app, checks: [{name: x, "
                       "sql: commit}]}}\n")
                  .size(),
              1U);
    EXPECT_EQ(
        of_steps(
            "  - id: a\n    lua: |\n      local a = 1\n      connections.app:exec(\"commit\")\n"),
        Lines{"10:29 `commit` is transaction control | the engine begins and ends transactions "
              "itself: use :transaction(function() … end)"});
    EXPECT_EQ(of_steps("  - {id: a, lua: \"command{'git', 'commit'}\"}\n"), Lines{});  // no SQL
    // What must run alone is for the database to judge.
    EXPECT_EQ(of_steps("  - {id: a, lua: \"connections.app:exec_alone('commit')\"}\n"), Lines{});
}

TEST_F(Rules, DefaultsNameEarlierParamsOnly) {
    EXPECT_EQ(lines(read("runbook: a\nparams:\n  a: {type: string, default: \"${params.b}\"}\n  b: "
                         "string\nsteps: [{id: a, wait: 1s}]\n")),
              Lines{"3:33 the default of `a` names `b`, which comes later | a default may name the "
                    "params before it: move one of the two"});
}

TEST_F(Rules, StepsOfFinallyAreNeverUndone) {
    EXPECT_EQ(
        of_steps(
            "  - {id: a, wait: 1s}\nfinally:\n  - {id: f, lua: check(1), undo: {lua: check(1)}}\n"),
        Lines{"9:5 a step of `finally` is never undone | remove its `undo`"});
}

TEST(JournalAsTarget, IsRefusedUnderEveryName) {
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("rules_test." + std::to_string(::getpid()));
    std::filesystem::create_directory(folder);
    const std::string journal = (folder / "journal.db").string();
    std::ofstream(journal) << "x";
    std::filesystem::create_hard_link(journal, folder / "other.db");
    std::ofstream(folder / "app.db") << "x";
    for (const std::string& name :
         {journal, (folder / "../" / folder.filename() / "journal.db").string(),
          (folder / "other.db").string()}) {
        EXPECT_THROW(refuse_journal_as_target("app", name, journal), Error) << name;
    }
    EXPECT_NO_THROW(refuse_journal_as_target("app", (folder / "app.db").string(), journal));
    EXPECT_NO_THROW(refuse_journal_as_target("app", (folder / "new.db").string(), journal));
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace drydock::runbook
