#include "engine/execute/run_names.h"

#include <algorithm>
#include <utility>

#include "engine/check.h"
#include "engine/run/ids.h"

namespace drydock::execute {
namespace {

bool has_step(const std::vector<runbook::Step>& steps, std::string_view id) {
    return std::ranges::any_of(steps, [&](const runbook::Step& step) { return step.id == id; });
}

Value reserved_field(const run::ScopeState* scope, std::string_view field) {
    if (field == "status")
        return run::name_of(scope == nullptr ? run::StepStatus::Pending : scope->status);
    if (scope == nullptr) return {};
    if (field == "started") return scope->started == 0 ? Value() : Value(Timestamp{scope->started});
    if (field == "seconds" && scope->finished > 0) {
        return static_cast<double>(scope->finished - scope->started) / 1e6;
    }
    if (field == "error") {
        const Value* message = scope->error.member("message");
        return message == nullptr ? Value() : *message;
    }
    return {};
}

bool is_reserved(std::string_view field) {
    return field == "status" || field == "started" || field == "seconds" || field == "error";
}

}  // namespace

RunNames::RunNames(Parts parts) : parts_(std::move(parts)) {}

RunNames RunNames::for_scope(std::string_view scope) const {
    const run::ScopeParts parts = run::split_scope(scope);
    RunNames names(parts_);
    if (parts.index == 0) return names;
    const auto* group =
        parts_.state.find(run::make_scope(parts.phase == "undo" ? "do" : parts.phase, parts.step));
    CHECK(group != nullptr && group->group != nullptr);
    names.item_ = group->group->list.at(static_cast<std::size_t>(parts.index - 1));
    names.index_ = parts.index;
    return names;
}

std::optional<Value> RunNames::step_field(std::string_view step, std::string_view field) const {
    const runbook::Runbook& book = parts_.bundle.runbook;
    std::string scope = run::make_scope("do", step);
    if (!has_step(book.steps, step)) {
        if (!has_step(book.finally, step)) return std::nullopt;
        scope = run::make_scope(
            "fin" + std::to_string(std::max<std::int64_t>(1, parts_.state.episode())), step);
    }
    const run::ScopeState* state = parts_.state.find(scope);
    if (is_reserved(field)) return reserved_field(state, field);
    if (state == nullptr) return Value();
    if (field == "items") return state->group == nullptr ? Value() : items_of(scope, *state);
    const bool succeeded =
        state->status == run::StepStatus::Succeeded || state->status == run::StepStatus::Undone;
    if (!succeeded) return Value();
    const Value* found = state->output.member(field);
    return found == nullptr ? Value() : *found;
}

Value RunNames::items_of(const std::string& scope, const run::ScopeState& group) const {
    const run::ScopeParts parts = run::split_scope(scope);
    Value::List outputs;
    for (std::size_t i = 1; i <= group.group->list.size(); ++i) {
        const auto* item = parts_.state.find(
            run::make_item_scope(parts.phase, parts.step, static_cast<std::int64_t>(i)));
        outputs.push_back(item == nullptr ? Value() : item->output);
    }
    return outputs;
}

std::vector<std::string> RunNames::step_names() const {
    std::vector<std::string> names;
    for (const auto* steps : {&parts_.bundle.runbook.steps, &parts_.bundle.runbook.finally}) {
        for (const runbook::Step& step : *steps) names.push_back(step.id);
    }
    return names;
}

}  // namespace drydock::execute
