#include "engine/execute/requests.h"

#include <algorithm>
#include <utility>

#include "engine/check.h"
#include "engine/config/redaction.h"
#include "engine/json/json.h"
#include "engine/run/ids.h"
#include "engine/runbook/convert.h"
#include "engine/runbook/declaration.h"

namespace drydock::execute {
namespace {

std::string text_in(const Value& map, std::string_view key) {
    const Value* found = map.member(key);
    const auto* text = found == nullptr ? nullptr : found->find<std::string>();
    return text == nullptr ? std::string() : *text;
}

bool can_be_settled(run::StepStatus status) {
    return status == run::StepStatus::Failed || status == run::StepStatus::Unknown ||
           status == run::StepStatus::Cancelled;
}

// A run that has ended is taken up at the steps that it did, whatever its last phase was. Of a list
// that is undone only the items have a scope: it is the one at which the undo stands.
std::string scope_of_step(const run::RunState& state, const std::string& step) {
    const bool ended = run::is_final(state.status());
    std::string whole = run::make_scope(ended ? std::string("do") : state.phase_prefix(), step);
    if (ended || state.phase() != run::Phase::Undo) return whole;
    for (const std::string& scope : state.undo_list()) {
        std::string item = "undo/" + scope.substr(3);
        const run::ScopeState* known = state.find(item);
        const bool open = known != nullptr && can_be_settled(known->status);
        if (open && run::split_scope(item).step == step) return item;
    }
    return whole;
}

const runbook::Gate* gate_of(const runbook::Bundle& bundle, std::string_view id) {
    for (const auto* steps : {&bundle.runbook.steps, &bundle.runbook.finally}) {
        for (const runbook::Step& step : *steps) {
            if (step.id == id) return std::get_if<runbook::Gate>(&step.body);
        }
    }
    return nullptr;
}

std::optional<Error> role_objection(const runbook::Gate& gate, std::string_view actor,
                                    const run::RunState& state, const Roles& roles) {
    if (gate.by.empty()) return std::nullopt;
    const auto starter = state.created_body().find("starter");
    if (starter != state.created_body().end() && to_text(starter->second) == actor) {
        return Error(ErrorCode::Refused,
                     "who started the run cannot pass a gate of role " + gate.by,
                     "ask another member of " + gate.by);
    }
    const auto role = roles.find(gate.by);
    if (role == roles.end()) {
        return Error(ErrorCode::Refused, "nobody has the role " + gate.by,
                     "list its members in drydock.yaml under roles:");
    }
    if (std::ranges::find(role->second, user_of(actor)) == role->second.end()) {
        std::string members;
        for (const std::string& member : role->second)
            members += (members.empty() ? "" : ", ") + member;
        return Error(ErrorCode::Refused, user_of(actor) + " is not of role " + gate.by,
                     gate.by + " is " + members);
    }
    return std::nullopt;
}

std::optional<Error> signature_objection(const AnswerRequest& ask, const runbook::Gate& gate) {
    if (ask.sign_all) return std::nullopt;
    std::string missing;
    for (std::size_t i = 0; i < gate.checklist.size(); ++i) {
        if (!std::holds_alternative<std::monostate>(gate.checklist[i].body)) continue;
        const auto number = static_cast<std::int64_t>(i + 1);
        if (std::ranges::find(ask.signed_items, number) != ask.signed_items.end()) continue;
        missing += (missing.empty() ? "" : ", ") + std::to_string(number);
    }
    if (missing.empty()) return std::nullopt;
    return Error(ErrorCode::Usage, "not signed: item " + missing,
                 "--sign N for each item that you vouch for, or --sign all");
}

std::optional<Error> form_objection(const AnswerRequest& ask, const runbook::Gate& gate) {
    for (const auto& [name, value] : ask.form) {
        if (runbook::find_declaration(gate.form, name) == nullptr) {
            return Error(ErrorCode::Usage, "the gate asks for no " + name);
        }
    }
    for (const auto& [name, declared] : gate.form) {
        const auto given = ask.form.find(name);
        if (given == ask.form.end()) {
            if (declared.default_value) continue;
            return Error(ErrorCode::Usage, "missing answer " + name, "-a " + name + "=…");
        }
        try {
            (void)runbook::convert(given->second, declared, {}, name);
        } catch (const Error& error) {
            return Error(ErrorCode::Usage, error.message(), error.hint());
        }
    }
    return std::nullopt;
}

std::optional<Error> answer_objection(const AnswerRequest& ask, std::string_view actor,
                                      const run::RunState& state, const runbook::Bundle& bundle,
                                      const Roles& roles) {
    const run::ScopeState* scope = state.find(ask.scope);
    const bool waits =
        scope != nullptr && scope->status == run::StepStatus::Waiting && scope->wait != nullptr;
    if (!waits || scope->wait->leaf != ask.leaf) {
        return Error(ErrorCode::Refused,
                     "the gate was settled meanwhile, or shows something else now",
                     "drydock show last");
    }
    const runbook::Gate* gate = gate_of(bundle, run::split_scope(ask.scope).step);
    CHECK(gate != nullptr);
    if (auto no = role_objection(*gate, actor, state, roles)) return no;
    for (const run::Answer& answer : scope->wait->answers) {
        if (answer.actor == actor)
            return Error(ErrorCode::Refused, user_of(actor) + " has answered already");
    }
    if (ask.verdict == run::WaitVerdict::Reject) return std::nullopt;
    if (auto no = signature_objection(ask, *gate)) return no;
    return form_objection(ask, *gate);
}

std::optional<Error> settle_objection(const SettleRequest& ask, const run::RunState& state,
                                      const runbook::Bundle& bundle) {
    bool exists = false;
    for (const auto* steps : {&bundle.runbook.steps, &bundle.runbook.finally}) {
        exists = exists ||
                 std::ranges::any_of(*steps, [&](const auto& step) { return step.id == ask.step; });
    }
    if (!exists) return Error(ErrorCode::NotFound, "the runbook has no step " + ask.step);
    const run::ScopeState* scope = state.find(scope_of_step(state, ask.step));
    const auto status = scope == nullptr ? run::StepStatus::Pending : scope->status;
    const bool open_group =
        scope != nullptr && scope->group != nullptr && status == run::StepStatus::Running;
    const bool skipped_wait =
        ask.verdict == run::Verdict::Skip && status == run::StepStatus::Waiting;
    if (can_be_settled(status) || open_group || skipped_wait) return std::nullopt;
    return Error(ErrorCode::Refused,
                 "step " + ask.step + " is " + std::string(run::name_of(status)) +
                     ": there is nothing to settle",
                 "only failed and unknown steps are settled; drydock show last");
}

}  // namespace

std::string user_of(std::string_view actor) {
    const std::size_t slash = actor.rfind('/');
    return std::string(slash == std::string_view::npos ? actor : actor.substr(slash + 1));
}

journal::Request to_request(const Ask& ask, std::string id, std::int64_t n, std::string actor,
                            std::int64_t at) {
    journal::Request request{.id = std::move(id), .n = n, .actor = std::move(actor), .at = at};
    Value::Map body;
    if (const auto* cancel = std::get_if<CancelRequest>(&ask)) {
        request.kind = "cancel";
        body = {{"mode", run::name_of(cancel->mode)}, {"reason", cancel->reason}};
    } else if (const auto* answer = std::get_if<AnswerRequest>(&ask)) {
        request.kind = "answer";
        Value::List items;
        for (const std::int64_t item : answer->signed_items) items.emplace_back(item);
        body = {{"scope", answer->scope},
                {"leaf", answer->leaf},
                {"verdict", run::name_of(answer->verdict)},
                {"comment", answer->comment},
                {"form", answer->form},
                {"items", std::move(items)},
                {"all", answer->sign_all}};
    } else {
        const auto& settle = std::get<SettleRequest>(ask);
        request.kind = "settle";
        body = {{"step", settle.step},
                {"verdict", run::name_of(settle.verdict)},
                {"reason", settle.reason},
                {"output", settle.output}};
    }
    request.body = json::write_typed(body);
    return request;
}

Ask from_request(const journal::Request& request) {
    const Value body = json::parse_typed(request.body);
    if (request.kind == "cancel") {
        return CancelRequest{run::from_name<run::CancelMode>(text_in(body, "mode")),
                             text_in(body, "reason")};
    }
    if (request.kind == "settle") {
        const Value* output = body.member("output");
        return SettleRequest{text_in(body, "step"),
                             run::from_name<run::Verdict>(text_in(body, "verdict")),
                             text_in(body, "reason"), output == nullptr ? Value() : *output};
    }
    if (request.kind != "answer")
        throw Error(ErrorCode::Journal,
                    "the journal holds a request of the unknown kind " + request.kind);
    AnswerRequest answer{.scope = text_in(body, "scope"), .leaf = text_in(body, "leaf")};
    answer.verdict = run::from_name<run::WaitVerdict>(text_in(body, "verdict"));
    answer.comment = text_in(body, "comment");
    if (const Value* form = body.member("form"); form != nullptr && form->holds<Value::Map>())
        answer.form = form->as<Value::Map>();
    if (const Value* items = body.member("items");
        items != nullptr && items->holds<Value::List>()) {
        for (const Value& item : items->as<Value::List>())
            answer.signed_items.push_back(item.as<std::int64_t>());
    }
    const Value* all = body.member("all");
    answer.sign_all = all != nullptr && *all == Value(true);
    return answer;
}

std::optional<std::string> open_gate(const run::RunState& state, const runbook::Bundle& bundle) {
    for (const auto* steps : {&bundle.runbook.steps, &bundle.runbook.finally}) {
        for (const runbook::Step& step : *steps) {
            if (!std::holds_alternative<runbook::Gate>(step.body)) continue;
            std::string scope = scope_of_step(state, step.id);
            const run::ScopeState* known = state.find(scope);
            if (known != nullptr && known->status == run::StepStatus::Waiting) return scope;
        }
    }
    return std::nullopt;
}

std::optional<Error> objection(const Ask& ask, std::string_view actor, const run::RunState& state,
                               const runbook::Bundle& bundle, const Roles& roles) {
    if (run::is_final(state.status()) && !std::holds_alternative<SettleRequest>(ask)) {
        return Error(ErrorCode::Refused,
                     "the run has ended: " + std::string(run::name_of(state.status())),
                     "drydock show " + run::short_id(state.run()));
    }
    if (const auto* answer = std::get_if<AnswerRequest>(&ask))
        return answer_objection(*answer, actor, state, bundle, roles);
    if (const auto* settle = std::get_if<SettleRequest>(&ask))
        return settle_objection(*settle, state, bundle);
    if (state.phase() == run::Phase::Final &&
        std::get<CancelRequest>(ask).mode == run::CancelMode::Safe) {
        return Error(ErrorCode::Refused, "the run is in its finally steps and ends by itself",
                     "drydock cancel --now interrupts the step that runs");
    }
    return std::nullopt;
}

namespace {

void grant_cancel(const CancelRequest& ask, std::string_view actor, const std::string& id,
                  Workshop& shop) {
    shop.writer.add(
        run::CancelRequested{.mode = ask.mode, .request = id},
        {.body = {{"reason", shop.redactor.redact(ask.reason)}}, .actor = std::string(actor)});
}

void grant_answer(const AnswerRequest& ask, std::string_view actor, const std::string& id,
                  Workshop& shop) {
    const run::ScopeState* scope = shop.state.find(ask.scope);
    const runbook::Gate* gate = gate_of(shop.bundle, run::split_scope(ask.scope).step);
    Value::Map form;
    for (const auto& [name, value] : ask.form) {
        form.emplace(name, runbook::convert(value, *runbook::find_declaration(gate->form, name),
                                            shop.folders, name));
    }
    Value::List items;
    for (std::size_t i = 0; i < gate->checklist.size(); ++i) {
        const auto number = static_cast<std::int64_t>(i + 1);
        const bool human = std::holds_alternative<std::monostate>(gate->checklist[i].body);
        const bool signed_now =
            ask.sign_all || std::ranges::find(ask.signed_items, number) != ask.signed_items.end();
        if (human && signed_now) items.emplace_back(number);
    }
    shop.writer.add(run::WaitAnswered{.leaf = ask.leaf, .verdict = ask.verdict, .request = id},
                    {.scope = ask.scope,
                     .attempt = scope->attempt,
                     .body = {{"comment", shop.redactor.redact(ask.comment)},
                              {"form", form},
                              {"signed", items}},
                     .actor = std::string(actor)});
}

void settle_scope(const SettleRequest& ask, const std::string& scope, std::string_view actor,
                  const std::string& id, Workshop& shop) {
    Value::Map body{{"reason", shop.redactor.redact(ask.reason)}};
    if (!ask.output.is_null()) body.emplace("output", ask.output);
    shop.writer.add(
        run::StepSettled{.verdict = ask.verdict, .by = run::SettledBy::Operator, .request = id},
        {.scope = scope,
         .attempt = shop.state.find(scope)->attempt,
         .body = std::move(body),
         .actor = std::string(actor)});
}

// A foreach is settled at the item that failed, and then as a whole: it goes on from that item.
void grant_settle(const SettleRequest& ask, std::string_view actor, const std::string& id,
                  Workshop& shop) {
    const std::string scope = scope_of_step(shop.state, ask.step);
    const run::ScopeState* state = shop.state.find(scope);
    if (state->group == nullptr) {
        settle_scope(ask, scope, actor, id, shop);
        return;
    }
    const std::string phase = shop.state.phase_prefix();
    for (std::size_t i = 1; i <= state->group->list.size(); ++i) {
        const std::string item =
            run::make_item_scope(phase, ask.step, static_cast<std::int64_t>(i));
        const run::ScopeState* known = shop.state.find(item);
        if (known == nullptr) break;
        if (can_be_settled(known->status)) settle_scope(ask, item, actor, id, shop);
    }
    if (state->status == run::StepStatus::Running) return;
    SettleRequest group = ask;
    group.verdict = run::Verdict::Retry;
    group.output = Value();
    settle_scope(group, scope, actor, id, shop);
}

}  // namespace

void grant(const Ask& ask, std::string_view actor, const std::string& request_id, Workshop& shop) {
    if (const auto* cancel = std::get_if<CancelRequest>(&ask)) {
        grant_cancel(*cancel, actor, request_id, shop);
    } else if (const auto* answer = std::get_if<AnswerRequest>(&ask)) {
        grant_answer(*answer, actor, request_id, shop);
    } else {
        grant_settle(std::get<SettleRequest>(ask), actor, request_id, shop);
    }
}

}  // namespace drydock::execute
