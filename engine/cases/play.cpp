#include "engine/cases/play.h"

#include <algorithm>
#include <set>

#include "engine/cases/canary.h"
#include "engine/cases/observer.h"
#include "engine/execute/run_names.h"
#include "engine/journal/load.h"
#include "engine/journal/open.h"
#include "engine/plan/plan.h"
#include "engine/run/ids.h"

namespace drydock::cases {
namespace {

using Intent = plan::ResumeFacts::Intent;

// A case that goes on for longer goes round in a circle.
constexpr std::int64_t kMostLives = 500;

std::int64_t approvals(const run::WaitState& wait) {
    std::set<std::string> actors;
    for (const run::Answer& answer : wait.answers) {
        if (answer.verdict == run::WaitVerdict::Approve) actors.insert(answer.actor);
    }
    return static_cast<std::int64_t>(actors.size());
}

// True when the owner of the run finds at the gate all that it needs.
bool is_answered(const run::WaitState& wait) {
    const bool rejected = std::ranges::any_of(wait.answers, [](const run::Answer& answer) {
        return answer.verdict == run::WaitVerdict::Reject;
    });
    return rejected || approvals(wait) >= std::max<std::int64_t>(1, wait.need);
}

class Play final {
  public:
    explicit Play(const Scene& scene) : scene_(scene) {}

    Outcome run() {
        live({.kind = Act::Kind::Furnish});
        if (!outcome_.troubles.empty()) return finish();
        live({.kind = Act::Kind::Start});
        while (outcome_.lives < kMostLives) {
            look_at_journal();
            if (!outcome_.troubles.empty()) return finish();
            const std::optional<Act> next = decide();
            if (!next) return finish();
            live(*next);
        }
        outcome_.troubles.emplace_back("the case does not come to an end");
        return finish();
    }

  private:
    // Remembers why an act was refused: for an answer the refusal may be what the case is about.
    void live(const Act& act) {
        ++outcome_.lives;
        const LifeEnd end = cases::live(scene_, act);
        if (end.killed) outcome_.killed_at = scene_.shared.killed_at.data();
        if (!end.error) return;
        if (answering_ != nullptr) {
            outcome_.refused.push_back(
                {answering_->gate, by_of(*answering_), end.error->message()});
            refused_.insert({leaf_, answering_});
            return;
        }
        std::string text = end.error->message();
        if (!end.error->hint().empty()) text += " (" + end.error->hint() + ")";
        outcome_.troubles.push_back(std::move(text));
    }

    void look_at_journal() {
        run_.reset();
        std::unique_ptr<journal::JournalReader> reader;
        try {
            reader = journal::open_reader(scene_.world.journal());
        } catch (const Error& error) {
            if (error.code() == ErrorCode::NotFound) return;  // killed before it was made
            throw;
        }
        const auto rows = reader->list({.limit = 1});
        if (rows.empty()) return;
        outcome_.events.clear();
        run_.emplace(journal::load(*reader, rows.front().n,
                                   [this](const run::Event& event, const auto&, const auto&) {
                                       outcome_.events.push_back(event);
                                   }));
    }

    [[nodiscard]] const run::RunState& state() const { return run_->state; }

    // What comes next, or nothing more.
    std::optional<Act> decide() {
        answering_ = nullptr;
        if (!run_) return Act{.kind = Act::Kind::Start};
        if (then_begun_at_ && !then_took_effect()) return begin_then();
        if (run::is_final(state().status()))
            return then_is_open() ? std::optional(begin_then()) : std::nullopt;
        if (state().status() != run::RunStatus::Suspended) return resume();  // its process died
        switch (state().suspended_why()) {
            case run::SuspendWhy::Approval: return at_gate();
            case run::SuspendWhy::Operator: return stopped();
            case run::SuspendWhy::Timer:
            case run::SuspendWhy::Window:
            case run::SuspendWhy::Interrupt:
            case run::SuspendWhy::Lock: break;
        }
        outcome_.troubles.push_back("the run was suspended: " +
                                    std::string(run::name_of(state().suspended_why())));
        return std::nullopt;
    }

    static Act resume() { return {.kind = Act::Kind::Continue, .how = {.intent = Intent::Resume}}; }

    std::optional<Act> stopped() {
        outcome_.unknown =
            state().unknown().empty() ? std::string() : run::split_scope(state().unknown()).step;
        const plan::Move move = plan::Plan(scene_.suite.bundle).next(state());
        if (outcome_.stopped_at.empty() && !move.scope.empty())
            outcome_.stopped_at = run::split_scope(move.scope).step;
        return then_is_open() ? std::optional(begin_then()) : std::nullopt;
    }

    std::optional<Act> at_gate() {
        const auto scope = execute::open_gate(state(), scene_.suite.bundle);
        if (!scope) return resume();
        const run::WaitState& wait = *state().find(*scope)->wait;
        if (is_answered(wait)) return resume();
        const std::string gate = run::split_scope(*scope).step;
        leaf_ = wait.leaf;
        if (const GateAnswer* answer = next_answer(gate, wait)) {
            answering_ = answer;
            execute::AnswerRequest ask{.scope = *scope, .leaf = wait.leaf};
            ask.verdict = answer->rejects ? run::WaitVerdict::Reject : run::WaitVerdict::Approve;
            ask.comment = answer->comment;
            ask.form = answer->form;
            ask.signed_items = answer->signed_items;
            ask.sign_all = answer->sign_all;
            return Act{.kind = Act::Kind::Continue,
                       .how = {.intent = Intent::Answer, .ask = std::move(ask)},
                       .person = by_of(*answer)};
        }
        const bool shall_wait = scene_.one.expect.waiting_at.has_value();
        if (wait.due > 0 && !shall_wait) {  // nobody comes: time passes
            const std::int64_t now = CaseClock(scene_.shared, scene_.began).wall().micros;
            scene_.shared.skipped_us += std::max<std::int64_t>(0, wait.due - now);
            return resume();
        }
        outcome_.waiting_at = gate;
        return then_is_open() ? std::optional(begin_then()) : std::nullopt;
    }

    [[nodiscard]] std::string by_of(const GateAnswer& answer) const {
        return answer.by.empty() ? scene_.one.starter : answer.by;
    }

    // The first answer to this gate that was neither given nor refused at this opening of it.
    const GateAnswer* next_answer(const std::string& gate, const run::WaitState& wait) {
        for (const GateAnswer& answer : scene_.one.people) {
            if (answer.gate != gate || refused_.contains({wait.leaf, &answer})) continue;
            const std::string actor = "uid:1000/" + by_of(answer);
            const bool given = std::ranges::any_of(
                wait.answers, [&](const run::Answer& one) { return one.actor == actor; });
            if (!given) return &answer;
        }
        return nullptr;
    }

    [[nodiscard]] bool then_is_open() const {
        return scene_.one.then != Then::Nothing && !then_begun_at_;
    }

    Act begin_then() {
        then_begun_at_ = state().seq();
        Act act{.kind = Act::Kind::Continue};
        switch (scene_.one.then) {
            case Then::Undo: act.how.intent = Intent::Undo; break;
            case Then::Cancel:
                act.how.intent = Intent::Cancel;
                act.how.ask = execute::CancelRequest{};
                break;
            case Then::Resume:
            case Then::Nothing: break;
        }
        return act;
    }

    // False when its process was killed before the wish was durable: the operator says it again.
    [[nodiscard]] bool then_took_effect() const {
        switch (scene_.one.then) {
            case Then::Undo: return state().undo_began();
            case Then::Cancel: return state().cancel_requested() || run::is_final(state().status());
            case Then::Resume: return state().seq() > *then_begun_at_;
            case Then::Nothing: break;
        }
        return true;
    }

    // --- the end -------------------------------------------------------------------------------

    Outcome finish() {
        outcome_.asked = asked_in(scene_.world);
        for (std::string& trouble : notes(scene_.world, kTroubleFile))
            outcome_.troubles.push_back(std::move(trouble));
        outcome_.run = "not started";
        if (run_) read_run();
        if (run_ && !scene_.one.expect.holds.empty()) {
            const LifeEnd end = cases::live(scene_, {.kind = Act::Kind::Look});
            outcome_.looked = end.looked;
            if (end.error) outcome_.troubles.push_back("holds: " + end.error->message());
        }
        for (const auto& never : scene_.one.expect.never)
            outcome_.canaries.push_back(place_of(never.held, scene_.world));
        outcome_.world = describe(scene_.world, scene_.setting.databases);
        if (scene_.world.postgres() != nullptr) describe_server(*scene_.world.postgres());
        return std::move(outcome_);
    }

    void describe_server(const PrivatePostgres& server) {
        server.end_sessions();
        const std::int64_t reached = CaseClock(scene_.shared, scene_.began).wall().micros;
        const DuringCase during{.from = scene_.began,
                                .to = {std::max(reached, system_clock().wall().micros)}};
        std::vector<std::string> lines = describe_postgres(server, scene_.setting.postgres, during);
        outcome_.world.insert(outcome_.world.end(), lines.begin(), lines.end());
    }

    void read_run() {
        outcome_.run = word_of(state());
        outcome_.outputs = state().outputs();
        const Value params = execute::recorded_params(state());
        const Value about = Value(Value::Map{});
        const execute::RunNames names({.bundle = scene_.suite.bundle,
                                       .state = state(),
                                       .params = params,
                                       .run = about,
                                       .secret = [](std::string_view) { return std::nullopt; }});
        for (const std::string& step : names.step_names()) {
            const auto status = names.step_field(step, "status");
            if (status && status->holds<std::string>())
                outcome_.steps[step] = run::from_name<run::StepStatus>(status->as<std::string>());
        }
        for (const run::Event& event : outcome_.events) read_error(event);
    }

    static std::string word_of(const run::RunState& state) {
        if (state.status() == run::RunStatus::Suspended)
            return state.suspended_why() == run::SuspendWhy::Operator ? "stopped" : "waiting";
        return std::string(run::name_of(state.status()));
    }

    void read_error(const run::Event& event) {
        const auto* finished = std::get_if<run::StepFinished>(&event.payload);
        if (finished == nullptr || finished->outcome != run::StepOutcome::Failed) return;
        const auto found = event.body.find("error");
        if (found == event.body.end()) return;
        const auto text = [&](std::string_view key) {
            const Value* value = found->second.member(key);
            return value == nullptr ? std::string() : to_text(*value);
        };
        outcome_.errors.push_back(
            {run::split_scope(event.scope).step, text("kind"), text("message")});
    }

    const Scene& scene_;
    Outcome outcome_;
    std::optional<journal::LoadedRun> run_;
    const GateAnswer* answering_ = nullptr;
    std::string leaf_;
    std::set<std::pair<std::string, const GateAnswer*>> refused_;
    std::optional<std::int64_t> then_begun_at_;
};

}  // namespace

Outcome play(const Scene& scene) {
    return Play(scene).run();
}

}  // namespace drydock::cases
