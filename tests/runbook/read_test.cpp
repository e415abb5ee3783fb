#include "engine/runbook/read.h"

#include "reading.h"

namespace drydock::runbook {
namespace {

using Shape = Reading;  // what a runbook may look like: reader.h

TEST_F(Shape, AGoodRunbookHasNoDiagnostics) {
    const CheckResult result = read_steps(R"(
  - id: look
    uses: sqlite.check
    with: {connection: app, mode: quick}
  - id: agree
    when: steps.look.ok
    gate: {prompt: "Compact ${params.database}?", by: dba, count: 2, checklist: [The backup is whole], form: {why: string}}
    contact: dba
  - id: pause
    wait: 1h
  - id: compact
    foreach: [1, 2]
    uses: sqlite.vacuum
    with: {connection: app}
    retry: {times: 3, every: 5s}
outputs: {why: "${steps.agree.why}", by: "${steps.agree.by}", all: "${steps.compact.items}"}
)");
    EXPECT_EQ(lines(result), Lines{});
    ASSERT_TRUE(result.bundle);
    const Runbook& runbook = result.bundle->runbook;
    EXPECT_EQ(runbook.steps.size(), 4U);
    EXPECT_EQ(std::get<Gate>(runbook.steps[1].body).count, 2);
    EXPECT_EQ(runbook.steps[1].when->place, (Place{.line = 12, .column = 11}));
    EXPECT_EQ(result.bundle->modules.size(), 1U);  // only what is used
}

TEST_F(Shape, EveryErrorOfAFileIsFoundInOnePass) {
    EXPECT_EQ(
        of_steps(
            "  - id: Bad\n    uses: sqlite.chek\n    timeout: soon\n  - lua: x(\n    tittle: y\n")
            .size(),
        6U);
}

TEST_F(Shape, UnknownKeysAreNamedWithTheNearestKnownOne) {
    EXPECT_EQ(lines(read("runbook: a\ntitel: x\nsteps: [{id: a, wait: 1s}]\n")),
              Lines{"2:1 a runbook has no key `titel` | did you mean `title`?"});
    EXPECT_EQ(of_steps("  - {id: a, wait: 1s, whn: true}\n"),
              Lines{"7:23 the step `a` has no key `whn` | did you mean `when`?"});
}

TEST_F(Shape, TheFirstKeySaysWhatADocumentIs) {
    EXPECT_EQ(lines(read("title: x\nrunbook: a\nsteps: [{id: a, wait: 1s}]\n")),
              Lines{"1:1 the first key says what the document is | begin with `runbook: name`"});
    EXPECT_EQ(lines(read("cases: a.yaml\n"))[0],
              "1:1 this is a document of cases, not a runbook | run it with drydock test");
    EXPECT_EQ(lines(read("- a\n"))[0],
              "1:1 a runbook is a map of keys, here stands a list | write `key: value` lines");
}

TEST_F(Shape, NamesFollowTheirPattern) {
    EXPECT_EQ(lines(read("runbook: Weekly\nsteps: [{id: a, wait: 1s}]\n"))[0],
              "1:10 the name of the runbook is `Weekly`, which is no name | a small letter first, "
              "then small letters, digits and `-`, at most 64");
    EXPECT_EQ(of_steps("  - {id: a-b, wait: 1s}\n")[0].substr(0, 55),
              "7:10 the id of a step is `a-b`, which is no name | a sm");
}

TEST_F(Shape, WordsOfLaterAreReserved) {
    const std::string later =
        " is reserved for later | this version does not know it yet: write the steps out";
    EXPECT_EQ(of_steps("  - {id: a, runbook: other}\n"), Lines{"7:13 `runbook`" + later});
    EXPECT_EQ(of_steps("  - {id: a, together: [x]}\n"), Lines{"7:13 `together`" + later});
    EXPECT_EQ(
        of_steps(
            "  - {id: a, foreach: [1], at_once: 2, uses: sqlite.check, with: {connection: app}}\n"),
        Lines{"7:27 `at_once`" + later});
}

TEST_F(Shape, AStepHasExactlyOneBody) {
    EXPECT_EQ(
        of_steps("  - {id: a}\n"),
        Lines{"7:5 the step `a` does nothing | a step has exactly one of uses, lua, gate, wait"});
    EXPECT_EQ(of_steps("  - {id: a, wait: 1s, lua: x()}\n")[0],
              "7:5 the step `a` has more than one body | a step has exactly one of uses, lua, "
              "gate, wait");
    EXPECT_EQ(of_steps("  - {id: a, wait: 1s, with: {x: 1}}\n"),
              Lines{"7:23 `with` belongs to `uses` | write uses: module.action, or remove it"});
}

TEST_F(Shape, KeysStandOnlyWhereTheyMeanSomething) {
    EXPECT_EQ(of_steps("  - {id: a, wait: 1s, timeout: 1m}\n"),
              Lines{"7:23 a wait has no timeout | the wait itself says how long"});
    EXPECT_EQ(of_steps("  - {id: a, wait: 1s, retry: {times: 2}}\n"),
              Lines{"7:23 `retry` belongs to steps with uses or lua | remove it"});
    EXPECT_EQ(of_steps("  - {id: a, gate: {prompt: x}, foreach: [1]}\n"),
              Lines{"7:32 `foreach` belongs to steps with uses or lua | remove it"});
    EXPECT_EQ(of_steps("  - {id: a, uses: sqlite.check, with: {connection: app}, effect: read}\n"),
              Lines{"7:58 `effect` belongs to Lua steps | actions declare their own"});
    EXPECT_EQ(lines(read("runbook: a\non_failure: continue\nsteps: [{id: a, wait: 1s}]\n")),
              Lines{"2:13 `on_failure: continue` belongs to a step, not to the runbook | stop, "
                    "undo or end"});
}

TEST_F(Shape, WaitsRetriesAndListsSayWhatTheyMean) {
    EXPECT_EQ(
        of_steps("  - {id: a, wait: soon}\n"),
        Lines{"7:19 `wait` is a duration or a timestamp | write 1h, or 2026-11-21T02:00:00Z"});
    EXPECT_EQ(of_steps("  - {id: a, wait: 2026-11-21T02:00:00Z}\n"), Lines{});
    EXPECT_EQ(of_steps("  - {id: a, lua: check(1), retry: {every: 1s}}\n"),
              Lines{"7:35 `retry` does not say when it gives up | add times: 3, or for: 5m"});
    EXPECT_EQ(of_steps("  - {id: a, lua: check(1), foreach: abc}\n")[0].substr(0, 26),
              "7:37 `foreach` is a list |");
    EXPECT_EQ(
        of_steps("  - {id: a, lua: check(1), on_failure: stp}\n"),
        Lines{"7:40 `on_failure` is one of stop, undo, end, continue | did you mean `stop`?"});
}

TEST_F(Shape, WhenIsAnExpressionAlready) {
    EXPECT_EQ(
        of_steps("  - {id: a, wait: 1s, when: \"${params.count > 1}\"}\n"),
        Lines{"7:30 no ${} in `when`: it is an expression already | write it without ${ and }"});
}

TEST_F(Shape, NoTemplatesWhereTextsAreFixed) {
    EXPECT_EQ(of_steps("  - {id: a, uses: \"sqlite.${params.count}\"}\n")[0],
              "7:19 no ${…} in `uses` | name the action; choose between steps with `when`");
    EXPECT_EQ(of_steps("  - {id: a, uses: sql.run, with: {connection: app, sql: \"delete from "
                       "${params.count}\"}}\n"),
              Lines{"7:70 no ${…} in SQL: values are never pasted into a statement | write :name "
                    "(or :\"name\" for an identifier) and give the value under `args`"});
}

TEST_F(Shape, ConnectionsAreOfOneKindAndFollowLike) {
    const auto of = [&](const std::string& connections) {
        return lines(
            read("runbook: a\nconnections:\n" + connections + "steps: [{id: a, wait: 1s}]\n"));
    };
    EXPECT_TRUE(of("  a: {redis: h, tls: require, database: 2, ca: ca.pem}\n").empty());
    EXPECT_EQ(of("  a: {redis: h, tls: verify_full}\n")[0],
              "3:22 `tls` of the connection `a` has no value `verify_full` | did you mean "
              "`verify-full`?");
    EXPECT_EQ(of("  a: {redis: h, database: app}\n")[0],
              "3:27 `database` of the connection `a` is no number | Redis numbers its databases, "
              "from 0");
    EXPECT_EQ(of("  a: {sqlite: x.db, redis: y}\n")[0],
              "3:6 the connection `a` must be of one kind | one of postgres, sqlite, redis, or "
              "like: OTHER");
    EXPECT_EQ(of("  a: {like: b}\n  b: {like: a}\n")[0],
              "3:13 the connection `a` is like itself | one of them must say what it is");
    EXPECT_EQ(of("  a: {like: bb}\n  b: {sqlite: x.db}\n")[0].substr(0, 34),
              "3:13 `like` names no connection | ");
    EXPECT_EQ(of("  a: {sqlite: x.db, busy_timout: 1s}\n")[0],
              "3:21 the connection `a` has no key `busy_timout` | did you mean `busy_timeout`?");
    EXPECT_EQ(of("  a: {sqlite: x.db, read_only: maybe}\n")[0].substr(0, 60),
              "3:32 `read_only` of the connection `a` is of type boolean, h");
    const CheckResult good = read(
        "runbook: a\nconnections:\n  b: {like: a, port: 1}\n  a: {postgres: h, port: 5}\nsteps: "
        "[{id: a, wait: 1s}]\n");
    ASSERT_TRUE(good.bundle);
    const Connection& b = good.bundle->runbook.connections[0].second;
    EXPECT_EQ(b.kind, Connection::Kind::Postgres);
    EXPECT_EQ(b.settings.size(), 2U);
    EXPECT_EQ(std::get<Node::Scalar>(b.settings[1].second.held).text, "1");
}

TEST_F(Shape, SecretsComeFromOnePlaceAndHaveNoText) {
    const auto of = [&](const std::string& secret) {
        return lines(
            read("runbook: a\nsecrets: {s: " + secret + "}\nsteps: [{id: a, wait: 1s}]\n"));
    };
    EXPECT_EQ(of("{env: A, default: null, may_change: true}"), Lines{});
    EXPECT_EQ(of("{env: A, file: b}"), Lines{"2:14 the secret `s` must come from one place | one "
                                             "of env, file, command, credential"});
    EXPECT_EQ(
        of("{env: A, default: x}"),
        Lines{
            "2:32 the default of a secret can only be null | a secret never stands in a runbook"});
    EXPECT_EQ(
        of("{command: []}"),
        Lines{"2:24 `command` of the secret `s` is empty | write command: [program, argument]"});
}

TEST_F(Shape, AWindowSaysWhenItOpensHowLongAndWhere) {
    const auto of = [&](const std::string& window) {
        return lines(read("runbook: a\nwindow: {" + window + "}\nsteps: [{id: a, wait: 1s}]\n"));
    };
    EXPECT_EQ(of("opens: \"Sun 02:00\", lasts: 2h, timezone: UTC, reserve: 30m"), Lines{});
    EXPECT_EQ(of("opens: \"Son 02:00\", lasts: 2h, timezone: UTC")[0].substr(0, 65),
              "2:17 `opens` is `Son 02:00`, which is no time of the week | write");
    EXPECT_EQ(of("opens: \"24:00\", lasts: 2h, timezone: UTC").size(), 1U);
    EXPECT_EQ(of("opens: \"02:00\", timezone: UTC"),
              Lines{"2:9 a window has no `lasts` | write how long it is open: lasts: 2h"});
    EXPECT_EQ(
        of("opens: \"02:00\", lasts: 2h, timezone: Europe/Berlni"),
        Lines{
            "2:47 there is no time zone `Europe/Berlni` | write a name like Europe/Berlin or UTC"});
}

TEST_F(Shape, AFileThatIsNotThereIsADiagnostic) {
    const CheckResult result = read_runbook(
        {.path = "/nonexistent/x.yaml", .text = {}, .modules = modules_, .inspector = inspector_});
    ASSERT_EQ(result.diagnostics.size(), 1U);
    EXPECT_EQ(result.diagnostics[0].message,
              "reading /nonexistent/x.yaml: No such file or directory");
}

TEST_F(Shape, ProblemsOfAModuleStandAtItsOwnFile) {
    inspector_.fail_module("sqlite", {"syntax error near `}`", 1, "close the brace"});
    const CheckResult result =
        read_steps("  - {id: a, uses: sqlite.check, with: {connection: app}}\n");
    ASSERT_EQ(result.diagnostics.size(), 1U);
    EXPECT_EQ(
        to_text(result.diagnostics[0]),
        "(shipped):1:1: error: syntax error near `}`\n  -- sqlite\n  ^\nhint: close the brace\n");
}

}  // namespace
}  // namespace drydock::runbook
