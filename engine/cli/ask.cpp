#include "engine/cli/ask.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "engine/cli/console.h"
#include "engine/cli/text.h"
#include "engine/journal/wording.h"
#include "engine/run/event_codec.h"
#include "engine/run/ids.h"

namespace drydock::cli {
namespace {

using Intent = plan::ResumeFacts::Intent;

constexpr std::chrono::milliseconds kPoll{100};
constexpr int kPolls = 100;
// A program that does not want to end is killed after 10 s; only then the request is answered.
constexpr int kPollsForStop = 450;
constexpr int kPollsBeforeNote = 10;
constexpr std::size_t kPage = 256;

std::string request_of(const run::Event& event) {
    if (const auto* answered = std::get_if<run::WaitAnswered>(&event.payload))
        return answered->request;
    if (const auto* cancelled = std::get_if<run::CancelRequested>(&event.payload))
        return cancelled->request;
    if (const auto* settled = std::get_if<run::StepSettled>(&event.payload))
        return settled->request;
    return {};
}

// Whether an event after `seq` carries the request's id: it was granted.
bool was_granted(journal::JournalReader& reader, std::int64_t n, std::int64_t seq,
                 const std::string& id) {
    for (;;) {
        const auto page = reader.events(n, seq, kPage);
        for (const journal::StoredEvent& stored : page) {
            if (request_of(run::decode(stored.line, stored.salt, stored.body)) == id) return true;
        }
        if (page.size() < kPage) return false;
        seq = page.back().seq;
    }
}

enum class Reply { Granted, Refused, Silence, OwnerGone };

bool asks_to_stop(const execute::Ask& ask) {
    const auto* cancel = std::get_if<execute::CancelRequest>(&ask);
    return cancel != nullptr && cancel->mode == run::CancelMode::Now;
}

Reply await(Assembly& assembly, const KnownRun& known, const std::string& id, int polls) {
    journal::JournalReader& reader = assembly.reader();
    for (int poll = 0; poll < polls; ++poll) {
        const auto waiting = reader.requests(known.row.n);
        const bool there =
            std::ranges::any_of(waiting, [&](const journal::Request& one) { return one.id == id; });
        if (!there)
            return was_granted(reader, known.row.n, known.state.seq(), id) ? Reply::Granted
                                                                           : Reply::Refused;
        if (poll % kPollsBeforeNote == kPollsBeforeNote - 1 && !reader.owner(known.row.n))
            return Reply::OwnerGone;
        if (poll == kPollsBeforeNote)
            assembly.output().note("asked the process that runs it, waiting for its answer");
        std::this_thread::sleep_for(kPoll);
    }
    return Reply::Silence;
}

void say(Output& output, const KnownRun& known, const std::string& done) {
    if (output.json()) output.json_line(Value::Map{{"run", known.state.run()}, {"done", done}});
    else if (!output.quiet()) output.line(done);
}

[[noreturn]] void refuse(const KnownRun& known) {
    throw Error(ErrorCode::Refused, "the run did not take it: it was settled meanwhile",
                "drydock show " + run::short_id(known.state.run()));
}

// nullopt: its owner has gone before it could answer.
std::optional<int> ask_owner(Assembly& assembly, const KnownRun& known, const execute::Ask& ask,
                             const std::string& done) {
    const std::string id = assembly.new_id();
    journal::Journal& journal = assembly.journal();
    journal.submit(execute::to_request(ask, id, known.row.n, assembly.actor(), assembly.now()));
    const int polls = asks_to_stop(ask) ? kPollsForStop : kPolls;
    Reply reply = await(assembly, known, id, polls);
    const bool unanswered = reply == Reply::Silence || reply == Reply::OwnerGone;
    if (unanswered && !journal.withdraw(id)) {
        // It was answered in this very moment.
        reply = was_granted(assembly.reader(), known.row.n, known.state.seq(), id) ? Reply::Granted
                                                                                   : Reply::Refused;
    }
    switch (reply) {
        case Reply::Granted: say(assembly.output(), known, done); return 0;
        case Reply::Refused: refuse(known);
        case Reply::OwnerGone: return std::nullopt;
        case Reply::Silence: break;
    }
    throw Error(ErrorCode::Refused,
                "the process that runs it did not answer within " +
                    span(polls * Microseconds(kPoll).count()) + "; the request was taken back",
                asks_to_stop(ask)
                    ? "its step does not let itself be stopped: end the process, drydock show has "
                      "its pid; drydock resume then settles the step"
                    : "it looks at requests between two steps: try again, or interrupt the step "
                      "with drydock cancel --now");
}

int act_alone(Assembly& assembly, const KnownRun& known, Intent intent, const execute::Ask& ask,
              const std::string& done) {
    assembly.use_environment(known.row.environment);
    const auto console = make_console(assembly.output(), known.bundle);
    const execute::RunFinished finished =
        execute::continue_run(assembly.engine(*console), known.row.n,
                              {.intent = intent, .ask = ask, .reason = {}, .detach = false});
    say(assembly.output(), known, done);
    const auto& report = console->report();
    if (report && assembly.output().json())
        assembly.output().json_line(
            Value::Map{{"result", to_map(*report)}, {"exit", finished.exit}});
    else if (report) print(assembly.output(), *report);
    // What was asked for was done: an answer was recorded, the run was cancelled.
    if (intent == Intent::Answer || finished.status == run::RunStatus::Cancelled) return 0;
    return finished.exit;
}

}  // namespace

int ask_run(Assembly& assembly, const KnownRun& known, Intent intent, const execute::Ask& ask,
            const std::string& done) {
    const execute::Roles roles = execute::recorded_settings(known.state).roles;
    if (auto no = execute::objection(ask, assembly.actor(), known.state, known.bundle, roles))
        throw *no;
    if (assembly.reader().owner(known.row.n)) {
        if (const auto exit = ask_owner(assembly, known, ask, done)) return *exit;
    }
    return act_alone(assembly, known, intent, ask, done);
}

}  // namespace drydock::cli
