#pragma once

#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "bindings/inspector.h"
#include "bindings/lua_runner.h"
#include "engine/config/secrets.h"
#include "engine/error.h"
#include "engine/execute/launch.h"
#include "engine/journal/sqlite_journal.h"
#include "engine/os/random.h"
#include "engine/runbook/module_library.h"
#include "engine/runbook/parameters.h"
#include "engine/runbook/read.h"
#include "engine/runbook/sources.h"
#include "engine/sql/inspect.h"
#include "engine/sqlite/connection.h"
#include "runbooks/shipped.h"
#include "tests/doubles/manual_clock.h"
#include "tests/doubles/temp_folder.h"

namespace drydock {

inline void PrintTo(const Value& value, std::ostream* out) {
    *out << value.kind() << " " << to_text(value);
}

// Remembers what an observer is told.
class RecordingObserver final : public execute::RunObserver {
  public:
    void committed(const run::Event& event, const run::RunState&) override {
        kinds.emplace_back(std::string(run::kind_of(event)) +
                           (event.scope.empty() ? "" : " " + event.scope));
    }
    void log_line(std::string_view scope, execute::LogLevel, std::string_view text) override {
        lines.push_back(std::string(scope) + ": " + std::string(text));
    }
    void progress(std::string_view, std::int64_t, std::int64_t, std::string_view) override {
        ++progressed;
    }

    std::vector<std::string> kinds, lines;
    int progressed = 0;
};

// A whole engine in a folder of its own: real reader, Lua, journal and SQLite files; the clock is
// the test's unless it asks for the real one. The verbs are an operator's.
class EngineStory {
  public:
    TempFolder folder;
    ManualClock manual_clock;
    Clock* clock = &manual_clock;
    os::SeededRandom random{7};
    RecordingObserver observer;
    files::OpenDatabases open_databases;
    config::Variables variables;
    execute::RunSettings settings;
    std::string actor = "uid:1000/anna";
    std::string last_run;

    EngineStory() { settings.working_folder = folder.path(); }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder.file(name)) << text;
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream file(folder.file(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void sql(const std::string& name, const std::string& text) const {
        sqlite::Connection connection(folder.file(name), {.mode = sqlite::Mode::Create});
        connection.exec(text);
    }
    [[nodiscard]] Value ask(const std::string& name, const std::string& query) const {
        sqlite::Connection connection(folder.file(name), {.mode = sqlite::Mode::ReadOnly});
        sqlite::Statement row = connection.prepare(query);
        return row.step() ? row.column(0) : Value();
    }

    execute::RunFinished start(
        const std::string& yaml,
        const std::vector<std::pair<std::string, std::string>>& params = {}) {
        write("book.yaml", yaml);
        return start_options(options(params));
    }
    execute::RunFinished start_options(const execute::StartOptions& given) {
        Open open = opened();
        return execute::start_run(open.engine, given,
                                  [this](const std::string& run) { last_run = run; });
    }
    execute::RunFinished go_on(execute::ContinueOptions how = {}) {
        Open open = opened();
        return execute::continue_run(open.engine, open.journal->find(last_run, 1).at(0).n, how);
    }
    execute::RunFinished settle(const std::string& step, run::Verdict verdict, Value output = {}) {
        return go_on(
            {.intent = plan::ResumeFacts::Intent::Settle,
             .ask = execute::SettleRequest{
                 .step = step, .verdict = verdict, .reason = "test", .output = std::move(output)}});
    }
    execute::RunFinished undo() { return go_on({.intent = plan::ResumeFacts::Intent::Undo}); }
    execute::RunFinished cancel() {
        return go_on(
            {.intent = plan::ResumeFacts::Intent::Cancel, .ask = execute::CancelRequest{}});
    }
    journal::LoadedRun load() {
        Open open = opened();
        return journal::load(*open.journal, open.journal->find(last_run, 1).at(0).n);
    }
    Value output(const std::string& step, const std::string& field) {
        const journal::LoadedRun run = load();
        const auto* scope = run.state.find("do/" + step);
        const Value* found = scope == nullptr ? nullptr : scope->output.member(field);
        return found == nullptr ? Value() : *found;
    }
    run::StepStatus status(const std::string& step) {
        const journal::LoadedRun run = load();
        const auto* scope = run.state.find("do/" + step);
        return scope == nullptr ? run::StepStatus::Pending : scope->status;
    }
    std::string error_of(const std::string& step) {
        const journal::LoadedRun run = load();
        const auto* scope = run.state.find("do/" + step);
        const Value* message = scope == nullptr ? nullptr : scope->error.member("message");
        if (message == nullptr) return "";
        // Without the place in front, which names a folder of this test.
        const std::string text = to_text(*message);
        const std::size_t place = text.find("book.yaml:");
        return place == std::string::npos ? text : text.substr(text.find(": ", place) + 2);
    }

    // Params from a JSON file of the folder.
    execute::StartOptions options_from_file(const std::string& name) {
        runbook::GivenParams given;
        given.file_path = name;
        given.file_text = read(name);
        return options_given(given);
    }
    execute::StartOptions options(const std::vector<std::pair<std::string, std::string>>& params) {
        runbook::GivenParams given;
        given.flags = params;
        return options_given(given);
    }
    execute::StartOptions options_given(const runbook::GivenParams& given) {
        runbook::ModuleLibrary library;
        for (const auto& module : runbooks::shipped_modules())
            library.add_shipped(std::string(module.name), std::string(module.text));
        bindings::Inspector inspector;
        runbook::CheckResult checked = runbook::read_runbook({.path = folder.file("book.yaml"),
                                                              .text = {},
                                                              .modules = library,
                                                              .inspector = inspector,
                                                              .sql_problem = sql_problem()});
        for (const auto& diagnostic : checked.diagnostics)
            std::fprintf(stderr, "%s\n", runbook::to_text(diagnostic).c_str());
        if (!checked.bundle) throw std::runtime_error("the runbook does not check");
        const runbook::ParamsResult resolved = runbook::resolve_params(
            checked.bundle->runbook, given,
            [](const runbook::Expression&, const Value::Map&) -> Value {
                throw std::runtime_error("no default expressions here");
            },
            {.working = folder.path(), .runbook = folder.path()}, checked.bundle->path,
            checked.bundle->text);
        for (const auto& diagnostic : resolved.diagnostics)
            std::fprintf(stderr, "%s\n", runbook::to_text(diagnostic).c_str());
        execute::StartOptions made{.bundle = *std::move(checked.bundle),
                                   .params = resolved.values,
                                   .settings = settings,
                                   .require_plan = {}};
        runbook::freeze_sources(made.bundle, made.params);
        return made;
    }

    struct Open {
        std::unique_ptr<journal::SqliteJournal> journal;
        std::unique_ptr<bindings::Inspector> inspector;
        std::unique_ptr<bindings::LuaRunner> runner;
        execute::Engine engine;
    };
    Open opened() {
        auto journal = std::make_unique<journal::SqliteJournal>(
            journal::SqliteJournal::Options{.path = folder.file("journal.db"),
                                            .uuid = std::string(16, 'u'),
                                            .self = {.host = "here", .pid = 42},
                                            .now = [this] { return clock->wall().micros; }});
        auto inspector = std::make_unique<bindings::Inspector>();
        auto runner = std::make_unique<bindings::LuaRunner>(*clock);
        execute::Engine engine{
            .clock = *clock,
            .random = random,
            .journal = *journal,
            .runner = *runner,
            .inspector = *inspector,
            .sql_problem = sql_problem(),
            .observer = observer,
            .open_databases = open_databases,
            .read_secret =
                [this](const std::string& name, const runbook::SecretSource& source,
                       const runbook::Evaluator& evaluator, const execute::RunSettings&) {
                    return config::resolve_secret(name, source, evaluator,
                                                  {.variables = variables,
                                                   .working_folder = folder.path(),
                                                   .credentials_folder = {}});
                },
            .waiting_requests = {},
            .journal_path = folder.file("journal.db"),
            .guard_program = GUARD_PROGRAM,
            .version = "test",
            .actor = actor,
            .self = {.host = "here", .pid = 42},
            .boot = "boot"};
        return {std::move(journal), std::move(inspector), std::move(runner), engine};
    }
    static runbook::SqlProblem sql_problem() {
        return [](std::string_view text) { return drydock::sql::script_problem(text); };
    }
};

}  // namespace drydock
