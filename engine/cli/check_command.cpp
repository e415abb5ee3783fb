#include "engine/cli/commands.h"
#include "engine/cli/find_runbook.h"

namespace drydock::cli {

// All files are looked at, whatever the first has wrong.
int check_command(Assembly& assembly, const Arguments& arguments) {
    Output& output = assembly.output();
    std::size_t wrong = 0;
    for (const std::string& file : arguments.subjects) {
        const runbook::CheckResult result = check(assembly, find_runbook(assembly, file));
        output.diagnostics(result.diagnostics);
        if (!result.diagnostics.empty()) ++wrong;
        if (output.json()) {
            output.json_line(Value::Map{
                {"file", file}, {"errors", static_cast<std::int64_t>(result.diagnostics.size())}});
        } else if (result.diagnostics.empty()) {
            const std::size_t steps =
                result.bundle->runbook.steps.size() + result.bundle->runbook.finally.size();
            if (!output.quiet())
                output.line(output.styled(Style::Green, "✓") + " " + file + "  " +
                            result.bundle->runbook.name + ", " + std::to_string(steps) + " steps");
        } else {
            output.line(output.styled(Style::Red, "✗") + " " + file + "  " +
                        std::to_string(result.diagnostics.size()) +
                        (result.diagnostics.size() == 1 ? " error" : " errors"));
        }
    }
    return wrong == 0 ? 0 : exit_status(ErrorCode::Document);
}

}  // namespace drydock::cli
