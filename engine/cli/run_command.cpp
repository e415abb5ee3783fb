// run, resume and undo: commands that run steps in this process.

#include <filesystem>

#include "engine/cli/commands.h"
#include "engine/cli/console.h"
#include "engine/cli/find_run.h"
#include "engine/cli/find_runbook.h"
#include "engine/json/json.h"
#include "engine/run/ids.h"

namespace drydock::cli {
namespace {

constexpr std::size_t kLargestOutput = 1 << 20;

// The last word about a run that this process ran.
int conclude(Output& output, const RunConsole& console, const execute::RunFinished& finished) {
    if (const auto& report = console.report()) {
        if (output.json())
            output.json_line(Value::Map{{"result", to_map(*report)}, {"exit", finished.exit}});
        else print(output, *report);
    }
    return finished.exit;
}

// A run goes on with the text that it was started with. Who has edited the file should know.
void note_changed_text(Assembly& assembly, const std::string& path, const std::string& frozen) {
    if (path.empty() || path.front() != '/') return;
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
        assembly.output().note(path +
                               " is gone; the run goes on with the text that it was started with");
        return;
    }
    try {
        if (runbook::read_whole_file(path, frozen.size() + 1) == frozen) return;
    } catch (const Error&) {
        // Larger than the frozen one, or not to be read: another one in any case.
    }
    assembly.output().note(
        path +
        " has changed since the run began; the run goes on with the text that it was started with");
}

void note_changed_texts(Assembly& assembly, const runbook::Bundle& bundle) {
    note_changed_text(assembly, bundle.path, bundle.text);
    for (const auto& [name, module] : bundle.modules)
        note_changed_text(assembly, module.path, module.text);
}

std::optional<execute::SettleRequest> settle_request(const Arguments& arguments) {
    execute::SettleRequest request;
    int given = 0;
    const auto take = [&](const std::string& step, run::Verdict verdict) {
        if (step.empty()) return;
        ++given;
        request.step = step;
        request.verdict = verdict;
    };
    take(arguments.applied, run::Verdict::Applied);
    take(arguments.not_applied, run::Verdict::NotApplied);
    take(arguments.retry, run::Verdict::Retry);
    take(arguments.skip, run::Verdict::Skip);
    if (given > 1)
        throw Error(ErrorCode::Usage,
                    "--applied, --not-applied, --retry and --skip exclude each other",
                    "settle one step, then resume again for the next");
    if (!arguments.output_file.empty()) {
        if (arguments.applied.empty())
            throw Error(ErrorCode::Usage, "--output goes with --applied",
                        "it is what the applied step would have returned");
        try {
            request.output =
                json::parse(runbook::read_whole_file(arguments.output_file, kLargestOutput));
        } catch (const Error& error) {
            throw Error(ErrorCode::Usage, arguments.output_file + ": " + error.message(),
                        "--output names a JSON file with an object");
        }
    }
    if (given == 0) return std::nullopt;
    request.reason = arguments.reason;
    return request;
}

int continue_here(Assembly& assembly, const std::string& name,
                  const execute::ContinueOptions& options) {
    const journal::RunRow row = find_run(assembly, name);
    assembly.use_environment(row.environment);
    const runbook::Bundle bundle = execute::frozen_bundle(
        assembly.reader(), row.n, assembly.inspector(), assembly.sql_problem());
    const auto console = make_console(assembly.output(), bundle);
    execute::Engine& engine = assembly.engine(*console);
    note_changed_texts(assembly, bundle);
    const execute::RunFinished finished = execute::continue_run(engine, row.n, options);
    return conclude(assembly.output(), *console, finished);
}

}  // namespace

int run_command(Assembly& assembly, const Arguments& arguments) {
    const execute::StartOptions options = start_options(assembly, arguments);
    const auto console = make_console(assembly.output(), options.bundle);
    execute::Engine& engine = assembly.engine(*console);
    Output& output = assembly.output();
    const auto started = [&](const std::string& run) {
        if (!output.json() && !output.live() && !output.quiet()) {
            output.line(to_text(Timestamp{assembly.now()}).substr(0, 19) + "Z  " +
                        options.bundle.runbook.name + "  run " + run::short_id(run));
        }
    };
    const execute::RunFinished finished = execute::start_run(engine, options, started);
    return conclude(output, *console, finished);
}

int resume_command(Assembly& assembly, const Arguments& arguments) {
    execute::ContinueOptions options{.intent = plan::ResumeFacts::Intent::Resume,
                                     .ask = {},
                                     .reason = arguments.reason,
                                     .detach = arguments.detach};
    if (auto settle = settle_request(arguments)) {
        options.intent = plan::ResumeFacts::Intent::Settle;
        options.ask = std::move(*settle);
    }
    return continue_here(assembly, arguments.subjects.front(), options);
}

int undo_command(Assembly& assembly, const Arguments& arguments) {
    return continue_here(assembly, arguments.subjects.front(),
                         {.intent = plan::ResumeFacts::Intent::Undo,
                          .ask = {},
                          .reason = arguments.reason,
                          .detach = arguments.detach});
}

}  // namespace drydock::cli
