#include <filesystem>
#include <optional>

#include "engine/cli/commands.h"
#include "engine/cli/find_cases.h"
#include "engine/cli/find_runbook.h"
#include "engine/config/settings.h"
#include "engine/runbook/module_library.h"
#include "engine/runbook/report.h"
#include "engine/runbook/source.h"

namespace drydock::cli {
namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;

struct Checked {
    runbook::Diagnostics diagnostics;
    std::string what;  // of a good file: "sqlite-weekly, 7 steps"
};

Checked check_settings(const std::string& file) {
    config::SettingsResult result = config::read_settings(std::filesystem::absolute(file));
    return {std::move(result.diagnostics), "settings"};
}

// The first key says what a document is.
std::optional<Checked> check_cases(Assembly& assembly, const std::string& file) {
    // A name, or missing, or too large: whoever reads runbooks says so.
    const bool small = std::filesystem::is_regular_file(file) &&
                       std::filesystem::file_size(file) <= kMaxFileBytes;
    if (!small) return std::nullopt;
    const std::string text = runbook::read_whole_file(file, kMaxFileBytes);
    runbook::Report report(file, text);
    const std::optional<runbook::SourceNode> root = runbook::parse_source(text, report);
    if (!root || !cases::is_cases(*root)) return std::nullopt;
    cases::ReadResult result = read(assembly, {.path = file, .shipped = {}});
    Checked checked{std::move(result.diagnostics), {}};
    if (!result.suite) return checked;
    const std::size_t count = result.suite->list.size();
    checked.what = result.suite->bundle.runbook.name + ", " + std::to_string(count) +
                   (count == 1 ? " case" : " cases");
    return checked;
}

Checked check_runbook(Assembly& assembly, const std::string& file) {
    runbook::CheckResult result = check(assembly, find_runbook(assembly, file));
    Checked checked{std::move(result.diagnostics), {}};
    if (!result.bundle) return checked;
    const runbook::Runbook& book = result.bundle->runbook;
    const std::size_t steps = book.steps.size() + book.finally.size();
    checked.what = book.name + ", " + std::to_string(steps) + " steps";
    return checked;
}

Checked check_file(Assembly& assembly, const std::string& file) {
    if (std::filesystem::path(file).filename() == "drydock.yaml") return check_settings(file);
    if (std::optional<Checked> cases = check_cases(assembly, file)) return *std::move(cases);
    return check_runbook(assembly, file);
}

}  // namespace

// All files are looked at, whatever the first has wrong.
int check_command(Assembly& assembly, const Arguments& arguments) {
    Output& output = assembly.output();
    std::size_t wrong = 0;
    for (const std::string& file : arguments.subjects) {
        const Checked checked = check_file(assembly, file);
        const std::size_t errors = checked.diagnostics.size();
        output.diagnostics(checked.diagnostics);
        if (errors > 0) ++wrong;
        if (output.json()) {
            output.json_line(
                Value::Map{{"file", file}, {"errors", static_cast<std::int64_t>(errors)}});
        } else if (errors == 0) {
            if (!output.quiet())
                output.line(output.styled(Style::Green, "✓") + " " + file + "  " + checked.what);
        } else {
            output.line(output.styled(Style::Red, "✗") + " " + file + "  " +
                        std::to_string(errors) + (errors == 1 ? " error" : " errors"));
        }
    }
    return wrong == 0 ? 0 : exit_status(ErrorCode::Document);
}

}  // namespace drydock::cli
