// approve, reject and cancel: what people say to a run that may belong to another process.

#include <algorithm>
#include <charconv>

#include "engine/cli/ask.h"
#include "engine/cli/commands.h"
#include "engine/run/ids.h"

namespace drydock::cli {
namespace {

using Intent = plan::ResumeFacts::Intent;

// "has stopped", "waits for its timer", "has ended: succeeded".
std::string standing_of(const run::RunState& state) {
    const std::string status(run::name_of(state.status()));
    if (run::is_final(state.status())) return "has ended: " + status;
    if (state.status() != run::RunStatus::Suspended) return "is " + status;
    switch (state.suspended_why()) {
        case run::SuspendWhy::Operator: return "has stopped";
        case run::SuspendWhy::Lock: return "has stopped at a lock";
        case run::SuspendWhy::Interrupt: return "was interrupted";
        case run::SuspendWhy::Approval: return "waits for an approval";
        case run::SuspendWhy::Timer: return "waits for its timer";
        case run::SuspendWhy::Window: break;
    }
    return "waits for its window";
}

// The gate that the run waits at, as it is shown now.
execute::AnswerRequest answer_for(const KnownRun& known) {
    const auto scope = execute::open_gate(known.state, known.bundle);
    const run::ScopeState* state = scope ? known.state.find(*scope) : nullptr;
    if (state == nullptr || state->wait == nullptr) {
        throw Error(ErrorCode::Refused,
                    "run " + run::short_id(known.state.run()) + " waits at no gate: it " +
                        standing_of(known.state),
                    "drydock show " + run::short_id(known.state.run()));
    }
    execute::AnswerRequest request;
    request.scope = *scope;
    request.leaf = state->wait->leaf;
    return request;
}

void take_answers(const Arguments& arguments, execute::AnswerRequest& request) {
    for (const std::string& answer : arguments.answers) {
        const std::size_t equals = answer.find('=');
        if (equals == std::string::npos || equals == 0)
            throw Error(ErrorCode::Usage, "-a wants NAME=VALUE, not " + answer);
        request.form.insert_or_assign(answer.substr(0, equals), Value(answer.substr(equals + 1)));
    }
    for (const std::string& sign : arguments.sign) {
        std::int64_t item = 0;
        const auto [end, problem] = std::from_chars(sign.data(), sign.data() + sign.size(), item);
        if (sign == "all")
            request.sign_all = true;
        else if (problem == std::errc() && end == sign.data() + sign.size() && item > 0)
            request.signed_items.push_back(item);
        else
            throw Error(ErrorCode::Usage,
                        "--sign wants the number of an item, or all, not " + sign);
    }
}

// On a terminal a person is asked for what is missing.
void ask_for_missing(Output& output, const RunReport& report, const KnownRun& known,
                     execute::AnswerRequest& request) {
    print(output, report);
    for (const RunReport::GateItem& item : report.gate->items) {
        const bool is_signed =
            request.sign_all ||
            std::ranges::find(request.signed_items, item.n) != request.signed_items.end();
        if (item.holds || is_signed) continue;
        if (output.ask("  sign " + std::to_string(item.n) + ", " + item.text + "? [y/N] ") == "y")
            request.signed_items.push_back(item.n);
    }
    const auto position = run::split_scope(request.scope).step;
    for (const auto& [name, description] : report.gate->form) {
        if (request.form.contains(name)) continue;
        const std::string given =
            output.ask("  " + name + (description.empty() ? "" : " (" + description + ")") + ": ");
        if (!given.empty()) request.form.emplace(name, Value(given));
    }
    if (output.ask("  approve " + position + " of run " + run::short_id(known.state.run()) +
                   "? [y/N] ") != "y") {
        throw Error(ErrorCode::Interrupted, "not approved; nothing was recorded",
                    "drydock reject says no for good");
    }
}

}  // namespace

int approve_command(Assembly& assembly, const Arguments& arguments) {
    const KnownRun known = know_run(assembly, arguments.subjects.front());
    execute::AnswerRequest request = answer_for(known);
    request.comment = arguments.comment;
    take_answers(arguments, request);
    const bool asks =
        assembly.output().can_ask() && arguments.answers.empty() && arguments.sign.empty();
    const RunReport report = report_on(assembly, known);
    if (asks && report.gate) ask_for_missing(assembly.output(), report, known, request);
    const std::string step = run::split_scope(request.scope).step;
    return ask_run(assembly, known, Intent::Answer, request,
                   "approved " + step + " of run " + run::short_id(known.state.run()));
}

int reject_command(Assembly& assembly, const Arguments& arguments) {
    const KnownRun known = know_run(assembly, arguments.subjects.front());
    execute::AnswerRequest request = answer_for(known);
    request.verdict = run::WaitVerdict::Reject;
    request.comment = arguments.comment;
    const std::string step = run::split_scope(request.scope).step;
    return ask_run(assembly, known, Intent::Answer, request,
                   "rejected " + step + " of run " + run::short_id(known.state.run()));
}

int cancel_command(Assembly& assembly, const Arguments& arguments) {
    const KnownRun known = know_run(assembly, arguments.subjects.front());
    const execute::CancelRequest request{
        .mode = arguments.now ? run::CancelMode::Now : run::CancelMode::Safe,
        .reason = arguments.reason};
    const std::string id = run::short_id(known.state.run());
    // A process that is undoing only stops; without one the undo is given up.
    const bool undoing =
        known.state.phase() == run::Phase::Undo && assembly.reader().owner(known.row.n).has_value();
    const std::string what =
        undoing ? "the undo of run " + id + " stops" : "run " + id + " is cancelled";
    const std::string then = undoing ? "; drydock cancel " + id + " then gives it up" : "";
    return ask_run(assembly, known, Intent::Cancel, request,
                   what + (arguments.now ? " now" : " at its next safe point") + then);
}

}  // namespace drydock::cli
