// runs and show: looking at the journal.

#include "engine/cli/commands.h"
#include "engine/cli/find_run.h"
#include "engine/cli/run_history.h"
#include "engine/cli/text.h"
#include "engine/execute/requests.h"
#include "engine/run/ids.h"

namespace drydock::cli {
namespace {

std::string status_of(const journal::RunRow& row) {
    std::string status(run::name_of(row.status));
    if (row.status != run::RunStatus::Suspended) return status;
    return row.why == "operator"    ? "stopped"
           : row.why == "interrupt" ? "interrupted"
                                    : "waiting: " + row.why;
}

Value::Map to_map(const journal::RunRow& row) {
    const auto time = [](std::int64_t micros) {
        return micros > 0 ? Value(Timestamp{micros}) : Value();
    };
    return {{"run", row.run},
            {"runbook", row.runbook},
            {"environment", row.environment},
            {"status", run::name_of(row.status)},
            {"why", row.why},
            {"due", time(row.due)},
            {"starter", row.starter},
            {"created", time(row.created)},
            {"ended", time(row.ended)},
            {"exit", row.exit ? Value(*row.exit) : Value()}};
}

journal::RunFilter filter_of(const Arguments& arguments) {
    journal::RunFilter filter{.limit = static_cast<std::size_t>(arguments.limit),
                              .runbook = arguments.runbook,
                              .open_only = arguments.open};
    if (arguments.status.empty()) return filter;
    try {
        filter.status = run::from_name<run::RunStatus>(arguments.status);
    } catch (const Error&) {
        throw Error(ErrorCode::Usage, "no run has the status " + arguments.status,
                    "created, running, suspended, succeeded, failed, undone or cancelled");
    }
    return filter;
}

}  // namespace

int runs_command(Assembly& assembly, const Arguments& arguments) {
    const journal::RunFilter filter = filter_of(arguments);
    Output& output = assembly.output();
    if (!assembly.has_journal()) {
        output.note("no runs yet: there is no journal at " + assembly.journal_place());
        return 0;
    }
    const auto rows = assembly.reader().list(filter);
    Table table{.head = {"run", "runbook", "environment", "status", "started", "took", "by"},
                .rows = {},
                .flexible = 1};
    const std::int64_t now = assembly.now();
    for (const journal::RunRow& row : rows) {
        if (output.json()) {
            output.json_line(to_map(row));
            continue;
        }
        table.rows.push_back(
            {run::short_id(row.run), row.runbook, row.environment.empty() ? "–" : row.environment,
             status_of(row), moment(row.created, now),
             row.ended > 0 ? span(row.ended - row.created) : "", execute::user_of(row.starter)});
    }
    if (output.json()) return 0;
    if (rows.empty()) {
        output.note("no such runs");
        return 0;
    }
    for (const std::string& line : lines_of(table, output.width())) output.line(line);
    return 0;
}

int show_command(Assembly& assembly, const Arguments& arguments) {
    const KnownRun known = know_run(assembly, arguments.subjects.front());
    if (!arguments.report_file.empty()) {
        write_report(assembly, known, arguments.report_file);
        return 0;
    }
    const RunReport report = report_on(assembly, known);
    Output& output = assembly.output();
    if (output.json()) {
        output.json_line(to_map(report));
        return 0;
    }
    print(output, report);
    if (output.verbose() == 0) return 0;
    output.line("  started " + moment(report.created, report.now) + " by " +
                execute::user_of(report.starter) + ", " + run::short_id(report.run) + " is " +
                report.run);
    print_steps(output, report);
    return 0;
}

}  // namespace drydock::cli
