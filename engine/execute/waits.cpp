#include "engine/execute/waits.h"

#include <algorithm>
#include <utility>

#include "engine/check.h"
#include "engine/config/redaction.h"
#include "engine/execute/requests.h"
#include "engine/execute/settle.h"
#include "engine/run/ids.h"

namespace drydock::execute {
namespace {

constexpr Microseconds kItemTimeout{120'000'000};

Value::Map form_of(const runbook::Gate& gate) {
    Value::Map form;
    for (const auto& [name, declared] : gate.form) form.emplace(name, Value(declared.description));
    return form;
}

// Approvals by different people; who starts a run never passes a gate that names a role.
std::int64_t approvals(const run::WaitState& wait) {
    std::vector<std::string> actors;
    for (const run::Answer& answer : wait.answers) {
        if (answer.verdict == run::WaitVerdict::Approve) actors.push_back(answer.actor);
    }
    std::ranges::sort(actors);
    actors.erase(std::ranges::unique(actors).begin(), actors.end());
    return static_cast<std::int64_t>(actors.size());
}

const run::Answer* rejection(const run::WaitState& wait) {
    for (const run::Answer& answer : wait.answers) {
        if (answer.verdict == run::WaitVerdict::Reject) return &answer;
    }
    return nullptr;
}

std::string comment_of(const run::Answer& answer) {
    const auto found = answer.body.find("comment");
    return found == answer.body.end() ? std::string() : to_text(found->second);
}

Value gate_output(const run::WaitState& wait) {
    Value::Map output;
    std::string by;
    for (const run::Answer& answer : wait.answers) {
        const auto form = answer.body.find("form");
        if (form != answer.body.end()) {
            if (const auto* fields = form->second.find<Value::Map>()) {
                for (const auto& [name, value] : *fields) output.insert_or_assign(name, value);
            }
        }
        if (!by.empty()) by += ", ";
        by += answer.actor;
        output.insert_or_assign("at", Timestamp{answer.time});
    }
    output.insert_or_assign("by", by);
    return output;
}

}  // namespace

Waits::Waits(Workshop& shop) : shop_(shop) {}

void Waits::open(const runbook::Step& step, const std::string& scope, const Names& names) {
    if (const auto* gate = std::get_if<runbook::Gate>(&step.body)) {
        open_gate(step, *gate, scope, names);
        return;
    }
    const Evaluation evaluation(shop_.runner, names, shop_.folders);
    const auto& wait = std::get<runbook::Wait>(step.body);
    const std::int64_t now = shop_.clock.wall().micros;
    std::int64_t due = 0;
    Value until = evaluation.value(wait.until, nullptr, "wait");
    if (const auto* text = until.find<std::string>()) {
        // Written out: a moment has a date and a zone, anything else is a duration.
        const bool moment = text->find('-') != std::string::npos;
        until = evaluation.value(
            wait.until, moment ? runbook::Type::Timestamp : runbook::Type::Duration, "wait");
    }
    if (const auto* moment = until.find<Timestamp>()) due = moment->micros;
    if (const auto* duration = until.find<Duration>()) due = now + duration->length.count();
    if (due == 0)
        throw Error(ErrorCode::Document,
                    "wait: wants a duration or a timestamp, not " + std::string(until.kind()),
                    "wait: 1h, or wait: \"${params.moment}\"");
    shop_.writer.add(run::WaitBegan{.what = run::WaitWhat::Timer, .due = due},
                     {.scope = scope, .attempt = 1});
}

void Waits::open_gate(const runbook::Step& step, const runbook::Gate& gate,
                      const std::string& scope, const Names& names) {
    const Evaluation evaluation(shop_.runner, names, shop_.folders);
    run::WaitBegan began{.what = run::WaitWhat::Approval, .need = gate.count};
    if (step.timeout) {
        began.due =
            shop_.clock.wall().micros + evaluation.duration(step.timeout, {}, "timeout").count();
    }
    Value::Map body{
        {"prompt", evaluation.text(gate.prompt)}, {"by", gate.by}, {"form", form_of(gate)}};
    body.emplace("items", check_items(gate, scope, names));
    const run::ScopeState* before = shop_.state.find(scope);
    shop_.writer.add(std::move(began), {.scope = scope,
                                        .attempt = before == nullptr ? 1 : before->attempt + 1,
                                        .body = std::move(body)});
}

Value::List Waits::check_items(const runbook::Gate& gate, const std::string& scope,
                               const Names& names) {
    Value::List items;
    for (std::size_t i = 0; i < gate.checklist.size(); ++i) {
        items.push_back(check_item(gate.checklist[i], i + 1, scope, names));
    }
    return items;
}

Value Waits::check_item(const runbook::ChecklistItem& item, std::size_t number,
                        const std::string& scope, const Names& names) {
    const Evaluation evaluation(shop_.runner, names, shop_.folders);
    Value::Map shown{{"n", static_cast<std::int64_t>(number)}};
    shown.emplace("text", item.text ? evaluation.text(*item.text) : std::string());
    if (std::holds_alternative<std::monostate>(item.body)) return shown;

    runbook::Step step;
    step.id = run::split_scope(scope).step;
    if (const auto* uses = std::get_if<runbook::ActionCall>(&item.body)) step.body = *uses;
    if (const auto* lua = std::get_if<runbook::LuaBody>(&item.body)) step.body = *lua;
    std::optional<BodyCall> call = body_call(shop_.bundle, step, BodyCall::Part::Run);
    CHECK(call.has_value());
    AttemptContext context(shop_, {.scope = scope,
                                   .attempt = static_cast<std::int64_t>(number),
                                   .bound = runbook::Effect::Read,
                                   .deadline = shop_.clock.boot() + kItemTimeout,
                                   .action = call->action,
                                   .journaled = false},
                           names);
    AttemptEnd end;
    try {
        if (call->action != nullptr)
            call->with = evaluation.with(std::get<runbook::ActionCall>(step.body), *call->action);
        end = run_attempt(shop_, context, *call, nullptr);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::Journal) throw;
        end.how = AttemptEnd::Raised{error};
    }
    bool holds = false;
    if (const auto* returned = std::get_if<AttemptEnd::Returned>(&end.how)) {
        holds = !(returned->output == Value(false));
    } else if (const auto* raised = std::get_if<AttemptEnd::Raised>(&end.how)) {
        shown.emplace("said", shop_.redactor.redact(raised->error.message()));
    }
    shown.emplace("holds", holds);
    return shown;
}

Waits::Now Waits::look(const runbook::Step& step, const std::string& scope, const Names& names) {
    if (const auto* gate = std::get_if<runbook::Gate>(&step.body))
        return look_at_gate(step, *gate, scope, names);
    return look_at_timer(scope);
}

Waits::Now Waits::look_at_timer(const std::string& scope) {
    const run::ScopeState* state = shop_.state.find(scope);
    if (shop_.clock.wall().micros < state->wait->due) return Now::Timer;
    answered(scope, run::WaitVerdict::Elapsed);
    shop_.writer.add(run::StepFinished{}, {.scope = scope, .attempt = state->attempt});
    return Now::Settled;
}

Waits::Now Waits::look_at_gate(const runbook::Step& step, const runbook::Gate& gate,
                               const std::string& scope, const Names& names) {
    const run::ScopeState* state = shop_.state.find(scope);
    const run::WaitState& wait = *state->wait;
    if (const run::Answer* no = rejection(wait)) {
        const std::string comment = comment_of(*no);
        const std::string who = user_of(no->actor);
        failed(scope, Error(ErrorCode::Check,
                            "rejected by " + who + (comment.empty() ? "" : ": " + comment),
                            "drydock resume last opens the gate again", "rejected"));
        return Now::Settled;
    }
    if (approvals(wait) >= std::max<std::int64_t>(1, wait.need)) {
        for (const Value& item : check_items(gate, scope, names)) {
            const Value* holds = item.member("holds");
            if (holds == nullptr || holds->as<bool>()) continue;
            const Value* said = item.member("said");
            failed(scope, Error(ErrorCode::Check,
                                "item " + to_text(*item.member("n")) +
                                    " does not hold: " + to_text(*item.member("text")) +
                                    (said ? ": " + to_text(*said) : ""),
                                "mend it, then drydock resume last opens the gate again"));
            return Now::Settled;
        }
        Value output = gate_output(wait);
        shop_.writer.add(
            run::StepFinished{},
            {.scope = scope, .attempt = state->attempt, .body = {{"output", std::move(output)}}});
        return Now::Settled;
    }
    if (wait.due > 0 && shop_.clock.wall().micros >= wait.due) {
        answered(scope, run::WaitVerdict::Expired);
        failed(scope, Error(ErrorCode::Timeout, "nobody passed the gate " + step.id + " in time",
                            "drydock resume last opens it again", "expired"));
        return Now::Settled;
    }
    return Now::People;
}

void Waits::answered(const std::string& scope, run::WaitVerdict verdict) {
    const run::ScopeState* state = shop_.state.find(scope);
    shop_.writer.add(run::WaitAnswered{.leaf = state->wait->leaf, .verdict = verdict},
                     {.scope = scope, .attempt = state->attempt});
}

void Waits::failed(const std::string& scope, const Error& error) {
    shop_.writer.add(run::StepFinished{.outcome = run::StepOutcome::Failed},
                     {.scope = scope, .attempt = shop_.state.find(scope)->attempt,
                      .body = {{"error", error_value(error, shop_.redactor)}}});
}

}  // namespace drydock::execute
