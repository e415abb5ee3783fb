#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "tests/doubles/engine_story.h"
#include "tests/os/seam_switch.h"
#include "tests/servers/http_server.h"

// Whole runs that ask a real server: what the plan allows, what is recorded, what is in doubt.
namespace drydock::execute {
namespace {

using run::RunStatus;
using run::StepStatus;
using test::HttpServer;

class HttpRun : public testing::Test {
  protected:
    HttpServer& server_ = HttpServer::shared();
    EngineStory story_;

    HttpRun() { story_.clock = &system_clock(); }

    // One step whose Lua is `lua`; in it, URL/x is the server's.
    [[nodiscard]] std::string book(std::string lua, const std::string& extra = "") const {
        for (std::size_t at = lua.find("URL"); at != std::string::npos; at = lua.find("URL"))
            lua.replace(at, 3, server_.url(""));
        std::string indented;
        for (const char c : lua)
            indented += c == '\n' ? std::string("\n      ") : std::string(1, c);
        return "runbook: demo\nsecrets: {token: {env: TOKEN, default: null}}\n"
               "connections: {app: {sqlite: app.db}}\n"
               "steps:\n  - id: a\n    lua: |\n      " +
               indented + "\n" + extra;
    }
    RunFinished start(const std::string& lua, const std::string& extra = "") {
        return story_.start(book(lua, extra));
    }
    // The error of the step, whose run must have failed and is cancelled.
    Value::Map failure(const std::string& lua, const std::string& extra = "") {
        EXPECT_EQ(start(lua, extra).exit, 1);
        const journal::LoadedRun run = story_.load();
        const auto* scope = run.state.find("do/a");
        const auto* map = scope == nullptr ? nullptr : scope->error.find<Value::Map>();
        Value::Map error = map == nullptr ? Value::Map{} : *map;
        story_.cancel();
        return error;
    }
    // "ok 200", "error 0", …: how the step's only effect is recorded.
    std::string effect() {
        const journal::LoadedRun run = story_.load();
        const auto* scope = run.state.find("do/a");
        if (scope == nullptr || scope->effects.size() != 1) return "no effect";
        return std::string(run::name_of(scope->effects[0].result));
    }
    [[nodiscard]] std::string everything_in(const std::string& folder) const {
        std::string all;
        for (const auto& entry :
             std::filesystem::recursive_directory_iterator(story_.folder.file(folder))) {
            if (!entry.is_regular_file()) continue;
            std::ifstream file(entry.path(), std::ios::binary);
            all.append(std::istreambuf_iterator<char>(file), {});
        }
        return all;
    }
    [[nodiscard]] std::string everything() const {
        std::string all = everything_in("");
        for (const std::string& line : story_.observer.lines) all += line + "\n";
        return all;
    }
};

TEST_F(HttpRun, ReadsWithinAStepThatOnlyReads) {
    const auto finished = start(
        "local got = http{url = 'URL/echo'}\nreturn {code = got.status, "
        "type = got.headers['content-type'], method = json.decode(got.body).method}",
        "    effect: read\n    returns: {code: integer, type: string, method: string}\n");
    EXPECT_EQ(finished.status, RunStatus::Succeeded) << story_.error_of("a");
    EXPECT_EQ(story_.output("a", "code"), Value(200));
    EXPECT_EQ(story_.output("a", "type"), Value("application/json"));
    EXPECT_EQ(story_.output("a", "method"), Value("GET"));
    EXPECT_EQ(effect(), "no effect");
}

TEST_F(HttpRun, WritesNothingAboveItsBound) {
    const std::string before = server_.requests();
    for (const std::string method : {"POST", "PUT", "PATCH", "DELETE"}) {
        const auto error = failure("http{url = 'URL/count', method = '" + method + "'}",
                                   "    effect: read\n");
        EXPECT_NE(to_text(error.at("message")).find("more than this step may do"),
                  std::string::npos);
    }
    EXPECT_EQ(server_.requests(), before);
}

TEST_F(HttpRun, RecordsAWriteBeforeAndAfterIt) {
    EXPECT_EQ(start("http{url = 'URL/status/201?a=b', method = 'PUT', body = 'x'}").exit, 0)
        << story_.error_of("a");
    EXPECT_EQ(effect(), "ok");
    const std::string told = everything();
    EXPECT_NE(told.find("PUT " + server_.url("/status/201?a=b")), std::string::npos);
    EXPECT_NE(told.find("→ 201"), std::string::npos);
}

TEST_F(HttpRun, IsRefusedInsideATransactionAndBesideUncommittedWrites) {
    story_.sql("app.db", "create table t (x)");
    for (const std::string method : {"GET", "POST"}) {
        const auto error = failure("connections.app:transaction{key = 'k', function()\n"
                                   "  http{url = 'URL/count', method = '" + method + "'}\nend}");
        EXPECT_NE(to_text(error.at("message")).find("inside a transaction"), std::string::npos);
    }
    const auto error = failure("connections.app:exec('insert into t values (1)')\n"
                               "http{url = 'URL/count', method = 'POST'}");
    EXPECT_NE(to_text(error.at("message")).find("uncommitted"), std::string::npos);
}

TEST_F(HttpRun, FailsForAStatusThatWasNotExpected) {
    auto error = failure("http{url = 'URL/status/404'}");
    EXPECT_EQ(error.at("kind"), Value("http"));
    EXPECT_EQ(error.at("code"), Value("404"));
    EXPECT_NE(to_text(error.at("message")).find("answered 404, wanted 200 to 299: status 404"),
              std::string::npos)
        << to_text(error.at("message"));
    error = failure("http{url = 'URL/status/500', method = 'POST', expect = {200, 202}}");
    EXPECT_NE(to_text(error.at("message")).find("wanted 200 or 202"), std::string::npos);
    error = failure("http{url = 'URL/redirect/302?to=/echo', method = 'POST'}");
    EXPECT_NE(to_text(error.at("hint")).find("not redirected"), std::string::npos);
    EXPECT_EQ(start("http{url = 'URL/status/404', expect = {200, 404}}").exit, 0);
    EXPECT_EQ(start("http{url = 'URL/status/500', expect = 'any'}").exit, 0);
}

// --- doubt ---------------------------------------------------------------------------------------

TEST_F(HttpRun, AWriteThatTheServerAnsweredIsKnown) {
    EXPECT_EQ(start("http{url = 'URL/status/500', method = 'POST'}").exit, 1);
    EXPECT_EQ(effect(), "ok");
    EXPECT_EQ(story_.status("a"), StepStatus::Failed);
}

TEST_F(HttpRun, AWriteThatNobodyAnsweredIsUnknown) {
    for (const auto& [fields, result] :
         {std::pair{"url = 'URL/hold', timeout = '200ms'", "timeout"},
          std::pair{"url = 'URL/close'", "lost"}, std::pair{"url = 'URL/cut'", "lost"},
          std::pair{"url = 'URL/status/502'", "lost"},
          std::pair{"url = 'URL/status/504'", "lost"}}) {
        EXPECT_EQ(start("http{method = 'POST', " + std::string(fields) + "}").exit, 4) << fields;
        EXPECT_EQ(effect(), result) << fields;
        EXPECT_EQ(story_.status("a"), StepStatus::Unknown) << fields;
    }
}

TEST_F(HttpRun, AWriteThatNeverLeftIsNotInDoubt) {
    EXPECT_EQ(start("http{method = 'POST', url = 'http://host.invalid/'}").exit, 1);
    EXPECT_EQ(effect(), "error");
    EXPECT_EQ(story_.status("a"), StepStatus::Failed);
}

TEST_F(HttpRun, ADoubtfulWriteIsSettledByItsProbe) {
    const std::string probe =
        "    probe: {lua: \"return tonumber(http{url = '" + server_.url("/count") +
        "'}.body) > 0\"}\n";
    EXPECT_EQ(start("http{method = 'POST', url = 'URL/close'}\n", probe).exit, 1)
        << "it says that nothing was done";
    story_.cancel();
    EXPECT_EQ(start("http{method = 'POST', url = 'URL/count'}\n"
                    "http{method = 'POST', url = 'URL/close'}\n",
                    probe)
                  .exit,
              0)
        << story_.error_of("a");
}

TEST_F(HttpRun, TheProbesLogIsBesideTheOneOfItsAttempt) {
    EXPECT_EQ(start("http{method = 'POST', url = 'URL/close?doubted'}",
                    "    probe: {lua: \"http{url = '" + server_.url("/status/200?probed") +
                        "'} return true\"}\n")
                  .exit,
              0);
    const std::string logs = everything_in("logs/" + story_.last_run);
    EXPECT_NE(logs.find("POST " + server_.url("/close")), std::string::npos) << logs;
    EXPECT_NE(logs.find("GET " + server_.url("/status/200")), std::string::npos) << logs;
}

TEST_F(HttpRun, AProbeMayNotWrite) {
    EXPECT_EQ(start("http{method = 'POST', url = 'URL/close'}",
                    "    probe: {lua: \"http{url = '" + server_.url("/echo?probe") +
                        "', method = 'POST'} return true\"}\n")
                  .exit,
              4);
    EXPECT_EQ(server_.requests().find("/echo?probe"), std::string::npos);
}

// --- patience ------------------------------------------------------------------------------------

TEST_F(HttpRun, TriesReadsAgainWhenAskedTo) {
    EXPECT_EQ(start("http{url = 'URL/flaky/a/2', retry = {times = 3, every = '10ms'}}").exit, 0)
        << story_.error_of("a");
    EXPECT_EQ(start("http{url = 'URL/flaky-close/b/2', retry = {times = 3, every = '10ms'}}").exit,
              0)
        << story_.error_of("a");
    EXPECT_EQ(failure("http{url = 'URL/flaky/c/2'}").at("code"), Value("503"));
}

TEST_F(HttpRun, GivesUpAfterTheTriesItWasGiven) {
    const auto error = failure("http{url = 'URL/status/503', retry = {times = 3, every = '1ms'}}");
    EXPECT_EQ(error.at("code"), Value("503"));
    int asked = 0;
    for (const std::string& line : story_.observer.lines)
        asked += line.find("/status/503") != std::string::npos ? 1 : 0;
    EXPECT_EQ(asked, 3);
    EXPECT_EQ(
        failure("http{url = 'URL/status/500', retry = {times = 3, every = '1ms'}}").at("code"),
        Value("500"));
}

TEST_F(HttpRun, NeverTriesAWriteAgain) {
    const auto error =
        failure("http{url = 'URL/echo?twice', method = 'POST', retry = {times = 2}}");
    EXPECT_EQ(error.at("kind"), Value("lua"));
    EXPECT_EQ(server_.requests().find("/echo?twice"), std::string::npos);
}

TEST_F(HttpRun, EndsWithItsStepsTime) {
    EXPECT_EQ(start("http{url = 'URL/hold'}", "    timeout: 300ms\n").exit, 1);
    EXPECT_NE(story_.error_of("a").find("took longer than its timeout"), std::string::npos);
    story_.cancel();
    EXPECT_EQ(start("http{url = 'URL/hold', method = 'POST'}", "    timeout: 300ms\n").exit, 4);
    EXPECT_EQ(effect(), "killed");
}

// --- secrets -------------------------------------------------------------------------------------

TEST_F(HttpRun, TellsNoSecretThatItSends) {
    story_.variables["TOKEN"] = "canary-token/+value";
    const auto finished = start(
        "local got = http{url = 'URL/echo', method = 'POST', bearer = secrets.token,\n"
        "  headers = {['X-Key'] = secrets.token}, body = {key = secrets.token}}\n"
        "local key = json.decode(json.decode(got.body).body).key\n"
        "check(#key == 19, 'it did not arrive')\n"
        "log.info(got.body)\n"
        "local packed = key:gsub('[/+]', function(c) return string.format('%%%02X', c:byte()) "
        "end)\n"
        "http{url = 'URL/echo?key=' .. packed, method = 'PUT'}\n"
        "return {body = got.body}",
        "    returns: {body: string}\n");
    EXPECT_EQ(finished.status, RunStatus::Succeeded) << story_.error_of("a");
    EXPECT_EQ(everything().find("canary-token"), std::string::npos);
    EXPECT_NE(everything().find("<secret token>"), std::string::npos);
    const auto error = failure("http{url = 'URL/echo', bearer = secrets.token, expect = 500}");
    EXPECT_EQ(to_text(Value(error)).find("canary-token"), std::string::npos);
    EXPECT_EQ(everything().find("canary-token"), std::string::npos);
}

TEST_F(HttpRun, TrustsACertificateThatIsFrozenWithTheRun) {
    const auto checked = [&](const std::string& more) {
        return story_.start(
            "runbook: demo\nsteps:\n  - id: a\n    uses: http.check\n    with: {url: \"" +
            server_.url("/status/200", "tls") + "\"" + more + "}\n");
    };
    story_.write("ca.pem", server_.ca());
    EXPECT_EQ(checked(", ca: ca.pem").exit, 0) << story_.error_of("a");
    EXPECT_EQ(checked("").exit, 1);
    EXPECT_NE(story_.error_of("a").find("certificate is refused"), std::string::npos);
}

TEST_F(HttpRun, TextsOfParamsStayTexts) {
    story_.write("book.yaml", "");
    for (const std::string hostile : {"'; DROP TABLE t; --", "$(id)", "`id`", "%0d%0aX-Evil: 1"}) {
        const auto finished = story_.start(
            "runbook: demo\nparams: {x: string}\nsteps:\n  - id: a\n    lua: |\n"
            "      local got = http{url = '" + server_.url("/echo") + "', method = 'POST',\n"
            "        headers = {['X-Text'] = params.x}, body = params.x}\n"
            "      local said = json.decode(got.body)\n"
            "      check(said.body == params.x, 'the body became %s', said.body)\n"
            "      for _, header in ipairs(said.headers) do\n"
            "        if header[1] == 'X-Text' then check(header[2] == params.x, 'header') end\n"
            "        check(header[1] ~= 'X-Evil', 'a header of its own')\n"
            "      end\n",
            {{"x", hostile}});
        EXPECT_EQ(finished.exit, 0) << hostile << ": " << story_.error_of("a");
    }
    for (const std::string fields :
         {"headers = {['X-Text'] = 'a\\r\\nX-Evil: 1'}", "headers = {['X-Evil: 1\\r\\nX'] = 'a'}",
          "bearer = 'a\\nb'"}) {
        EXPECT_EQ(failure("http{url = 'URL/echo?evil', " + fields + "}").at("kind"), Value("lua"));
    }
    EXPECT_EQ(failure("http{url = 'URL/echo?evil HTTP/1.1\\r\\nX-Evil: 1'}").at("kind"),
              Value("lua"));
    EXPECT_EQ(server_.requests().find("?evil"), std::string::npos);
}

}  // namespace
}  // namespace drydock::execute
