#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/execute/attempt_context.h"
#include "engine/journal/journal.h"
#include "engine/plan/plan.h"

namespace drydock::execute {

// Who may answer for which role: names as the operating system gives them.
using Roles = std::map<std::string, std::vector<std::string>, std::less<>>;

// What people ask of a run, typed. Travels as a journal::Request when another process owns the run.
struct CancelRequest {
    run::CancelMode mode = run::CancelMode::Safe;
    std::string reason;
};
struct AnswerRequest {
    std::string scope, leaf;  // of the gate, as the asker saw it
    run::WaitVerdict verdict = run::WaitVerdict::Approve;
    std::string comment;
    Value::Map form;                    // texts, converted by the form's declarations
    std::vector<std::int64_t> signed_items;
    bool sign_all = false;
};
struct SettleRequest {
    std::string step;
    run::Verdict verdict = run::Verdict::Retry;
    std::string reason;
    Value output;  // of Applied
};
using Ask = std::variant<CancelRequest, AnswerRequest, SettleRequest>;

[[nodiscard]] journal::Request to_request(const Ask& ask, std::string id, std::int64_t n,
                                          std::string actor, std::int64_t at);
[[nodiscard]] Ask from_request(const journal::Request& request);

// The waiting gate of a run, if there is one: its scope, and its step's id.
[[nodiscard]] std::optional<std::string> open_gate(const run::RunState& state,
                                                   const runbook::Bundle& bundle);

// Why `ask` cannot be granted now; nullopt when it can. Pure, so that the asker can look first.
[[nodiscard]] std::optional<Error> objection(const Ask& ask, std::string_view actor,
                                             const run::RunState& state,
                                             const runbook::Bundle& bundle, const Roles& roles);

// Appends the events of `ask`, which has no objection. Not committed yet.
void grant(const Ask& ask, std::string_view actor, const std::string& request_id, Workshop& shop);

// "uid:1000/anna" → "anna".
[[nodiscard]] std::string user_of(std::string_view actor);

}  // namespace drydock::execute
